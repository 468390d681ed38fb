import type { DataSource } from 'typeorm';
import { changeState } from '#libs/persistence';
import type { DirectorySnapshot, DirectoryReader } from '../read-directory/directory-snapshot.js';
import { REMEMBER_REMOVED } from '../write-rows/agency-markings.js';
import type { ChunkPace } from '../work-through-jobs/chunk-pace.js';
import { RowWriter } from '../write-rows/row-writer.js';

const LOOK_AGAIN_MS = 1000;

/**
 * Lets assertions run out: a row whose last one did is withdrawn as expired, another is derived anew without it.
 * Expiry is not retraction: receivers drop rows by `valid_until` themselves.
 */
export class RowExpiry {
  constructor(
    private readonly database: DataSource,
    private readonly directoryReader: DirectoryReader,
    private readonly pace: ChunkPace,
  ) {}

  /** One chunk. @returns what the loop does next: again at once, or milliseconds to wait */
  async step(): Promise<'again' | number> {
    const directory = await this.directoryReader.read();
    const most = this.pace.items;
    let rows = 0;
    await this.pace.timed(async () => (rows = await this.expire(directory, most)));
    return rows === most ? 'again' : LOOK_AGAIN_MS;
  }

  /** @returns how many rows were due */
  private expire(directory: DirectorySnapshot, most: number): Promise<number> {
    return changeState(this.database, 'normaliser', async (manager) => {
      const now = new Date();
      // Ordered by the index on due_at, so that looking costs nothing while nothing is due; rows that somebody works on wait.
      const due = await manager.query<{ channel_id: string; row_id: string }[]>(
        `SELECT channel_id, row_id FROM normaliser.channel_row WHERE due_at <= $1
          ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
        [now, most],
      );
      if (due.length === 0) return { result: 0, audit: undefined };
      const writer = new RowWriter(manager, now);
      const rowIds = [...new Set(due.map((row) => row.row_id))];
      for (const channelId of [...new Set(due.map((row) => row.channel_id))].sort()) {
        const channel = directory.channel(channelId);
        const own = due.filter((row) => row.channel_id === channelId).map((row) => row.row_id);
        if (channel) await writer.remerge(channel, own, { reason: 'expired', restore: false });
      }
      await manager.query(
        `WITH removed AS (
           DELETE FROM normaliser.assertion a USING normaliser.statement s
            WHERE s.id = a.statement_id AND a.row_id = ANY($1) AND s.valid_until <= $2
              AND NOT EXISTS (SELECT FROM normaliser.channel_row r WHERE r.row_id = a.row_id AND r.due_at <= $2)
            RETURNING a.advisory_id, a.row_id, a.statement_id),
         ${REMEMBER_REMOVED},
         forgotten AS (
           -- Not of a word that another object of the advisory still gives.
           DELETE FROM normaliser.word_begin b USING removed r WHERE b.row_id = r.row_id AND b.advisory_id = r.advisory_id
              AND NOT EXISTS (
                SELECT FROM normaliser.assertion a JOIN normaliser.statement s ON s.id = a.statement_id
                 WHERE a.advisory_id = b.advisory_id AND a.row_id = b.row_id AND b.channel_id = ANY (s.channels) AND s.valid_until > $2))
         SELECT count(*) FROM removed`,
        [rowIds, now],
      );
      await writer.records.writeTo(manager);
      const audit = {
        actor: 'service:normaliser',
        action: 'expire-rows',
        subject: 'rows',
        detail: { rows: due.length },
      };
      return { result: due.length, audit };
    });
  }
}
