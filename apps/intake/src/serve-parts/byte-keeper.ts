import type { DataSource, EntityManager } from 'typeorm';
import type { KeyRing } from '#libs/access';
import type { ToldContents } from '#libs/containers';
import { fault, rejection } from '#libs/domain';
import { changeState, query, type AuditEntry } from '#libs/persistence';
import type { Logger } from '#libs/runtime';
import { SubmissionKey } from '../accept-submission/part-sealing.js';
import { removeObjects } from '../serve-taxii/place-objects.js';

interface Sealed {
  bytes_state: 'kept' | 'erased' | 'purged';
  /** Null when there is no such part. */
  sealed: Buffer | null;
  wrapping_key_id: string | null;
  wrapped: Buffer | null;
}

/** Keeps the bytes of submissions: hands them out part by part, and destroys them with their key. */
export class ByteKeeper {
  constructor(
    private readonly database: DataSource,
    private readonly wrappingKeys: KeyRing,
    private readonly logger: Logger,
  ) {}

  /**
   * One part of a document, as it was received.
   * @throws rejections `TOC_ACCESS_NOT_FOUND`, and `TOC_SUBMISSION_PURGED` when the bytes are no longer kept
   */
  async readPart(submissionId: string, seq: number): Promise<Buffer> {
    const [part] = await query<Sealed>(
      this.database,
      `SELECT s.bytes_state, p.ciphertext AS sealed, k.wrapping_key_id, k.wrapped FROM intake.submission s
         LEFT JOIN intake.part p ON p.submission_id = s.id AND p.seq = $2
         LEFT JOIN intake.submission_key k ON k.submission_id = s.id
        WHERE s.id = $1`,
      [submissionId, seq],
    );
    return this.unseal(submissionId, part, (key, sealed) => key.open(seq, sealed));
  }

  /**
   * What was said beside a document.
   * @throws as {@link readPart}
   */
  async readParameters(submissionId: string): Promise<Record<string, unknown>> {
    const [row] = await query<Sealed>(
      this.database,
      `SELECT s.bytes_state, s.parameters AS sealed, k.wrapping_key_id, k.wrapped FROM intake.submission s
         LEFT JOIN intake.submission_key k ON k.submission_id = s.id
        WHERE s.id = $1`,
      [submissionId],
    );
    return this.unseal(submissionId, row, (key, sealed) => key.openParameters(sealed));
  }

  /** What was in a container; undefined when it was none, or when the bytes are no longer kept. */
  async readContents(submissionId: string): Promise<ToldContents | undefined> {
    const [row] = await query<Sealed>(
      this.database,
      `SELECT s.bytes_state, s.contents AS sealed, k.wrapping_key_id, k.wrapped FROM intake.submission s
         JOIN intake.submission_key k ON k.submission_id = s.id
        WHERE s.id = $1 AND s.bytes_state = 'kept' AND s.contents IS NOT NULL`,
      [submissionId],
    );
    return row ? this.unseal(submissionId, row, (key, sealed) => key.openContents(sealed)) : undefined;
  }

  private unseal<Opened>(
    submissionId: string,
    row: Sealed | undefined,
    open: (key: SubmissionKey, sealed: Buffer) => Opened,
  ): Opened {
    if (!row) throw rejection('TOC_ACCESS_NOT_FOUND', 'there is no such submission');
    const { bytes_state: bytes, sealed, wrapped, wrapping_key_id: wrappingKeyId } = row;
    if (bytes !== 'kept') {
      throw rejection('TOC_SUBMISSION_PURGED', 'the bytes of this submission were destroyed', { bytes });
    }
    if (!sealed) throw rejection('TOC_ACCESS_NOT_FOUND', 'the submission has no such part');
    if (wrappingKeyId === null || !wrapped) throw fault('a submission that is kept has no key');
    const key = SubmissionKey.unwrap(this.wrappingKeys, submissionId, { wrappingKeyId, wrapped });
    try {
      return open(key, sealed);
    } finally {
      key.destroy();
    }
  }

  /**
   * Destroys the bytes of a submission and their key for good. What is destroyed already stays so.
   * @param audit who, why, and under which name
   * @throws a rejection `TOC_ACCESS_NOT_FOUND`
   */
  async destroy(submissionId: string, audit: Omit<AuditEntry, 'subject'>): Promise<void> {
    const destroyed = await changeState(this.database, 'intake', async (manager) => {
      const [row] = await manager.query<{ bytes_state: string }[]>(
        'SELECT bytes_state FROM intake.submission WHERE id = $1 FOR UPDATE',
        [submissionId],
      );
      if (!row) throw rejection('TOC_ACCESS_NOT_FOUND', 'there is no such submission');
      if (row.bytes_state === 'purged') return { result: false, audit: undefined };
      await removeBytes(manager, submissionId, 'purged');
      return { result: true, audit: { ...audit, subject: `submission/${submissionId}` } };
    });
    if (destroyed) this.logger.warn({ submission_id: submissionId, action: audit.action }, 'bytes-destroyed');
  }
}

/** How many submissions have bytes that only a key before the newest opens. */
export async function countUnderOldKeys(database: DataSource, wrappingKeys: KeyRing): Promise<number> {
  const sql = 'SELECT count(*)::int AS n FROM intake.submission_key WHERE wrapping_key_id <> $1';
  const [row] = await query<{ n: number }>(database, sql, [wrappingKeys.newest().id]);
  return row?.n ?? 0;
}

/** Removes the key and what it opens: without it the parts, and what was said beside them, are noise. */
export async function removeBytes(
  manager: EntityManager,
  submissionId: string,
  state: 'erased' | 'purged',
): Promise<void> {
  await removeObjects(manager, submissionId);
  await manager.query('DELETE FROM intake.submission_key WHERE submission_id = $1', [submissionId]);
  await manager.query('DELETE FROM intake.part WHERE submission_id = $1', [submissionId]);
  await manager.query(
    'UPDATE intake.submission SET bytes_state = $2, parameters = NULL, contents = NULL WHERE id = $1',
    [submissionId, state],
  );
}
