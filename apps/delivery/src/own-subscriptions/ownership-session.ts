import pg from 'pg';
import { transient } from '#libs/domain';
import { FEED_NOTIFICATION } from '#libs/feed';
import { DIRECTORY_NOTIFICATION } from '#libs/persistence';

/** Keys of the advisory lock that every delivery process holds, shared, so that they can count one another. */
const PRESENCE = [0x746f6373, 1] as const;
const STATEMENT_MS = 5_000;

/** What the session tells. */
export interface SessionEvents {
  /** New positions in a channel, written by any process. */
  onFeed(channelId: string): void;
  /** Something changed in the directory that decides about delivery. */
  onDirectory(): void;
  /** The connection is gone, and with it every lock. */
  onLost(reason: string): void;
}

/**
 * One dedicated connection whose advisory locks say which subscriptions this process delivers. They end with the
 * connection, however it ends, so that another process can take over and two never both believe for long.
 */
export class OwnershipSession {
  private lost = false;

  private constructor(
    private readonly client: pg.Client,
    private readonly events: SessionEvents,
  ) {}

  /** @throws a transient `TOC_DATABASE_UNAVAILABLE`, as every method does */
  static async open(databaseUrl: string, events: SessionEvents): Promise<OwnershipSession> {
    const client = new pg.Client({
      connectionString: databaseUrl,
      application_name: 'tocsin-delivery-ownership',
      connectionTimeoutMillis: STATEMENT_MS,
      query_timeout: STATEMENT_MS,
      keepAlive: true,
    });
    const session = new OwnershipSession(client, events);
    client.on('error', (error) => session.lose(error.message));
    client.on('end', () => session.lose('the connection ended'));
    client.on('notification', ({ channel, payload }) => {
      if (channel === DIRECTORY_NOTIFICATION) events.onDirectory();
      else if (payload) events.onFeed(payload);
    });
    try {
      await client.connect();
      await client.query('SELECT pg_advisory_lock_shared($1, $2)', [...PRESENCE]);
      await client.query(`LISTEN ${FEED_NOTIFICATION}; LISTEN ${DIRECTORY_NOTIFICATION}`);
    } catch (thrown) {
      await session.close();
      throw unavailable(thrown);
    }
    return session;
  }

  /** Delivery processes on this database, this one included. Also proves that the session lives. */
  async processes(): Promise<number> {
    const [row] = await this.query<{ processes: number }>(
      `SELECT count(*)::integer AS processes FROM pg_locks
       WHERE locktype = 'advisory' AND granted AND classid = $1 AND objid = $2 AND objsubid = 2
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      [...PRESENCE],
    );
    return Math.max(1, row?.processes ?? 1);
  }

  /** Tries to become the owner of these subscriptions, of at most so many. @returns those it now owns */
  async claim(subscriptionIds: readonly string[], most: number): Promise<string[]> {
    if (subscriptionIds.length === 0 || most <= 0) return [];
    const claimed = await this.query<{ id: string }>(
      `SELECT id FROM unnest($1::text[]) AS id
       WHERE pg_try_advisory_lock(hashtextextended('tocsin-delivery/' || id, 0)) LIMIT $2`,
      [subscriptionIds, most],
    );
    return claimed.map(({ id }) => id);
  }

  /** Lets others own the subscription; to be called when nothing of it is under way any more. */
  async release(subscriptionId: string): Promise<void> {
    await this.query(`SELECT pg_advisory_unlock(hashtextextended('tocsin-delivery/' || $1, 0))`, [subscriptionId]);
  }

  async close(): Promise<void> {
    this.lost = true;
    await this.client.end().catch(() => undefined);
  }

  private async query<Row extends object>(sql: string, parameters: unknown[]): Promise<Row[]> {
    try {
      return (await this.client.query<Row>(sql, parameters)).rows;
    } catch (thrown) {
      this.lose('a statement failed');
      throw unavailable(thrown);
    }
  }

  private lose(reason: string): void {
    if (this.lost) return;
    this.lost = true;
    void this.client.end().catch(() => undefined);
    this.events.onLost(reason);
  }
}

function unavailable(thrown: unknown): Error {
  return transient('TOC_DATABASE_UNAVAILABLE', 'the session that owns subscriptions does not answer', thrown);
}
