import pg from 'pg';
import { FEED_NOTIFICATION } from '#libs/feed';
import { BackgroundLoop, type Logger, type NextStep, type Telemetry } from '#libs/runtime';

const LOOK_MS = 5_000;
const STATEMENT_MS = 5_000;

/** Rings when a channel has something new. A ring that is lost costs a reader the rest of its wait, nothing else. */
export class FeedBell {
  private readonly loop: BackgroundLoop;
  private readonly waiting = new Map<string, Set<() => void>>();
  private client: pg.Client | undefined;

  constructor(
    private readonly databaseUrl: string,
    parts: { logger: Logger; telemetry: Telemetry },
  ) {
    this.loop = new BackgroundLoop('listen-to-feed', () => this.listen(), parts);
  }

  start(): void {
    this.loop.start();
  }

  async stop(): Promise<void> {
    await this.loop.stop();
    this.ringAll();
    await this.close(this.client);
  }

  /** Resolves when the channel has something new, at the latest after so many milliseconds, or when it is given up. */
  wait(channelId: string, milliseconds: number, givenUp: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const rings = this.waiting.get(channelId) ?? new Set();
      this.waiting.set(channelId, rings);
      const ring = (): void => {
        clearTimeout(timer);
        givenUp.removeEventListener('abort', ring);
        rings.delete(ring);
        if (rings.size === 0) this.waiting.delete(channelId);
        resolve();
      };
      const timer = setTimeout(ring, milliseconds);
      rings.add(ring);
      givenUp.addEventListener('abort', ring, { once: true });
      if (givenUp.aborted) ring();
    });
  }

  /** Listens on a connection of its own, and looks now and then whether it is still there. */
  private async listen(): Promise<NextStep> {
    const isAlive = await this.client?.query('SELECT 1').then(
      () => true,
      () => this.close(this.client),
    );
    if (isAlive) return LOOK_MS;
    const client = new pg.Client({
      connectionString: this.databaseUrl,
      application_name: 'tocsin-platform-api-bell',
      connectionTimeoutMillis: STATEMENT_MS,
      query_timeout: STATEMENT_MS,
      keepAlive: true,
    });
    client.on('error', () => void this.close(client));
    client.on('notification', ({ payload }) => {
      for (const ring of this.waiting.get(payload ?? '') ?? []) ring();
    });
    try {
      await client.connect();
      await client.query(`LISTEN ${FEED_NOTIFICATION}`);
    } catch (thrown) {
      await this.close(client);
      throw thrown;
    }
    this.client = client;
    // What came while nobody listened.
    this.ringAll();
    return LOOK_MS;
  }

  private ringAll(): void {
    for (const ring of [...this.waiting.values()].flatMap((rings) => [...rings])) ring();
  }

  private async close(client: pg.Client | undefined): Promise<void> {
    if (this.client === client) this.client = undefined;
    await client?.end().catch(() => undefined);
  }
}
