import type { DataSource, EntityManager } from 'typeorm';
import { familyOf } from '#libs/domain';
import type { Producer, TopicRecords } from '#libs/messaging';
import { query, unpackFrames, withoutAudit, type Lane, type OutboxRecord } from '#libs/persistence';
import type { Logger, Telemetry } from '#libs/runtime';

/** Schemas with an outbox, each written by one app. */
export const OUTBOXES = ['intake', 'normaliser'] as const;
export type OutboxSchema = (typeof OUTBOXES)[number];

interface OutboxRow {
  id: string;
  topic: string;
  frames: Buffer;
}

/** Nobody waits longer than this for a wake-up that got lost. */
const LOOK_AGAIN_MS = 500;
const STANDBY_MS = 1000;
const SEND_LIMIT_MS = 20_000;

/**
 * Carries the unpublished rows of one outbox and lane to Kafka, in order. One process at a time does it for each lane,
 * so that versions of a row reach the log in order; the emergency lane has a loop of its own. A crash after the send
 * repeats records with the same ids.
 */
export class OutboxPublisher {
  constructor(
    private readonly schema: OutboxSchema,
    private readonly lane: Lane,
    private readonly database: DataSource,
    private readonly producer: Producer,
    private readonly rowsAtOnce: number,
    private readonly logger: Logger,
    private readonly telemetry: Telemetry,
    private readonly afterSend: () => void = () => undefined,
  ) {}

  /** One send. @returns what the loop does next: again at once, or milliseconds to wait */
  step(): Promise<'again' | number> {
    return withoutAudit(this.database, async (manager) => {
      const [leader] = await manager.query<{ leads: boolean }[]>(
        `SELECT pg_try_advisory_xact_lock(hashtext($1), $2) AS leads`,
        [`outbox/${this.schema}`, this.lane],
      );
      if (!leader?.leads) return STANDBY_MS;
      const rows = await manager.query<OutboxRow[]>(
        `SELECT id, topic, frames FROM ${this.schema}.outbox
          WHERE lane = $1 AND published_at IS NULL ORDER BY id LIMIT $2`,
        [this.lane, this.rowsAtOnce],
      );
      if (rows.length === 0) return LOOK_AGAIN_MS;
      await this.publish(manager, rows);
      return rows.length === this.rowsAtOnce ? 'again' : 0;
    });
  }

  /** Age of the oldest row that is not on Kafka yet, in seconds. */
  async oldestUnpublished(): Promise<number> {
    const [row] = await query<{ age: number | null }>(
      this.database,
      `SELECT extract(epoch FROM now() - min(created_at))::float8 AS age FROM (
         SELECT created_at FROM ${this.schema}.outbox WHERE lane = $1 AND published_at IS NULL ORDER BY id LIMIT 1) oldest`,
      [this.lane],
    );
    return row?.age ?? 0;
  }

  private async publish(manager: EntityManager, rows: readonly OutboxRow[]): Promise<void> {
    const batches = rows.map((row): TopicRecords => ({ topic: row.topic, records: unpackFrames(row.frames) }));
    try {
      await this.producer.send(batches, AbortSignal.timeout(SEND_LIMIT_MS));
      this.afterSend();
      await manager.query(`UPDATE ${this.schema}.outbox SET published_at = now() WHERE id = ANY($1)`, [
        rows.map((row) => row.id),
      ]);
    } catch (thrown) {
      if (familyOf(thrown) !== 'rejection') throw thrown;
      for (const row of rows) await this.publishOneByOne(manager, row);
    }
    const records = batches.reduce((sum, batch) => sum + batch.records.length, 0);
    this.telemetry
      .counter('relay_records_total', 'Records carried from an outbox to Kafka', ['outbox', 'lane'])
      .inc({ outbox: this.schema, lane: this.lane }, records);
  }

  /** Kafka will never take one of the records: the others go on, that one stays in its row for a person. */
  private async publishOneByOne(manager: EntityManager, row: OutboxRow): Promise<void> {
    const refused: string[] = [];
    for (const record of unpackFrames(row.frames))
      if (!(await this.accepts(row.topic, record))) refused.push(record.key);
    await manager.query(`UPDATE ${this.schema}.outbox SET published_at = now(), refused_keys = $2 WHERE id = $1`, [
      row.id,
      refused.length > 0 ? refused : null,
    ]);
    if (refused.length === 0) return;
    this.logger.error(
      { outbox: this.schema, outbox_id: row.id, topic: row.topic, refused },
      'records-refused-by-kafka',
    );
    this.telemetry
      .counter('relay_dead_letters_total', 'Records that Kafka will never take', ['outbox'])
      .inc({ outbox: this.schema }, refused.length);
  }

  private async accepts(topic: string, record: OutboxRecord): Promise<boolean> {
    try {
      await this.producer.send([{ topic, records: [record] }], AbortSignal.timeout(SEND_LIMIT_MS));
      return true;
    } catch (thrown) {
      if (familyOf(thrown) === 'rejection') return false;
      throw thrown;
    }
  }
}
