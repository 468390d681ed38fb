import type { DataSource, EntityManager } from 'typeorm';
import type { Mail, MailPort } from '#libs/connectors';
import { familyOf } from '#libs/domain';
import { changeState, query } from '#libs/persistence';
import { BackgroundLoop, type Logger, type NextStep, type Telemetry } from '#libs/runtime';
import { noticeMail, type NoticeFacts } from './notice-text.js';

const EVERY_MS = 15_000;
/** What could not be told in this time is no news any more. */
const NEWS_FOR_DAYS = 3;
/** A mail server that is away is asked again after this time. */
const AGAIN_AFTER = '1 minute';

interface Due {
  id: string;
  what: 'paused' | 'recovered';
  since: Date;
  subscription_id: string;
  connector: string;
  platform: string;
  notices_to: string | null;
}

/** A person resumed it, and something was taken since it was paused. */
const NOTE_RECOVERIES = `
  UPDATE delivery.notice n SET recovered_at = now()
  FROM delivery.endpoint e
  WHERE n.recovery_told_at IS NULL AND n.recovered_at IS NULL AND e.subscription_id = n.subscription_id
    AND e.paused_at IS NULL AND e.failing_since IS NULL AND e.last_sent_at > n.paused_at`;

/** The lock keeps other processes from telling the same. */
const NEXT = `
  SELECT n.id, CASE WHEN n.told_at IS NULL THEN 'paused' ELSE 'recovered' END AS what,
    CASE WHEN n.told_at IS NULL THEN n.failing_since ELSE n.recovered_at END AS since,
    n.subscription_id, s.connector, o.name AS platform, o.notices_to
  FROM delivery.notice n
  JOIN directory.subscription s ON s.id = n.subscription_id
  JOIN directory.organisation o ON o.id = s.platform_id
  WHERE n.recovery_told_at IS NULL AND n.next_try_at <= now() AND (n.told_at IS NULL OR n.recovered_at IS NOT NULL)
    AND n.paused_at > now() - interval '${NEWS_FOR_DAYS} days'
  ORDER BY n.next_try_at LIMIT 1 FOR UPDATE OF n SKIP LOCKED`;

const TOLD = {
  paused: `UPDATE delivery.notice SET told_at = now() WHERE id = $1`,
  recovered: `UPDATE delivery.notice SET recovery_told_at = now() WHERE id = $1`,
};

/** What it needs beside the database. */
export interface NoticeParts {
  /** Undefined where no mail server is configured: nobody is told by mail, and the metrics show it all the same. */
  mail: MailPort | undefined;
  operators: readonly string[];
  logger: Logger;
  telemetry: Telemetry;
}

/**
 * Tells the platform's functional address and the operators when an endpoint was paused, and when it takes deliveries
 * again: once each. Told again is only what a process did not live to note, under the same Message-ID.
 */
export class EndpointNotices {
  private readonly loop: BackgroundLoop;

  constructor(
    private readonly database: DataSource,
    private readonly parts: NoticeParts,
  ) {
    this.loop = new BackgroundLoop('announce-endpoints', () => this.step(), parts);
    const waiting = parts.telemetry.gauge(
      'delivery_notices_waiting',
      'Notices about endpoints that nobody was told yet',
    );
    parts.telemetry.beforeScrape(async () => waiting.set(await this.count()));
  }

  start(): void {
    if (this.parts.mail) this.loop.start();
  }

  async stop(): Promise<void> {
    await this.loop.stop();
  }

  private async count(): Promise<number> {
    const sql = `SELECT count(*)::integer AS n FROM delivery.notice WHERE told_at IS NULL AND paused_at > now() - interval '${NEWS_FOR_DAYS} days'`;
    return (await query<{ n: number }>(this.database, sql))[0]?.n ?? 0;
  }

  private async step(): Promise<NextStep> {
    await query(this.database, NOTE_RECOVERIES);
    return (await changeState(this.database, 'delivery', (manager) => this.tellNext(manager))) ? 'again' : EVERY_MS;
  }

  /** In one transaction, so that what was told is noted, and by one process. */
  private async tellNext(manager: EntityManager) {
    const [due] = await manager.query<Due[]>(NEXT);
    if (!due) return { result: false, audit: undefined };
    const { id, what, subscription_id: subscriptionId, connector, platform, since, notices_to } = due;
    const facts: NoticeFacts = { id, what, platform, subscriptionId, connector, since };
    const mails = [
      ...(notices_to === null ? [] : [noticeMail(facts, [notices_to], 'platform')]),
      ...(this.parts.operators.length === 0 ? [] : [noticeMail(facts, this.parts.operators, 'operators')]),
    ];
    const taken: boolean[] = [];
    for (const mail of mails) taken.push(await this.send(mail, subscriptionId));
    if (taken.includes(false)) {
      await manager.query(`UPDATE delivery.notice SET next_try_at = now() + interval '${AGAIN_AFTER}' WHERE id = $1`, [
        id,
      ]);
      return { result: true, audit: undefined };
    }
    await manager.query(TOLD[what], [id]);
    const subject = `subscription/${subscriptionId}`;
    const audit = { actor: 'service:delivery', action: `tell-${what}`, subject, detail: { mails: mails.length } };
    return { result: true, audit };
  }

  /** @returns false when the mail server is to be asked again; addresses that it refuses for good are for a person */
  private async send(mail: Mail, subscription: string): Promise<boolean> {
    try {
      await this.parts.mail?.send(mail);
      return true;
    } catch (thrown) {
      const isRefused = familyOf(thrown) === 'rejection';
      this.parts.logger[isRefused ? 'error' : 'warn']({ subscription, err: thrown }, 'notice-not-sent');
      return isRefused;
    }
  }
}

/** Notes that an endpoint was paused, in the transaction that pauses it. What was not over by then is not told as over. */
export async function notePause(manager: EntityManager, subscriptionId: string): Promise<void> {
  await manager.query(
    `UPDATE delivery.notice SET recovered_at = coalesce(recovered_at, now()), recovery_told_at = now()
     WHERE subscription_id = $1 AND recovery_told_at IS NULL`,
    [subscriptionId],
  );
  await manager.query(
    `INSERT INTO delivery.notice (subscription_id, failing_since)
     SELECT subscription_id, coalesce(failing_since, now()) FROM delivery.endpoint WHERE subscription_id = $1`,
    [subscriptionId],
  );
}
