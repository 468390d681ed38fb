import type { EntityManager } from 'typeorm';
import type { ToldContents } from '#libs/containers';
import type { SubmissionKind } from '#libs/domain';
import type { Lane } from '#libs/persistence';
import type { SubmissionKey } from './part-sealing.js';

/** What is kept of a submission besides itself, in the transaction that makes it one. */
export type Alongside = (
  manager: EntityManager,
  submission: Pick<ReceivedSubmission, 'id' | 'agencyId' | 'key'>,
) => Promise<void>;

/** A submission of which every byte was received and looked through. */
export interface ReceivedSubmission {
  id: string;
  kind: SubmissionKind;
  agencyId: string;
  personId: string;
  /** The key that it came by; unknown of what earlier releases accepted. */
  keyId?: string;
  format: string;
  parameters: Record<string, unknown>;
  /** What was in it, when it was a container. */
  contents?: ToldContents;
  advisoryId?: string;
  idempotencyKey?: string;
  /** See {@link meaningDigest}. */
  digest: Buffer;
  sha256: string;
  bytesReceived: number;
  bytes: number;
  parts: number;
  lane: Lane;
  receivedAt: Date;
  key: SubmissionKey;
  /** The only part, sealed, when nothing was written before; absent when there is none or all are written. */
  onlyPart?: Buffer;
  /** Whether parts were written under an upload. */
  hasUpload: boolean;
  alongside?: Alongside;
}
