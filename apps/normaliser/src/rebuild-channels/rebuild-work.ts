import type { DataSource, EntityManager } from 'typeorm';
import type { LiveAssertion } from '#libs/domain';
import type { RowVersion } from '#libs/events';
import { changeState } from '#libs/persistence';
import type { Job } from '../job.js';
import type { DirectoryReader } from '../read-directory/directory-snapshot.js';
import { advanceJob, lockJob } from '../work-through-jobs/job-store.js';
import type { ChunkPace } from '../work-through-jobs/chunk-pace.js';
import type { KindOfWork } from '../work-through-jobs/kind-of-work.js';
import { readLiveAssertions, readSubjects } from '../write-rows/live-rows.js';
import { readRowDisputes } from '../write-rows/row-disputes.js';
import { RowWriter, type WithdrawalCause } from '../write-rows/row-writer.js';
import { ChunkTally } from '../assert-documents/chunk-tally.js';

/** A rebuild lets every document go first. */
const MANY_LEFT = 1_000_000_000;
const BEGINNING = new Date(0);

interface StoredRow {
  row_id: string;
  version: number;
  generation: number;
  withdrawal: WithdrawalCause | null;
  changed_at: Date;
}

/** Publishes every row of a channel again, each with the same id and bytes as before (I13): Kafka can be made anew. */
export class RebuildWork implements KindOfWork {
  constructor(
    private readonly database: DataSource,
    private readonly directoryReader: DirectoryReader,
    private readonly pace: ChunkPace,
  ) {}

  forget(): void {
    // Nothing is kept between chunks.
  }

  async workChunk(job: Job): Promise<undefined> {
    await this.pace.timed(() => this.rebuildChunk(job));
    return undefined;
  }

  /** @returns how many rows were published again */
  private async rebuildChunk(job: Job): Promise<number> {
    const most = this.pace.items;
    const directory = await this.directoryReader.read();
    const channelId = String(job.parameters?.channel);
    const channel = directory.channel(channelId);
    return changeState(this.database, 'normaliser', async (manager) => {
      if (!(await lockJob(manager, job))) return { result: 0, audit: undefined };
      const rows = channel ? await this.nextRows(manager, job, channel.id, most) : [];
      if (channel) {
        const writer = new RowWriter(manager, new Date());
        const live = await readLiveAssertions(
          manager,
          channel.id,
          rows.map((row) => row.row_id),
          BEGINNING,
        );
        const subjects = await readSubjects(manager, [...live.keys()]);
        const disputes = await readRowDisputes(manager, [...live.keys()]);
        for (const row of rows) {
          const version: RowVersion = {
            channel: channel.id,
            rowId: row.row_id,
            version: row.version,
            generation: row.generation,
            publishedAt: row.changed_at.toISOString(),
            drill: channel.drill,
          };
          const subject = subjects.get(row.row_id);
          if (row.withdrawal) writer.repeatWithdrawal(channel, version, row.withdrawal);
          else if (subject) {
            const valid = asOf(live.get(row.row_id) ?? [], row.changed_at);
            writer.repeat(channel, version, subject, valid, disputes.get(row.row_id));
          }
        }
        await writer.records.writeTo(manager);
      }
      const tally = new ChunkTally();
      if (rows.length > 0) tally.end('asserted', rows.length);
      const last = rows.at(-1);
      await advanceJob(manager, job, {
        state: rows.length === most ? 'working' : 'settled',
        checkpoint: last ? { at: 'rebuild', after: { rowId: last.row_id, objectKey: '' } } : null,
        counts: tally.addTo(job.counts),
        bytesLeft: rows.length === most ? MANY_LEFT : 0,
        chunk: tally,
      });
      const audit = {
        actor: job.personId,
        action: 'rebuild-channel',
        subject: `channel/${channelId}`,
        detail: { rows: rows.length },
      };
      return { result: rows.length, audit };
    });
  }

  private nextRows(manager: EntityManager, job: Job, channelId: string, most: number): Promise<StoredRow[]> {
    const after = job.checkpoint?.at === 'rebuild' ? job.checkpoint.after?.rowId : undefined;
    // Locked, so that no newer version of a row is published before this one.
    return manager.query<StoredRow[]>(
      `SELECT row_id, version, generation, withdrawal, changed_at FROM normaliser.channel_row
        WHERE channel_id = $1 AND ($2::uuid IS NULL OR row_id > $2) ORDER BY row_id LIMIT $3 FOR SHARE`,
      [channelId, after ?? null, most],
    );
  }
}

/** The assertions that were valid when the row was written. */
function asOf(assertions: readonly LiveAssertion[], moment: Date): LiveAssertion[] {
  return assertions.filter(({ statement }) => Date.parse(statement.validUntil) > moment.getTime());
}
