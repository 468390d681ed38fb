import type { DataSource, EntityManager } from 'typeorm';
import { familyOf } from '#libs/domain';
import type { Producer, TopicRecords } from '#libs/messaging';
import { LANE_NAMES, query, unpackFrames, withoutAudit, type Lane, type OutboxSchema } from '#libs/persistence';
import type { Logger, Telemetry } from '#libs/runtime';
import { FailingTopics } from './failing-topics.js';

interface OutboxRow {
  id: string;
  topic: string;
  frames: Buffer;
}

/** Nobody waits longer than this for a wake-up that got lost. */
const LOOK_AGAIN_MS = 500;
const STANDBY_MS = 1000;
const SEND_LIMIT_MS = 20_000;
/** For the rows of one topic, after a send of several topics did not end. */
const TOPIC_LIMIT_MS = 10_000;
/** So many sends that did not end mean that Kafka is away: the other topics are left for the next step. */
const LATE_SENDS = 2;

/** What became of the rows of one topic; `late` when Kafka did not answer in time. */
type Sent = 'published' | 'failed' | 'late';

/**
 * Carries the unpublished rows of one outbox and lane to Kafka, in order within each topic. One process at a time does
 * it for each lane, so that versions of a row reach the log in order; the emergency lane has a loop of its own. A topic
 * that is missing or forbidden waits by itself, and the others of its lane go on. A crash after the send repeats
 * records with the same ids.
 */
export class OutboxPublisher {
  private readonly failing = new FailingTopics();

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

  /**
   * One send to the topics that work, and one to a topic that failed and may be tried again.
   * @returns what the loop does next: again at once, or milliseconds to wait
   */
  step(): Promise<'again' | number> {
    return withoutAudit(this.database, async (manager) => {
      const [leader] = await manager.query<{ leads: boolean }[]>(
        `SELECT pg_try_advisory_xact_lock(hashtext($1), $2) AS leads`,
        [`outbox/${this.schema}`, this.lane],
      );
      if (!leader?.leads) return STANDBY_MS;
      const rows = await this.unpublished(manager, 'topic <> ALL ($3::text[])', this.failing.all);
      if (rows.length > 0) await this.publish(manager, rows);
      const recovered = await this.tryFailingTopic(manager);
      // Whatever was committed meanwhile has woken the loop.
      return recovered || rows.length === this.rowsAtOnce ? 'again' : LOOK_AGAIN_MS;
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

  private unpublished(manager: EntityManager, which: string, topics: readonly string[]): Promise<OutboxRow[]> {
    return manager.query<OutboxRow[]>(
      `SELECT id, topic, frames FROM ${this.schema}.outbox
        WHERE lane = $1 AND published_at IS NULL AND ${which} ORDER BY id LIMIT $2`,
      [this.lane, this.rowsAtOnce, topics],
    );
  }

  /** All topics in one send; when that fails each by itself, and those that fail again wait. */
  private async publish(manager: EntityManager, rows: readonly OutboxRow[]): Promise<void> {
    const byTopic = Map.groupBy(rows, ({ topic }) => topic);
    const limit = AbortSignal.timeout(SEND_LIMIT_MS);
    try {
      await this.send(rows, limit);
    } catch {
      let late = limit.aborted ? 1 : 0;
      for (const [topic, ofTopic] of byTopic) {
        if (late >= LATE_SENDS) return;
        if ((await this.publishTopic(manager, topic, ofTopic)) === 'late') late += 1;
      }
      return;
    }
    await this.mark(manager, rows);
  }

  /** A topic that failed is tried apart from the others, so that they never wait for more than one of its kind. */
  private async tryFailingTopic(manager: EntityManager): Promise<boolean> {
    const topic = this.failing.due(Date.now());
    if (topic === undefined) return false;
    const rows = await this.unpublished(manager, 'topic = ANY ($3::text[])', [topic]);
    if (rows.length > 0) return (await this.publishTopic(manager, topic, rows)) === 'published';
    this.failing.forget(topic);
    return false;
  }

  private async publishTopic(manager: EntityManager, topic: string, rows: readonly OutboxRow[]): Promise<Sent> {
    const limit = AbortSignal.timeout(TOPIC_LIMIT_MS);
    const thrown = await failureOf(this.send(rows, limit));
    if (thrown === undefined) await this.mark(manager, rows);
    else if (familyOf(thrown) !== 'rejection') return this.notPublished(topic, thrown, limit.aborted);
    else {
      for (const row of rows) {
        const error = await this.publishOneByOne(manager, row);
        if (error !== undefined) return this.notPublished(topic, error, false);
      }
    }
    this.failing.forget(topic);
    return 'published';
  }

  private notPublished(topic: string, thrown: unknown, late: boolean): Sent {
    this.failing.failed(topic, Date.now());
    const family = familyOf(thrown);
    this.logger[family === 'fault' ? 'error' : 'warn'](
      { outbox: this.schema, lane: this.lane, topic, err: thrown },
      'topic-not-published',
    );
    this.telemetry
      .counter('relay_topic_failures_total', 'Sends of one topic that failed', ['outbox', 'family'])
      .inc({ outbox: this.schema, family });
    return late ? 'late' : 'failed';
  }

  private async send(rows: readonly OutboxRow[], limit: AbortSignal): Promise<void> {
    const batches = rows.map((row): TopicRecords => ({ topic: row.topic, records: unpackFrames(row.frames) }));
    await this.producer.send(batches, limit);
  }

  private async mark(manager: EntityManager, rows: readonly OutboxRow[]): Promise<void> {
    this.afterSend();
    const marked = await manager.query<{ records: number }[]>(
      `WITH marked AS (UPDATE ${this.schema}.outbox SET published_at = now() WHERE id = ANY($1) RETURNING records)
       SELECT sum(records)::integer AS records FROM marked`,
      [rows.map((row) => row.id)],
    );
    this.count(marked[0]?.records ?? 0);
  }

  private count(records: number): void {
    this.telemetry
      .counter('relay_records_total', 'Records carried from an outbox to Kafka', ['outbox', 'lane'])
      .inc({ outbox: this.schema, lane: LANE_NAMES[this.lane] }, records);
  }

  /**
   * Kafka will never take one of the records: the others go on, that one stays in its row for a person.
   * @returns what stopped it when the row is not done
   */
  private async publishOneByOne(manager: EntityManager, row: OutboxRow): Promise<unknown> {
    const refused: string[] = [];
    const records = unpackFrames(row.frames);
    for (const record of records) {
      const send = this.producer.send([{ topic: row.topic, records: [record] }], AbortSignal.timeout(TOPIC_LIMIT_MS));
      const thrown = await failureOf(send);
      if (thrown === undefined) continue;
      if (familyOf(thrown) !== 'rejection') return thrown;
      refused.push(record.key);
    }
    await manager.query(`UPDATE ${this.schema}.outbox SET published_at = now(), refused_keys = $2 WHERE id = $1`, [
      row.id,
      refused.length > 0 ? refused : null,
    ]);
    this.count(records.length - refused.length);
    if (refused.length === 0) return undefined;
    this.logger.error(
      { outbox: this.schema, outbox_id: row.id, topic: row.topic, refused },
      'records-refused-by-kafka',
    );
    this.telemetry
      .counter('relay_dead_letters_total', 'Records that Kafka will never take', ['outbox'])
      .inc({ outbox: this.schema }, refused.length);
    return undefined;
  }
}

/** What a send threw; undefined when it succeeded. */
async function failureOf(send: Promise<void>): Promise<unknown> {
  try {
    await send;
    return undefined;
  } catch (thrown) {
    return thrown ?? new Error('a send failed without saying why');
  }
}
