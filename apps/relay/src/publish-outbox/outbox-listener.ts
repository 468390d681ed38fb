import pg from 'pg';
import type { Logger } from '#libs/runtime';

/** Channel that `writeOutbox` notifies, with `<schema>/<lane>` as payload. */
const OUTBOX_CHANNEL = 'tocsin_outbox';
const RECONNECT_MS = 1000;

/**
 * Hears of new outbox rows when their transaction commits. Losing the connection loses nothing: the publishers look
 * by themselves too.
 */
export class OutboxListener {
  private client?: pg.Client;
  private stopped = false;

  constructor(
    private readonly databaseUrl: string,
    private readonly heard: (schemaAndLane: string) => void,
    private readonly logger: Logger,
  ) {}

  start(): void {
    void this.connect();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.client?.end().catch(() => undefined);
  }

  private async connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.databaseUrl,
      application_name: 'tocsin-relay-listener',
      keepAlive: true,
    });
    let lost = false;
    const lose = (reason: unknown): void => {
      if (lost || this.stopped) return;
      lost = true;
      this.logger.warn({ err: reason }, 'outbox-listener-lost');
      void client.end().catch(() => undefined);
      setTimeout(() => void this.connect(), RECONNECT_MS).unref();
    };
    client.on('error', lose);
    client.on('end', () => lose('the connection ended'));
    client.on('notification', ({ payload }) => this.heard(payload ?? ''));
    try {
      await client.connect();
      await client.query(`LISTEN ${OUTBOX_CHANNEL}`);
      this.client = client;
    } catch (thrown) {
      lose(thrown);
    }
  }
}
