import type { HoldReason, ItemCounts, SubmissionKind, SubmissionState } from '#libs/domain';
import type { ReadCheckpoint } from '#libs/formats';

/** Where a job goes on. A document is read from a place; a walk over rows goes on after a row. */
export type JobCheckpoint =
  | { at: 'document'; from: ReadCheckpoint }
  | {
      at: 'sweep' | 'take-back' | 'rebuild';
      after?: { rowId: string; objectKey: string; advisoryId?: string };
      /** Newest revision that is taken back; what a later revision says stays. */
      upTo?: number;
      /** What was found that must not be here: intake destroys the bytes before anything is taken back. */
      spill?: { code: string; detail: string };
      /** Why it is taken back, where that is no error of the submission itself. */
      because?: 'compromised-submitter';
    };

/** What routing did with the channels named, for the receipt. */
export interface RoutingOutcome {
  kept: string[];
  takenAway: { channel: string; because: 'marking' | 'unknown' | 'closed' | 'drill' }[];
}

/** One submission at work. */
export interface Job {
  submissionId: string;
  kind: SubmissionKind | 'rebuild';
  agencyId: string;
  personId: string;
  /** Who added to it while it was held. */
  completedBy: string[];
  format: string;
  /** Of work that this app ordered itself; null for a submission, whose parameters intake keeps. */
  parameters: Record<string, unknown> | null;
  /** What people completed of a submission's parameters; null takes one away. */
  completion: Record<string, unknown> | null;
  /** The advisory that a revision or retraction is about. */
  advisoryId: string | null;
  bytes: number;
  lane: 0 | 1;
  receivedAt: Date;
  state: SubmissionState;
  /** Counts readings of the document: a completion or release reads it again. */
  pass: number;
  chunks: number;
  checkpoint: JobCheckpoint | null;
  counts: ItemCounts;
  /** Signals that its document asserted so far, in this reading. */
  signals: number;
  released: HoldReason[];
  attempts: number;
}

/** A row of normaliser.job. */
export interface JobRow {
  submission_id: string;
  kind: Job['kind'];
  agency_id: string;
  person_id: string;
  completed_by: string[];
  format: string;
  parameters: Record<string, unknown> | null;
  completion: Record<string, unknown> | null;
  advisory_id: string | null;
  bytes: string;
  lane: 0 | 1;
  received_at: Date;
  state: SubmissionState;
  pass: number;
  chunks: number;
  checkpoint: JobCheckpoint | null;
  counts: ItemCounts;
  signals: string;
  released: HoldReason[];
  attempts: number;
}

/** Columns of {@link JobRow}. */
export const JOB_COLUMNS = `submission_id, kind, agency_id, person_id, completed_by, format, parameters, completion, advisory_id, bytes, lane,
  received_at, state, pass, chunks, checkpoint, counts, signals, released, attempts`;

export function jobOfRow(row: JobRow): Job {
  return {
    submissionId: row.submission_id,
    kind: row.kind,
    agencyId: row.agency_id,
    personId: row.person_id,
    completedBy: row.completed_by,
    format: row.format,
    parameters: row.parameters,
    completion: row.completion,
    advisoryId: row.advisory_id,
    bytes: Number(row.bytes),
    lane: row.lane,
    receivedAt: row.received_at,
    state: row.state,
    pass: row.pass,
    chunks: row.chunks,
    checkpoint: row.checkpoint,
    counts: row.counts,
    signals: Number(row.signals),
    released: row.released,
    attempts: row.attempts,
  };
}
