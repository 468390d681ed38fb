import type { DataSource } from 'typeorm';
import type { PeerClient } from '#libs/access';
import { changeState, query, withoutAudit } from '#libs/persistence';
import { BackgroundLoop, type Logger, type NextStep, type Telemetry } from '#libs/runtime';
import type { Announcements } from '../announce-again/announcements.js';
import { removeUpload } from '../accept-submission/part-writer.js';
import { removeBytes } from '../serve-parts/byte-keeper.js';

/** What the normaliser says of a submission. */
interface SubmissionState {
  id: string;
  state: string;
  settled_at: string | null;
}

/** States in which nobody needs the bytes any more. A failed submission is worked on again when its fault is mended. */
const SETTLED: ReadonlySet<string> = new Set(['settled', 'refused']);
const ASKED_AT_ONCE = 200;
const ERASED_AT_ONCE = 100;
/** An upload that wrote nothing for so long has ended; the slowest one allowed writes a part in a third of it. */
const ABANDONED_AFTER = '1 hour';

/**
 * Removes bytes when their time is over: of submissions that settled long enough ago, and of uploads that never became
 * a submission.
 */
export class ByteEraser {
  private readonly loop: BackgroundLoop;
  private askedUpTo = '00000000-0000-0000-0000-000000000000';

  constructor(
    private readonly database: DataSource,
    private readonly normaliser: PeerClient,
    private readonly announcements: Announcements,
    private readonly keepHours: number,
    parts: { logger: Logger; telemetry: Telemetry },
    private readonly pauseMs = 60_000,
  ) {
    this.loop = new BackgroundLoop('erase-bytes', () => this.step(), parts);
  }

  start(): void {
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  /** One round: abandoned uploads, then what is settled long enough, then a batch of questions what has settled. */
  async step(): Promise<NextStep> {
    const abandoned = await this.removeAbandoned();
    const erased = await this.eraseSettled();
    const more = await this.askWhatSettled();
    return abandoned === ERASED_AT_ONCE || erased === ERASED_AT_ONCE || more ? 'again' : this.pauseMs;
  }

  private async removeAbandoned(): Promise<number> {
    const uploads = await query<{ submission_id: string }>(
      this.database,
      `SELECT submission_id FROM intake.upload WHERE started_at < now() - interval '${ABANDONED_AFTER}'
        ORDER BY started_at LIMIT ${ERASED_AT_ONCE}`,
    );
    for (const { submission_id } of uploads) {
      await withoutAudit(this.database, async (manager) => {
        // It may have gone on meanwhile.
        const still = await manager.query<unknown[]>(
          `SELECT 1 FROM intake.upload WHERE submission_id = $1 AND started_at < now() - interval '${ABANDONED_AFTER}' FOR UPDATE`,
          [submission_id],
        );
        if (still.length > 0) await removeUpload(manager, submission_id);
      });
    }
    return uploads.length;
  }

  private async eraseSettled(): Promise<number> {
    const due = await query<{ id: string }>(
      this.database,
      `SELECT id FROM intake.submission
        WHERE bytes_state = 'kept' AND settled_at IS NOT NULL AND settled_at <= now() - make_interval(hours => $1)
        ORDER BY settled_at LIMIT ${ERASED_AT_ONCE}`,
      [this.keepHours],
    );
    for (const { id } of due) {
      await changeState(this.database, 'intake', async (manager) => {
        const still = await manager.query<unknown[]>(
          `SELECT 1 FROM intake.submission WHERE id = $1 AND bytes_state = 'kept' FOR UPDATE`,
          [id],
        );
        if (still.length === 0) return { result: undefined, audit: undefined };
        await removeBytes(manager, id, 'erased');
        const audit = {
          actor: 'service:intake',
          action: 'erase-bytes',
          subject: `submission/${id}`,
          reason: 'the time of keeping is over',
          detail: { hours: this.keepHours },
        };
        return { result: undefined, audit };
      });
    }
    return due.length;
  }

  /**
   * Asks the normaliser about the next submissions that are not known to have settled, going round by id; it is told
   * again of those that it does not know.
   * @returns whether more of this round are left
   */
  private async askWhatSettled(): Promise<boolean> {
    const open = await query<{ id: string }>(
      this.database,
      `SELECT id FROM intake.submission WHERE bytes_state = 'kept' AND settled_at IS NULL AND id > $1 ORDER BY id LIMIT ${ASKED_AT_ONCE}`,
      [this.askedUpTo],
    );
    if (open.length > 0) {
      const ids = open.map(({ id }) => id);
      const states = await this.normaliser.request<SubmissionState[]>('GET', '/internal/submissions', {
        query: { ids: ids.join(',') },
      });
      const known = new Set(states.map(({ id }) => id));
      await this.announcements.repeat(ids.filter((id) => !known.has(id)));
      await this.noteSettled(states.filter(({ state, settled_at }) => settled_at !== null && SETTLED.has(state)));
    }
    const isLast = open.length < ASKED_AT_ONCE;
    this.askedUpTo = isLast ? '00000000-0000-0000-0000-000000000000' : (open.at(-1)?.id ?? this.askedUpTo);
    return !isLast;
  }

  /** Takes note; nothing changes by it yet. What an agency has in its collection stays until it deletes it there. */
  private async noteSettled(settled: readonly SubmissionState[]): Promise<void> {
    if (settled.length === 0) return;
    await withoutAudit(this.database, async (manager) => {
      // Before anybody looks whether objects are left: one may be deleted at this moment.
      await manager.query('SELECT FROM intake.submission WHERE id = ANY ($1) ORDER BY id FOR UPDATE', [
        settled.map(({ id }) => id),
      ]);
      await manager.query(
        `UPDATE intake.submission s SET settled_at =
                CASE WHEN EXISTS (SELECT FROM intake.object o WHERE o.submission_id = s.id) THEN 'infinity' ELSE n.settled_at END
           FROM jsonb_to_recordset($1) AS n(id uuid, settled_at timestamptz) WHERE s.id = n.id AND s.settled_at IS NULL`,
        [JSON.stringify(settled)],
      );
    });
  }
}
