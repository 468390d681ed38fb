import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';
import { fault, transient } from '#libs/domain';
import { query, withoutAudit } from '#libs/persistence';
import type { SubmissionKey } from './part-sealing.js';
import type { Turns } from './turns.js';

/** Parts of one submission that may be on their way to the database at once. */
const AT_ONCE = 2;
const TOUCH_MS = 60_000;
const SECOND_TRY_MS = 100;

/**
 * Writes the parts of one submission while it is received. The last commit makes them durable with everything else, so
 * the commits before it need not wait for the disk: the log is written in order.
 */
export class PartWriter {
  private readonly underWay = new Set<Promise<void>>();
  private failure?: Error;
  private isOpen = false;
  private touchedAt = 0;

  constructor(
    private readonly database: DataSource,
    private readonly turns: Turns,
    private readonly key: SubmissionKey,
  ) {}

  /** Whether anything was written. */
  get hasWritten(): boolean {
    return this.isOpen;
  }

  /** Seals and writes a part. Resolves when the next one may come, which may be before this one is written. */
  async write(seq: number, part: Buffer): Promise<void> {
    await this.open();
    while (this.underWay.size >= AT_ONCE) await Promise.race(this.underWay);
    this.rethrow();
    const giveBack = await this.turns.take();
    const writing: Promise<void> = this.insert(seq, this.key.seal(seq, part))
      .catch((thrown: unknown) => {
        this.failure ??= thrown instanceof Error ? thrown : fault('a part was not written', thrown);
      })
      .finally(() => {
        giveBack();
        this.underWay.delete(writing);
      });
    this.underWay.add(writing);
  }

  /** Resolves when all parts are written. @throws what went wrong with any of them */
  async finish(): Promise<void> {
    await Promise.all(this.underWay);
    this.rethrow();
  }

  /** Removes what was written, unless the last commit took it over after all. */
  async abandon(): Promise<void> {
    await Promise.allSettled(this.underWay);
    if (!this.isOpen) return;
    const remove = (): Promise<boolean> =>
      withoutAudit(this.database, (manager) => removeUpload(manager, this.key.submissionId));
    // What made the upload fail may have broken this connection as well; a second one is usually sound.
    await remove().catch(async () => {
      await sleep(SECOND_TRY_MS);
      await remove();
    });
  }

  private rethrow(): void {
    if (this.failure) throw this.failure;
  }

  /** Says whose parts these are before the first one, and now and then that they are still being received. */
  private async open(): Promise<void> {
    const now = Date.now();
    if (now - this.touchedAt < TOUCH_MS) return;
    await query(
      this.database,
      this.isOpen
        ? 'UPDATE intake.upload SET started_at = now() WHERE submission_id = $1'
        : 'INSERT INTO intake.upload (submission_id) VALUES ($1)',
      [this.key.submissionId],
    );
    this.isOpen = true;
    this.touchedAt = now;
  }

  private async insert(seq: number, sealed: Buffer): Promise<void> {
    const inserted = await query(
      this.database,
      `WITH relaxed AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
       INSERT INTO intake.part (submission_id, seq, ciphertext)
       SELECT u.submission_id, $2, $3 FROM intake.upload u, relaxed WHERE u.submission_id = $1 FOR KEY SHARE OF u
       RETURNING seq`,
      [this.key.submissionId, seq, sealed],
    );
    if (inserted.length === 0) throw transient('TOC_DATABASE_CONFLICT', 'the upload was taken for abandoned');
  }
}

/**
 * Removes an upload and its parts. An upload that is no longer there was committed or removed before, and its parts are
 * left alone.
 */
export async function removeUpload(manager: EntityManager, submissionId: string): Promise<boolean> {
  const removed = await manager.query<{ submission_id: string }[]>(
    `WITH gone AS (DELETE FROM intake.upload WHERE submission_id = $1 RETURNING submission_id) SELECT submission_id FROM gone`,
    [submissionId],
  );
  if (removed.length === 0) return false;
  await manager.query('DELETE FROM intake.part WHERE submission_id = $1', [submissionId]);
  return true;
}
