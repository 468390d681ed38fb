import type { DataSource, EntityManager } from 'typeorm';
import type { KeyRing } from '#libs/access';
import { transient, type SubmissionKind } from '#libs/domain';
import { SUBMISSIONS_TOPIC } from '#libs/events';
import { changeState, query, writeOutbox } from '#libs/persistence';
import { removeUpload } from './part-writer.js';
import type { ReceivedSubmission } from './received-submission.js';
import { acceptedRecord } from './accepted-record.js';
import { SUBMISSION_COLUMNS, type SubmissionRow } from './receipt.js';

const ACTIONS: Record<SubmissionKind, string> = {
  advisory: 'accept-submission',
  revision: 'accept-revision',
  retraction: 'accept-retraction',
};

/** Stores submissions: the last commit, after which the submitter holds a receipt. */
export class SubmissionStore {
  constructor(
    private readonly database: DataSource,
    private readonly wrappingKeys: KeyRing,
  ) {}

  /** The submission that an agency made under an idempotency key. */
  async find(agencyId: string, idempotencyKey: string): Promise<SubmissionRow | undefined> {
    const [row] = await query<SubmissionRow>(
      this.database,
      `SELECT ${SUBMISSION_COLUMNS} FROM intake.submission WHERE agency_id = $1 AND idempotency_key = $2`,
      [agencyId, idempotencyKey],
    );
    return row;
  }

  /**
   * Commits a submission with its key, its audit row and the record that tells the normaliser.
   * @returns false when another submission took the idempotency key meanwhile; what was written of this one is removed
   */
  commit(received: ReceivedSubmission): Promise<boolean> {
    return changeState(this.database, 'intake', async (manager) => {
      if (!(await insertSubmission(manager, received))) {
        if (received.hasUpload) await removeUpload(manager, received.id);
        return { result: false, audit: undefined };
      }
      if (received.hasUpload) await closeUpload(manager, received.id);
      await this.insertKeyAndPart(manager, received);
      await received.alongside?.(manager, received);
      await writeOutbox(manager, 'intake', received.lane, SUBMISSIONS_TOPIC, [acceptedRecord(received)]);
      const { id, kind, format, bytes, sha256, lane, advisoryId } = received;
      const audit = {
        actor: received.personId,
        action: ACTIONS[kind],
        subject: `submission/${id}`,
        detail: { format, bytes, sha256, lane, ...(advisoryId ? { advisory: advisoryId } : {}) },
      };
      return { result: true, audit };
    });
  }

  private async insertKeyAndPart(manager: EntityManager, { id, key, onlyPart }: ReceivedSubmission): Promise<void> {
    const { wrappingKeyId, wrapped } = key.wrap(this.wrappingKeys);
    await manager.query(
      `WITH part AS (INSERT INTO intake.part (submission_id, seq, ciphertext) SELECT $1, 0, $4 WHERE $4::bytea IS NOT NULL)
       INSERT INTO intake.submission_key (submission_id, wrapping_key_id, wrapped) VALUES ($1, $2, $3)`,
      [id, wrappingKeyId, wrapped, onlyPart ?? null],
    );
  }
}

async function insertSubmission(manager: EntityManager, received: ReceivedSubmission): Promise<boolean> {
  const inserted = await manager.query<{ id: string }[]>(
    `INSERT INTO intake.submission (id, kind, agency_id, person_id, format, parameters, advisory_id, idempotency_key, body_digest,
       sha256, bytes_received, bytes_stored, parts, lane, received_at, contents, key_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
     ON CONFLICT (agency_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING RETURNING id`,
    [
      received.id,
      received.kind,
      received.agencyId,
      received.personId,
      received.format,
      received.key.sealParameters(received.parameters),
      received.advisoryId ?? null,
      received.idempotencyKey ?? null,
      received.digest,
      received.sha256,
      received.bytesReceived,
      received.bytes,
      received.parts,
      received.lane,
      received.receivedAt,
      received.contents ? received.key.sealContents(received.contents) : null,
      received.keyId ?? null,
    ],
  );
  return inserted.length === 1;
}

async function closeUpload(manager: EntityManager, id: string): Promise<void> {
  const closed = await manager.query<{ submission_id: string }[]>(
    `WITH gone AS (DELETE FROM intake.upload WHERE submission_id = $1 RETURNING submission_id) SELECT submission_id FROM gone`,
    [id],
  );
  if (closed.length === 0) throw transient('TOC_DATABASE_CONFLICT', 'the upload was taken for abandoned');
}
