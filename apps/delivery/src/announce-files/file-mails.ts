import type { DataSource, EntityManager } from 'typeorm';
import type { MailPort } from '#libs/connectors';
import { familyOf } from '#libs/domain';
import { changeState, query } from '#libs/persistence';
import { BackgroundLoop, type Logger, type NextStep, type Telemetry } from '#libs/runtime';
import { fileMail } from './file-mail-text.js';

const EVERY_MS = 10_000;
/** Receipts younger than this may have neighbours that are not committed yet. */
const SETTLED_AFTER = '5 seconds';
/** What is put later than so long after it was disclosed is not counted. */
const COUNTED_FOR = '30 days';
/** When nothing was put, or the mail server is away, it is looked again after this time. */
const AGAIN_AFTER = '1 minute';
const INTERVALS = { hourly: '1 hour', daily: '1 day' } as const;

/** One row for each subscription that asks for mails, from when it began to ask. */
const FOLLOW = `
  INSERT INTO delivery.file_mail (subscription_id, told_until)
  SELECT id, created_at FROM directory.subscription
  WHERE connector = 'signed-file' AND settings->>'mail' IN ('hourly', 'daily')
  ON CONFLICT (subscription_id) DO NOTHING`;

interface Due {
  subscription_id: string;
  told_until: Date;
  until: Date;
  mail: keyof typeof INTERVALS;
  notices_to: string;
}

/** The lock keeps other processes from telling the same. */
const NEXT = `
  SELECT m.subscription_id, m.told_until, now() - interval '${SETTLED_AFTER}' AS until, s.settings->>'mail' AS mail, o.notices_to
  FROM delivery.file_mail m
  JOIN directory.subscription s ON s.id = m.subscription_id
  JOIN directory.organisation o ON o.id = s.platform_id
  WHERE m.next_try_at <= now() AND s.settings->>'mail' IN ('hourly', 'daily') AND o.notices_to IS NOT NULL
    AND m.told_until < now() - interval '${SETTLED_AFTER}'
  ORDER BY m.next_try_at LIMIT 1 FOR UPDATE OF m SKIP LOCKED`;

interface Counts {
  records: number;
  withdrawn: number;
  emergency: boolean;
  /** The first end of a row that is owed an answer in the ordinary time, and in the short one. */
  first: Date | null;
  first_urgent: Date | null;
}

/** By the evidence of receipts; full files say nothing new. */
const COUNT = `
  SELECT coalesce(sum((r.evidence->>'records')::integer), 0)::integer AS records,
    coalesce(sum((r.evidence->>'withdrawn')::integer), 0)::integer AS withdrawn,
    coalesce(bool_or(c.priority = 'emergency'), false) AS emergency,
    min((r.evidence->>'first_withdrawal')::timestamptz) AS first,
    min((CASE WHEN c.priority = 'emergency' THEN r.evidence->>'first_withdrawal' ELSE r.evidence->>'first_error' END)::timestamptz)
      AS first_urgent
  FROM delivery.disclosure d
  JOIN delivery.receipt r ON r.disclosure_id = d.id AND r.sent_at > $2 AND r.sent_at <= $3
  LEFT JOIN directory.channel c ON c.id = d.channel_id
  WHERE d.subscription_id = $1 AND d.at > $2::timestamptz - interval '${COUNTED_FOR}' AND d.walk IN (0, 1)`;

const TOLD = `
  UPDATE delivery.file_mail SET told_until = $2, next_try_at = now() + $3::interval WHERE subscription_id = $1`;
const LATER = `UPDATE delivery.file_mail SET next_try_at = now() + interval '${AGAIN_AFTER}' WHERE subscription_id = $1`;

/** What it needs beside the database. */
export interface FileMailParts {
  /** Undefined where no mail server is configured: nobody is told by mail. */
  mail: MailPort | undefined;
  /** Hours in which platforms say what they did about what was withdrawn; the second where it is urgent. */
  confirmHours: number;
  confirmUrgentHours: number;
  logger: Logger;
  telemetry: Telemetry;
}

/**
 * Tells a platform's functional address by mail that files were put: how much and how urgent. At most once in the interval that it
 * asked for, with everything since the last time together. Files never wait for a mail.
 */
export class FileMails {
  private readonly loop: BackgroundLoop;

  constructor(
    private readonly database: DataSource,
    private readonly parts: FileMailParts,
  ) {
    this.loop = new BackgroundLoop('announce-files', () => this.step(), parts);
  }

  start(): void {
    if (this.parts.mail) this.loop.start();
  }

  async stop(): Promise<void> {
    await this.loop.stop();
  }

  private async step(): Promise<NextStep> {
    await query(this.database, FOLLOW);
    return (await changeState(this.database, 'delivery', (manager) => this.tellNext(manager))) ? 'again' : EVERY_MS;
  }

  /** In one transaction, so that what was told is noted, and by one process. */
  private async tellNext(manager: EntityManager) {
    const [due] = await manager.query<Due[]>(NEXT);
    if (!due) return { result: false, audit: undefined };
    const { subscription_id: subscriptionId, told_until: since, until } = due;
    const [counts] = await manager.query<Counts[]>(COUNT, [subscriptionId, since, until]);
    if (!counts || counts.records === 0 || !(await this.send(due, counts))) {
      await manager.query(LATER, [subscriptionId]);
      return { result: true, audit: undefined };
    }
    await manager.query(TOLD, [subscriptionId, until, INTERVALS[due.mail]]);
    const detail = { records: counts.records, withdrawn: counts.withdrawn };
    const subject = `subscription/${subscriptionId}`;
    return { result: true, audit: { actor: 'service:delivery', action: 'tell-files', subject, detail } };
  }

  /** @returns false when the mail server is to be asked again; an address that it refuses for good is for a person */
  private async send(due: Due, { records, withdrawn, emergency, first, first_urgent }: Counts): Promise<boolean> {
    const { subscription_id: subscriptionId, told_until: since, until } = due;
    const { confirmHours, confirmUrgentHours } = this.parts;
    const ends = [ahead(first, confirmHours), ahead(first_urgent, confirmUrgentHours)].filter((at) => at !== undefined);
    const answerBy = ends.sort((a, b) => a.getTime() - b.getTime())[0];
    const live = records - withdrawn;
    try {
      const facts = { subscriptionId, since, until, live, withdrawn, emergency, ...(answerBy && { answerBy }) };
      await this.parts.mail?.send(fileMail(facts, due.notices_to));
      return true;
    } catch (thrown) {
      const isRefused = familyOf(thrown) === 'rejection';
      this.parts.logger[isRefused ? 'error' : 'warn'](
        { subscription: subscriptionId, err: thrown },
        'file-mail-not-sent',
      );
      return isRefused;
    }
  }
}

const ahead = (from: Date | null, hours: number): Date | undefined =>
  from === null ? undefined : new Date(from.getTime() + hours * 3_600_000);
