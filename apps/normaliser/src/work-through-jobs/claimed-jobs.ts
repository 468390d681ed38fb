import type { DataSource, QueryRunner } from 'typeorm';
import { readDatabaseError, type Lane } from '#libs/persistence';
import { isStoppedAgency } from '../withhold-revisions/stops.js';
import { JOB_COLUMNS, jobOfRow, type Job, type JobRow } from '../job.js';

/** What a worker holds when it looks for its next chunk. */
export interface OwnClaims {
  claimed: ReadonlySet<string>;
  waiting: ReadonlySet<string>;
  /** Jobs with more left than this are not begun; those that the worker holds go on. */
  mostBytes?: number;
}

/**
 * Claims jobs of one lane by advisory locks of one connection: a claim ends with the process that holds it, however it
 * ends, and costs no transaction. The chunk itself still checks the job under a row lock.
 */
export class ClaimedJobs {
  private connection?: QueryRunner;
  private readonly claimed = new Set<string>();
  private busy: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly database: DataSource,
    readonly lane: Lane,
  ) {}

  /**
   * The most urgent job that is ready and not claimed by another: emergency and taking back first, then fewest bytes
   * left. Claims that the worker holds already count as free, but for those that wait for something.
   */
  next({ claimed, waiting, mostBytes }: OwnClaims): Promise<Job | undefined> {
    return this.inTurn(async (connection) => {
      // The candidates are materialised in order and the lock is asked for one by one, so that no more than one is taken.
      const [row] = await connection.manager.query<JobRow[]>(
        `WITH ready AS MATERIALIZED (
           SELECT ${JOB_COLUMNS} FROM normaliser.job j
            WHERE state IN ('accepted', 'working') AND lane = $1 AND next_try_at <= now()
              AND submission_id <> ALL ($2)
              AND (kind = 'retraction' OR checkpoint->>'at' IN ('take-back', 'sweep') OR (
                    ($3::bigint IS NULL OR bytes_left <= $3 OR submission_id = ANY ($4))
                    AND (kind = 'revision' OR NOT ${isStoppedAgency('j.agency_id::text')})))
            ORDER BY lane, bytes_left LIMIT 20)
         SELECT * FROM ready
          WHERE CASE WHEN submission_id = ANY ($4) THEN true
                     WHEN submission_id = ANY ($5) THEN false
                     ELSE pg_try_advisory_lock(hashtextextended('job/' || submission_id, 0)) END
          LIMIT 1`,
        [this.lane, [...waiting], mostBytes ?? null, [...claimed], [...this.claimed]],
      );
      if (!row) return undefined;
      this.claimed.add(row.submission_id);
      return jobOfRow(row);
    });
  }

  release(submissionId: string): Promise<void> {
    return this.inTurn(async (connection) => {
      if (!this.claimed.delete(submissionId)) return;
      await connection.query(`SELECT pg_advisory_unlock(hashtextextended('job/' || $1, 0))`, [submissionId]);
    });
  }

  async close(): Promise<void> {
    await this.busy.catch(() => undefined);
    await this.drop();
  }

  /** One statement at a time on the one connection; a lost connection has lost its claims. */
  private inTurn<Result>(work: (connection: QueryRunner) => Promise<Result>): Promise<Result> {
    const turn = this.busy.then(async () => {
      try {
        this.connection ??= this.database.createQueryRunner();
        await this.connection.connect();
        return await work(this.connection);
      } catch (thrown) {
        await this.drop();
        throw readDatabaseError(thrown);
      }
    });
    this.busy = turn.catch(() => undefined);
    return turn;
  }

  private async drop(): Promise<void> {
    const { connection } = this;
    this.connection = undefined;
    this.claimed.clear();
    // The connection goes back to the pool: it must not take the claims with it.
    await connection?.query('SELECT pg_advisory_unlock_all()').catch(() => undefined);
    await connection?.release().catch(() => undefined);
  }
}
