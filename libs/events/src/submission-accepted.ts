import type { SubmissionKind } from '#libs/domain';

/**
 * Says that intake holds a submission; the value of a record on {@link SUBMISSIONS_TOPIC}, keyed by submission id. Ids
 * and measures only: what the submitter wrote stays with intake, which can destroy it.
 */
export interface SubmissionAccepted {
  submission_id: string;
  kind: SubmissionKind;
  agency_id: string;
  person_id: string;
  /** Id of the key that it came by, or `proposal/…`; absent in records of earlier releases. */
  key_id?: string;
  /** Id of a registered format; `tocsin-retraction` for a retraction. */
  format: string;
  /** The advisory that a revision or retraction is about. */
  advisory_id?: string;
  /** SHA-256 of the document as received, in hexadecimal. */
  sha256: string;
  /** Bytes to read, decompressed. */
  bytes: number;
  /** 0 emergency, 1 ordinary. */
  lane: 0 | 1;
  /** ISO 8601. */
  received_at: string;
}
