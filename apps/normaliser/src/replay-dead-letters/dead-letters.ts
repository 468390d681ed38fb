import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { rejection, type ErrorCode } from '#libs/domain';
import type { DeadLetter, DeadLetterSink, Producer } from '#libs/messaging';
import { changeState, query } from '#libs/persistence';
import type { OpenDocuments } from '../assert-documents/open-documents.js';
import { retryItem } from './dead-items.js';
import type { DeadLetterView } from './dead-letter-view.js';
import { retrySubmission, WHOLE_SUBMISSION } from './failed-submissions.js';
import { listRefused, outboxOfLetter, replayRefused, showRefused } from './refused-records.js';

interface DeadLetterRow {
  id: string;
  source: string;
  position: string;
  code: string;
  detail: string;
  bytes: number | null;
  at: Date;
  replayed_at: Date | null;
}

const COLUMNS = 'id, source, position, code, detail, length(payload) AS bytes, at, replayed_at';
const MOST_LISTED = 200;

function view({ replayed_at, at, bytes, ...row }: DeadLetterRow): DeadLetterView {
  return { ...row, bytes: bytes ?? 0, at: at.toISOString(), replayed_at: replayed_at?.toISOString() };
}

/** Keeps dead letters of this service, shows them to operators, and has what they stand for tried again. */
export class DeadLetters implements DeadLetterSink {
  constructor(
    private readonly database: DataSource,
    private readonly producer: Producer,
    private readonly documents: OpenDocuments,
    private readonly wakeWorkers: () => void,
  ) {}

  async write(letter: DeadLetter, code: ErrorCode, detail: string): Promise<void> {
    const { topic, partition, record } = letter;
    const headers = Object.fromEntries(
      Object.entries(record.headers).flatMap(([name, value]) =>
        Buffer.isBuffer(value) ? [[name, value.toString()]] : [],
      ),
    );
    await changeState(this.database, 'normaliser', async (manager) => {
      const rows = await manager.query<{ id: string }[]>(
        `INSERT INTO normaliser.dead_letter (id, source, position, code, detail, key, payload, headers) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (source, position) DO NOTHING RETURNING id`,
        [
          randomUUID(),
          topic,
          `${partition}/${record.offset}`,
          code,
          detail,
          record.key,
          record.value,
          JSON.stringify(headers),
        ],
      );
      const [row] = rows;
      const audit = row && {
        actor: 'service:normaliser',
        action: 'set-aside-message',
        subject: `dead-letter/${row.id}`,
        reason: code,
      };
      return { result: undefined, audit };
    });
  }

  async list(principal: Principal): Promise<DeadLetterView[]> {
    authorise(principal, 'dead-letter:list');
    const rows = await query<DeadLetterRow>(
      this.database,
      `SELECT ${COLUMNS} FROM normaliser.dead_letter ORDER BY at DESC LIMIT ${MOST_LISTED}`,
    );
    return [...(await listRefused(this.database)), ...rows.map(view)];
  }

  async show(principal: Principal, id: string): Promise<DeadLetterView> {
    authorise(principal, 'dead-letter:list');
    const outboxId = outboxOfLetter(id);
    if (outboxId !== undefined) return showRefused(this.database, outboxId);
    const [row] = await query<DeadLetterRow>(
      this.database,
      `SELECT ${COLUMNS} FROM normaliser.dead_letter WHERE id = $1`,
      [id],
    );
    if (!row) throw rejection('TOC_ACCESS_NOT_FOUND', 'there is no such dead letter');
    return view(row);
  }

  /**
   * Puts a record back on its topic, records that Kafka refused into the outbox, has a failed submission worked on again,
   * or reads an item of a document again.
   */
  async replay(principal: Principal, id: string): Promise<DeadLetterView> {
    authorise(principal, 'dead-letter:replay');
    const outboxId = outboxOfLetter(id);
    if (outboxId !== undefined) return replayRefused(this.database, principal, outboxId);
    const [letter] = await query<{
      source: string;
      key: Buffer | null;
      position: string;
      payload: Buffer | null;
      headers: Record<string, string>;
    }>(this.database, 'SELECT source, position, key, payload, headers FROM normaliser.dead_letter WHERE id = $1', [id]);
    if (!letter) throw rejection('TOC_ACCESS_NOT_FOUND', 'there is no such dead letter');
    const submissionId = /^submission\/(.+)$/.exec(letter.source)?.[1];
    if (submissionId && letter.position === WHOLE_SUBMISSION) {
      await retrySubmission(this.database, principal, id, submissionId);
      this.wakeWorkers();
      return this.show(principal, id);
    }
    if (submissionId) {
      const position = Number(letter.position);
      await retryItem(this.database, this.documents, principal, { id, position, submissionId });
      return this.show(principal, id);
    }
    await this.producer.send([
      {
        topic: letter.source,
        records: [{ key: letter.key ?? Buffer.alloc(0), value: letter.payload, headers: letter.headers }],
      },
    ]);
    await changeState(this.database, 'normaliser', async (manager) => {
      await manager.query('UPDATE normaliser.dead_letter SET replayed_at = now() WHERE id = $1', [id]);
      return {
        result: undefined,
        audit: { actor: principal.personId, action: 'replay-dead-letter', subject: `dead-letter/${id}` },
      };
    });
    return this.show(principal, id);
  }
}
