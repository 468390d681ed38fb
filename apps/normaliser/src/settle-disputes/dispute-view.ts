import type { Principal } from '#libs/access';
import { isCsea, type SignalType } from '#libs/domain';
import { showSignal, type ShownSignal } from '../hold-for-a-person/shown-signal.js';

/** A dispute as stored, with what is said of its row now. */
export interface DisputeRow {
  id: string;
  row_id: string;
  reason: string;
  of_public_interest: boolean;
  state: 'open' | 'upheld' | 'dismissed';
  opened_at: Date;
  due_at: Date;
  decided_at: Date | null;
  sentence: string | null;
  /** Agencies that asserted the row when it was opened, and those that do now. */
  asserted_by: string[];
  /** Agencies that ever did: to one that does no more, its being open would say that another does (I17). */
  once_asserted_by: string[];
  /** Whether everything that is said of the row may be shown to agencies of the viewer's country. */
  releasable: boolean;
  harms: string[];
  contexts: string[];
  signal: { type: SignalType; value: string } | null;
}

/** A dispute as shown. Nobody is told which platforms raised it, nor how many. */
export interface DisputeView {
  id: string;
  row_id: string;
  reason: string;
  of_public_interest: boolean;
  state: string;
  /** Whether the viewer's agency asserts the row. */
  own: boolean;
  harms: string[];
  contexts: string[];
  /** Absent for a bulletin, and where the value was erased. */
  signal?: ShownSignal;
  opened_at: string;
  due_at: string;
  /** Whether its time has run out without a decision: the ceiling stays lowered. */
  overdue: boolean;
  decided_at?: string;
  sentence?: string;
}

/** What is said of the row of a case `d`, as {@link saidOfRow} found it. */
export const SAID_COLUMNS = `x.releasable, x.harms, x.contexts,
  (SELECT jsonb_build_object('type', type, 'value', value) FROM normaliser.signal
    WHERE id = d.row_id AND value IS NOT NULL) AS signal`;

/**
 * Joins what is said of the row of a case `d`. It may be shown to approvers of another agency as far as its markings are
 * releasable to their country, since one of them may decide.
 * @param country the parameter with the viewer's country, as `$1`
 */
export const saidOfRow = (country: string): string => `
  CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(DISTINCT v.agency_id), '{}') AS asserting,
      coalesce(bool_and(s.body #>> '{statement,marking,tlp}' NOT IN ('red', 'amber+strict')
        AND (s.body #> '{statement,marking,releasableTo}' = '"all"' OR s.body #> '{statement,marking,releasableTo}' ? ${country})),
        false) AS releasable,
      coalesce(jsonb_agg(DISTINCT h.harm) FILTER (WHERE h.harm IS NOT NULL), '[]') AS harms,
      coalesce(jsonb_agg(DISTINCT s.body #>> '{statement,context}')
        FILTER (WHERE s.body #>> '{statement,context}' IS NOT NULL), '[]') AS contexts
    FROM normaliser.assertion a
    JOIN normaliser.advisory v ON v.id = a.advisory_id
    JOIN normaliser.statement s ON s.id = a.statement_id
    LEFT JOIN LATERAL jsonb_array_elements_text(s.body #> '{statement,harms}') AS h(harm) ON true
    WHERE a.row_id = d.row_id) x`;

/** Agencies that ever asserted the row of a case `d`. */
export const ONCE_ASSERTING = `ARRAY(SELECT p.agency_id FROM normaliser.past_marking p WHERE p.row_id = d.row_id)`;

/** What is told with a dispute. @param country see {@link saidOfRow} */
export const disputeColumns = (country: string): string => `
  d.id, d.row_id, d.reason, d.of_public_interest, d.state, d.opened_at, d.due_at, d.decided_at, d.sentence,
  d.owners || x.asserting AS asserted_by, ${ONCE_ASSERTING} AS once_asserted_by, ${SAID_COLUMNS} FROM normaliser.dispute d ${saidOfRow(country)}`;

/** Whether a person may know of a dispute: operators and overseers, who asserts the row, and who may decide about it. */
export function mayKnowDispute(
  { organisationKind, organisationId, roles }: Principal,
  { asserted_by, once_asserted_by, releasable }: DisputeRow,
): boolean {
  if (organisationKind !== 'agency' || asserted_by.includes(organisationId)) return true;
  return !once_asserted_by.includes(organisationId) && releasable && roles.includes('approver');
}

export function viewDispute(row: DisputeRow, viewer: Principal): DisputeView {
  return {
    id: row.id,
    row_id: row.row_id,
    reason: row.reason,
    of_public_interest: row.of_public_interest,
    state: row.state,
    own: row.asserted_by.includes(viewer.organisationId),
    harms: row.harms,
    contexts: row.contexts,
    ...(row.signal && { signal: showSignal(row.signal, isCsea(row.harms)) }),
    opened_at: row.opened_at.toISOString(),
    due_at: row.due_at.toISOString(),
    overdue: row.state === 'open' && row.due_at.getTime() <= Date.now(),
    decided_at: row.decided_at?.toISOString(),
    sentence: row.sentence ?? undefined,
  };
}
