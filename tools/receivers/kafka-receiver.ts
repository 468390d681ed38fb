import kafkajs, { type Consumer, type EachBatchPayload, type KafkaConfig } from 'kafkajs';
import { ReceiverState, type Arrival } from './receiver-state.js';
import type { HeldRow } from './row-table.js';

const { Kafka, logLevel } = kafkajs;

export interface KafkaReceiverOptions {
  brokers: string[];
  /** Handed over at registration. */
  topic: string;
  /** Has to begin with the group prefix handed over at registration. */
  groupId: string;
  /** SCRAM-SHA-512; absent for a broker without authentication. */
  credentials?: { username: string; password: string };
  /** TLS as kafkajs takes it. Default off. */
  ssl?: KafkaConfig['ssl'];
}

/** A reader that was killed holds its place in the group for so long; the next one waits for it. */
const SESSION_MS = 10_000;

/** A running receiver, see {@link startKafkaReceiver}. */
export interface KafkaReceiver {
  table(): HeldRow[];
  row(channel: string, rowId: string): HeldRow | undefined;
  readonly arrivals: readonly Arrival[];
  readonly state: ReceiverState;
  waitFor(predicate: (state: ReceiverState) => boolean, ms: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * A reference reader of a platform's own topic: from the beginning, table in memory under the version rule, offsets
 * committed after the records were applied.
 * @throws the client's error when the broker refuses user, topic or group
 */
export async function startKafkaReceiver(options: KafkaReceiverOptions): Promise<KafkaReceiver> {
  const state = new ReceiverState();
  const consumer = new Kafka({
    clientId: options.groupId,
    brokers: options.brokers,
    ssl: options.ssl,
    sasl: options.credentials && { mechanism: 'scram-sha-512', ...options.credentials },
    logLevel: logLevel.NOTHING,
  }).consumer({ groupId: options.groupId, maxWaitTimeInMs: 100, sessionTimeout: SESSION_MS });
  await consumer.connect();
  await consumer.subscribe({ topics: [options.topic], fromBeginning: true });
  await joined(consumer, () => consumer.run({ eachBatch: (payload) => takeBatch(payload, state) }));
  return {
    state,
    arrivals: state.arrivals,
    table: () => state.table(),
    row: (channel, rowId) => state.row(channel, rowId),
    waitFor: (predicate, ms) => state.waitFor(predicate, ms),
    close: () => consumer.disconnect(),
  };
}

/** The client returns before it has asked the broker for anything: wait for the group, or for the refusal. */
async function joined(consumer: Consumer, run: () => Promise<void>): Promise<void> {
  const { GROUP_JOIN, CRASH } = consumer.events;
  try {
    await new Promise<void>((resolve, reject) => {
      consumer.on(GROUP_JOIN, () => resolve());
      consumer.on(CRASH, ({ payload }) => reject(payload.error));
      run().catch(reject);
    });
  } catch (error) {
    await consumer.disconnect();
    throw error;
  }
}

function takeBatch({ batch }: EachBatchPayload, state: ReceiverState): Promise<void> {
  for (const { offset, value, headers } of batch.messages) {
    // A tombstone is housekeeping of the topic, not a message.
    if (value === null) continue;
    const revision = Number(String(headers?.tocsin_revision ?? 0));
    state.take(`${batch.partition}:${offset}`, revision, [parsed(value)]);
  }
  return Promise.resolve();
}

function parsed(value: Buffer): unknown {
  try {
    return JSON.parse(value.toString('utf8'));
  } catch {
    return undefined;
  }
}
