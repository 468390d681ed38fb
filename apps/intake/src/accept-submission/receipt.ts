import type { ToldContents } from '#libs/containers';
import type { SubmissionKind } from '#libs/domain';

/** What a submitter holds in hand: that the submission is kept, under which id, and what exactly was received. */
export interface Receipt {
  id: string;
  /** Where the life of every submission begins; what became of it since is told at `status_url`. */
  state: 'accepted';
  kind: SubmissionKind;
  /** Id of the format, as declared or detected. */
  format: string;
  received_at: string;
  /** SHA-256 of the bytes as received (of a compressed file, the compressed bytes), in hexadecimal. */
  sha256: string;
  /** Length of the bytes as received. */
  bytes: number;
  /** Length of the document that is read, decompressed. */
  bytes_decompressed: number;
  status_url: string;
  /** Of a container: what in it is read and what was dropped; told for as long as the bytes are kept. */
  contents?: ToldContents;
}

/** A row of intake.submission. */
export interface SubmissionRow {
  id: string;
  kind: SubmissionKind;
  agency_id: string;
  person_id: string;
  key_id: string | null;
  format: string;
  advisory_id: string | null;
  body_digest: Buffer;
  sha256: string;
  bytes_received: string;
  bytes_stored: string;
  parts: number;
  lane: 0 | 1;
  received_at: Date;
  /** `kept`; `erased` when the time of keeping is over; `purged` when it was destroyed. */
  bytes_state: 'kept' | 'erased' | 'purged';
  settled_at: Date | null;
}

/** Columns of {@link SubmissionRow}. */
export const SUBMISSION_COLUMNS = `id, kind, agency_id, person_id, key_id, format, advisory_id, body_digest, sha256,
  bytes_received, bytes_stored, parts, lane, received_at, bytes_state, settled_at`;

/** The receipt of a stored submission; the same at every repeat. @param contents of a container */
export function receiptOf(
  row: Pick<SubmissionRow, 'id' | 'kind' | 'format' | 'received_at' | 'sha256' | 'bytes_received' | 'bytes_stored'>,
  contents?: ToldContents,
): Receipt {
  return {
    id: row.id,
    state: 'accepted',
    kind: row.kind,
    format: row.format,
    received_at: row.received_at.toISOString(),
    sha256: row.sha256,
    bytes: Number(row.bytes_received),
    bytes_decompressed: Number(row.bytes_stored),
    status_url: `/v1/submissions/${row.id}`,
    ...(contents ? { contents } : {}),
  };
}
