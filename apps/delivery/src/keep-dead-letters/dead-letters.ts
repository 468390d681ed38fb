import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { rejection, type ErrorCode } from '#libs/domain';
import { channelOfTopic } from '#libs/events';
import type { DeadLetter, DeadLetterSink } from '#libs/messaging';
import { changeState, query } from '#libs/persistence';
import { readFeedRecord, writeFeed } from '#libs/feed';

/** A record that could not be written into the feed, without its content. */
export interface DeadLetterView {
  id: string;
  source: string;
  position: string;
  code: string;
  detail: string;
  bytes: number;
  at: string;
  replayed_at?: string;
}

interface DeadLetterRow extends Omit<DeadLetterView, 'bytes' | 'at' | 'replayed_at'> {
  bytes: number | null;
  at: Date;
  replayed_at: Date | null;
}

const READ = `SELECT id, source, position, code, detail, length(payload) AS bytes, at, replayed_at FROM delivery.dead_letter`;
const MOST_LISTED = 200;

function view({ bytes, at, replayed_at, ...row }: DeadLetterRow): DeadLetterView {
  return { ...row, bytes: bytes ?? 0, at: at.toISOString(), replayed_at: replayed_at?.toISOString() };
}

/** The one character that the database cannot hold in JSON. */
const withoutNul = (text: string): string => text.replaceAll('\0', '');

const absent = (): Error => rejection('TOC_ACCESS_NOT_FOUND', 'There is no such dead letter.');

/** Keeps records that cannot be written into the feed, shows them to operators, and tries them again. */
export class DeadLetters implements DeadLetterSink {
  constructor(private readonly database: DataSource) {}

  /** One letter is kept for each place in a topic, however often it is written. */
  async write({ topic, partition, record }: DeadLetter, code: ErrorCode, detail: string): Promise<void> {
    const headers = Object.entries(record.headers).flatMap(([name, value]) =>
      Buffer.isBuffer(value) ? [[withoutNul(name), withoutNul(value.toString('latin1'))]] : [],
    );
    await changeState(this.database, 'delivery', async (manager) => {
      const [kept] = await manager.query<{ id: string }[]>(
        `INSERT INTO delivery.dead_letter (id, source, position, code, detail, key, payload, headers)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (source, position) DO NOTHING RETURNING id`,
        [
          ...[randomUUID(), topic, `${partition}/${record.offset}`, code, detail, record.key, record.value],
          JSON.stringify(Object.fromEntries(headers)),
        ],
      );
      const subject = `dead-letter/${kept?.id}`;
      const audit = kept && { actor: 'service:delivery', action: 'set-aside-record', subject, reason: code };
      return { result: undefined, audit };
    });
  }

  async list(principal: Principal): Promise<DeadLetterView[]> {
    authorise(principal, 'dead-letter:list');
    const rows = await query<DeadLetterRow>(this.database, `${READ} ORDER BY at DESC LIMIT ${MOST_LISTED}`);
    return rows.map(view);
  }

  /** @throws a rejection `TOC_ACCESS_NOT_FOUND` */
  async show(principal: Principal, id: string): Promise<DeadLetterView> {
    authorise(principal, 'dead-letter:list');
    const [row] = await query<DeadLetterRow>(this.database, `${READ} WHERE id = $1`, [id]);
    if (!row) throw absent();
    return view(row);
  }

  /**
   * Tries to write the record into the feed again.
   * @throws a rejection `TOC_EVENT_MALFORMED` while it cannot be read, and `TOC_ACCESS_NOT_FOUND`
   */
  async replay(principal: Principal, id: string): Promise<DeadLetterView> {
    authorise(principal, 'dead-letter:replay');
    const [letter] = await query<{
      source: string;
      key: Buffer | null;
      payload: Buffer | null;
      headers: Record<string, string>;
    }>(this.database, `SELECT source, key, payload, headers FROM delivery.dead_letter WHERE id = $1`, [id]);
    const channelId = letter && channelOfTopic(letter.source);
    if (!letter || channelId === undefined) throw absent();
    const headers = new Map(Object.entries(letter.headers).map(([name, text]) => [name, Buffer.from(text, 'latin1')]));
    const record = { key: letter.key, value: letter.payload, headers: Object.fromEntries(headers) };
    await writeFeed(this.database, channelId, [readFeedRecord(record)]);
    await changeState(this.database, 'delivery', async (manager) => {
      await manager.query(`UPDATE delivery.dead_letter SET replayed_at = now() WHERE id = $1`, [id]);
      const audit = { actor: principal.personId, action: 'replay-dead-letter', subject: `dead-letter/${id}` };
      return { result: undefined, audit };
    });
    return this.show(principal, id);
  }
}
