import type { DataSource } from 'typeorm';
import { sealedUnder, type KeyRing } from '#libs/access';
import { changeState, query, Subscription } from '#libs/persistence';
import { BackgroundLoop, type Logger, type NextStep, type Telemetry } from '#libs/runtime';
import { openSecrets, sealSecrets } from './endpoint-secrets.js';

const EVERY_MS = 60_000;
/** Subscriptions that one step looks at. */
const AT_ONCE = 100;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';
/** The id of the key that sealed, which stands in front of what it sealed. */
const SEALED_UNDER = `convert_from(substring(sealed_secrets FROM 2 FOR get_byte(sealed_secrets, 0)), 'UTF8')`;

/**
 * Seals the secrets of subscriptions anew under the newest key, a few at a time, so that the key before it can be
 * removed; also of those that ended, which still get withdrawals.
 */
export class SecretResealing {
  private readonly loop: BackgroundLoop;
  /** Where the walk over all subscriptions has come to. */
  private after = BEFORE_ALL;

  constructor(
    private readonly database: DataSource,
    private readonly keys: KeyRing,
    private readonly parts: { logger: Logger; telemetry: Telemetry },
  ) {
    this.loop = new BackgroundLoop('reseal-secrets', () => this.step(), parts);
    const left = parts.telemetry.gauge('endpoint_secrets_under_old_keys', 'Sealed secrets that need an older key');
    parts.telemetry.beforeScrape(async () => left.set(await this.count()));
  }

  start(): void {
    this.loop.start();
  }

  async stop(): Promise<void> {
    await this.loop.stop();
  }

  private async count(): Promise<number> {
    const sql = `SELECT count(*)::int AS n FROM directory.subscription WHERE ${SEALED_UNDER} <> $1`;
    const [row] = await query<{ n: number }>(this.database, sql, [this.keys.newest().id]);
    return row?.n ?? 0;
  }

  private async step(): Promise<NextStep> {
    const rows = await query<{ id: string }>(
      this.database,
      `SELECT id FROM directory.subscription WHERE id > $1 AND ${SEALED_UNDER} <> $2 ORDER BY id LIMIT ${AT_ONCE}`,
      [this.after, this.keys.newest().id],
    );
    for (const { id } of rows) {
      // One that no key opens any more is for a person, and keeps no other waiting.
      await this.reseal(id).catch((thrown: unknown) =>
        this.parts.logger.error({ subscription_id: id, err: thrown }, 'endpoint-secrets-not-resealed'),
      );
    }
    const isLast = rows.length < AT_ONCE;
    this.after = (isLast ? undefined : rows.at(-1)?.id) ?? BEFORE_ALL;
    return isLast ? EVERY_MS : 'again';
  }

  private async reseal(id: string): Promise<void> {
    await changeState(this.database, 'directory', async (manager) => {
      const row = await manager.findOne(Subscription, { where: { id }, lock: { mode: 'pessimistic_write' } });
      const under = row && sealedUnder(row.sealedSecrets);
      // Another process, or the platform's own rotation, may have been faster.
      if (!row || under === this.keys.newest().id) return { result: undefined, audit: undefined };
      const sealedSecrets = sealSecrets(this.keys, id, openSecrets(this.keys, id, row.sealedSecrets));
      await manager.update(Subscription, { id }, { sealedSecrets });
      const detail = { from: under, to: sealedUnder(sealedSecrets) };
      const subject = `subscription/${id}`;
      return { result: undefined, audit: { actor: 'service:console', action: 'reseal-secrets', subject, detail } };
    });
  }
}
