import type {
  Bulletin,
  DerivedFields,
  LiveAssertion,
  Marking,
  RetractionReason,
  RowDisputes,
  Statement,
  WithdrawalReason,
} from '#libs/domain';
import { ASSERTIONS_LISTED, eventId, mergeAssertions, UNDISPUTED } from '#libs/domain';

/** Marking as it travels. */
export interface MarkingJson {
  tlp: string;
  releasable_to: string[] | 'all';
  caveats: string[];
  audience?: string;
}

/**
 * A record of a channel: one version of one row (type `row`) or its end (type `withdrawal`). Within `.v1` fields are
 * only added, optional and safe to ignore. A reader applies only a higher version; it takes an unknown ceiling as
 * `log`, an unknown marking as nobody, an unknown withdrawal reason as withdrawn.
 *
 * @public
 */
export type ChannelRecord = RowRecord | WithdrawalRecord;

interface RecordHead {
  /** UUIDv5 of (channel, row, version), the same at every repeat. */
  id: string;
  channel: string;
  row_id: string;
  version: number;
  generation: number;
  /** ISO 8601. */
  published_at: string;
  drill: boolean;
}

export interface RowRecord extends RecordHead {
  type: 'row';
  signal?: { type: string; value: string };
  bulletin?: { title: string; what_is_happening?: string; how_to_recognise?: string; what_to_do?: string };
  marking: MarkingJson;
  harms: string[];
  ceiling: string;
  ceiling_by_country?: Record<string, string>;
  confidence?: number;
  severity?: string;
  valid_until: string;
  /** Several platforms say that it is wrong; absent where they do not. */
  disputed?: boolean;
  assertions: AssertionJson[];
  assertions_total: number;
}

export interface WithdrawalRecord extends RecordHead {
  type: 'withdrawal';
  reason: WithdrawalReason;
  retraction_reason?: RetractionReason;
  /** Whether platforms are asked to restore what they did because of the row. */
  restore: boolean;
}

export interface AssertionJson {
  advisory_id: string;
  agency: { id: string; name: string; country: string };
  quality?: number;
  [field: string]: unknown;
}

function markingJson(marking: Marking): MarkingJson {
  return {
    tlp: marking.tlp,
    releasable_to: marking.releasableTo,
    caveats: marking.caveats,
    audience: marking.audience,
  };
}

/** Allow-list: exactly these fields of a statement leave. */
function statementJson(statement: Statement): Record<string, unknown> {
  return {
    harms: statement.harms,
    context: statement.context,
    csea_class: statement.cseaClass,
    csea_verification: statement.cseaVerification,
    entity: statement.entity && {
      name: statement.entity.name,
      designations: statement.entity.designations.map(({ list, country, date }) => ({ list, country, date })),
    },
    unlawful_in: statement.unlawfulIn.map(({ country, provision }) => ({ country, provision })),
    confidence: statement.confidence,
    severity: statement.severity,
    ceiling: statement.ceiling,
    ceiling_by_country: statement.ceilingByCountry,
    legal_basis: statement.legalBasis,
    nature: statement.nature,
    origin: statement.origin,
    surface: statement.surface,
    valid_from: statement.validFrom,
    valid_until: statement.validUntil,
    last_seen_live_at: statement.lastSeenLiveAt,
    jurisdiction: statement.jurisdiction,
    language: statement.language,
    contact: {
      desk: statement.contact.name,
      email: statement.contact.email,
      phone: statement.contact.phone,
    },
    marking: markingJson(statement.marking),
  };
}

function assertionJson({ advisoryId, agency, quality, statement }: LiveAssertion): AssertionJson {
  return {
    advisory_id: advisoryId,
    agency: { id: agency.id, name: agency.name, country: agency.country },
    quality,
    ...statementJson(statement),
  };
}

/** What identifies one version of a row. */
export interface RowVersion {
  channel: string;
  rowId: string;
  version: number;
  generation: number;
  publishedAt: string;
  drill: boolean;
}

/** What a row is about. */
export type RowSubject = { signal: { type: string; value: string } } | { bulletin: Bulletin };

function head({ channel, rowId, version, generation, publishedAt, drill }: RowVersion): Omit<RecordHead, 'id'> {
  return { channel, row_id: rowId, version, generation, published_at: publishedAt, drill };
}

function subjectJson(subject: RowSubject): Pick<RowRecord, 'signal' | 'bulletin'> {
  if ('signal' in subject) return { signal: { type: subject.signal.type, value: subject.signal.value } };
  const { title, whatIsHappening, howToRecognise, whatToDo } = subject.bulletin;
  return {
    bulletin: { title, what_is_happening: whatIsHappening, how_to_recognise: howToRecognise, what_to_do: whatToDo },
  };
}

function derivedJson(
  derived: DerivedFields,
): Omit<RowRecord, keyof RecordHead | 'type' | 'assertions' | 'assertions_total'> {
  return {
    marking: markingJson(derived.marking),
    harms: derived.harms,
    ceiling: derived.ceiling,
    ceiling_by_country: Object.keys(derived.ceilingByCountry).length > 0 ? derived.ceilingByCountry : undefined,
    confidence: derived.confidence,
    severity: derived.severity,
    valid_until: derived.validUntil,
  };
}

/** The part of a row record that depends only on its assertions, and on who disputes them, as JSON text without the opening brace. */
export function assertedPart(assertions: readonly LiveAssertion[], disputes: RowDisputes = UNDISPUTED): string {
  const sorted = [...assertions].sort((a, b) => (a.id < b.id ? -1 : 1));
  return JSON.stringify({
    ...derivedJson(mergeAssertions(sorted, disputes)),
    disputed: disputes.disputed || undefined,
    assertions: sorted.slice(0, ASSERTIONS_LISTED).map(assertionJson),
    assertions_total: sorted.length,
  }).slice(1);
}

/**
 * The record of a live row as JSON text: a pure function of the row, so that a repeat or a rebuild gives the same
 * bytes. `asserted` is the result of {@link assertedPart}; rows with the same assertions share it.
 */
export function rowRecord(row: RowVersion, subject: RowSubject, asserted: string): { id: string; text: string } {
  const id = eventId(row.channel, row.rowId, row.version);
  const start = JSON.stringify({ id, type: 'row', ...head(row), ...subjectJson(subject) });
  return { id, text: `${start.slice(0, -1)},${asserted}` };
}

/** The record that ends a row: nothing of its content, only that it is no longer live, and why. */
export function withdrawalRecord(
  row: RowVersion,
  why: { reason: WithdrawalReason; retractionReason?: RetractionReason; restore: boolean },
): { id: string; text: string } {
  const id = eventId(row.channel, row.rowId, row.version);
  const record: WithdrawalRecord = {
    id,
    type: 'withdrawal',
    ...head(row),
    reason: why.reason,
    retraction_reason: why.retractionReason,
    restore: why.restore,
  };
  return { id, text: JSON.stringify(record) };
}
