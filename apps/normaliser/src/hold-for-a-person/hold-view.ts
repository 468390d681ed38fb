import type { Principal } from '#libs/access';
import { HOLD_REASONS, isCsea, type ContactDesk, type HoldReason } from '#libs/domain';
import type { Asked } from '../ask-first/ask-first.js';
import type { HeldItem } from './hold-writer.js';
import { showSignal, type ShownSignal } from './shown-signal.js';

/** A hold as stored. */
export interface HoldRow {
  id: string;
  submission_id: string;
  agency_id: string;
  submitted_by: string;
  completed_by: string[];
  scope: 'submission' | 'item';
  reason: HoldReason;
  rule: string;
  rule_version: number;
  detail: Record<string, unknown>;
  position: string | null;
  candidate: HeldItem | null;
  opened_at: Date;
  state: 'open' | 'released' | 'refused' | 'completed';
  decided_by: string | null;
  decided_at: Date | null;
  decision_reason: string | null;
  asked: Asked | null;
  due_at: Date | null;
  channels: string[] | null;
}

/** A hold as shown to those who may decide about it. */
export interface HoldView {
  id: string;
  submission_id?: string;
  agency_id: string;
  scope: string;
  reason: string;
  releasable: boolean;
  rule: string;
  rule_version: number;
  detail: Record<string, unknown>;
  position?: number;
  /** What would be published if it were released. */
  signals?: ShownSignal[];
  /** Channels that its words name; an address or a licensed hash may go to fewer, or to its host alone. */
  channels?: string[];
  opened_at: string;
  state: string;
  decided_at?: string;
  decision_reason?: string;
  /** For the agency that wants to be asked first: who asks, whom to call, and when it goes on by itself. */
  ask?: { agency: string; contact: ContactDesk; due_at: string };
}

/**
 * Whether a person may know of a hold: operators, the agency itself, and approvers of another agency to whose country
 * the words are releasable, since one of them may let a protected item go; and the agencies that are to be asked first.
 */
export function mayKnow(principal: Principal, { agency_id, reason, detail, asked }: HoldRow): boolean {
  if (isAskedOf(asked, principal)) return true;
  if (principal.organisationKind !== 'agency' || agency_id === principal.organisationId) return true;
  const { releasable_to } = detail;
  const released =
    releasable_to === 'all' || (Array.isArray(releasable_to) && releasable_to.includes(principal.country));
  return reason === 'protected-list' && released;
}

/** Whether any of the words that speak of an item calls it abuse material, also where other words held it first. */
function isOfAbuse({ reason, detail, candidate: held }: Pick<HoldRow, 'reason' | 'detail' | 'candidate'>): boolean {
  if (reason === 'csea-not-cryptographic' || detail.csea === true) return true;
  return held !== null && [held.candidate, ...held.declared].some(({ draft }) => isCsea(draft?.harms ?? []));
}

/** The submission behind a hold is told to its own agency and to operators only. */
export function viewHold(row: HoldRow, viewer: Principal): HoldView {
  const own = viewer.organisationKind === 'operator' || row.agency_id === viewer.organisationId;
  return {
    id: row.id,
    submission_id: own ? row.submission_id : undefined,
    agency_id: row.agency_id,
    scope: row.scope,
    reason: row.reason,
    releasable: HOLD_REASONS[row.reason].releasable,
    rule: row.rule,
    rule_version: row.rule_version,
    detail: row.detail,
    position: row.position === null ? undefined : Number(row.position),
    signals: row.candidate?.candidate.signals.map((signal) => showSignal(signal, isOfAbuse(row))),
    channels: row.channels ?? undefined,
    opened_at: row.opened_at.toISOString(),
    state: row.state,
    decided_at: row.decided_at?.toISOString(),
    decision_reason: row.decision_reason ?? undefined,
    ...(row.asked && isAskedOf(row.asked, viewer) && row.due_at && asAsked(row.asked, row.due_at)),
  };
}

/** Whether the organisation of a person is one of those that an item waits for. */
export function isAskedOf(asked: Asked | null, { organisationId }: Principal): boolean {
  return asked?.of.includes(organisationId) ?? false;
}

function asAsked({ agency, contact }: Asked, dueAt: Date): Pick<HoldView, 'ask'> {
  return { ask: { agency, contact, due_at: dueAt.toISOString() } };
}
