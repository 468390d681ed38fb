import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Consumer, type Kafka } from 'kafkajs';

/** What a platform is given. */
export interface PlatformCredentials {
  username: string;
  password: string;
  topic: string;
  group_prefix: string;
}

const QUIET = { logLevel: kafkajs.logLevel.NOTHING, retry: { retries: 1, initialRetryTime: 100 } };

export function connectAs(bootstrap: string, username: string, password: string): Kafka {
  const sasl = { mechanism: 'scram-sha-512' as const, username, password };
  return new kafkajs.Kafka({ clientId: 'platform', brokers: [bootstrap], sasl, ...QUIET });
}

/** A platform's own consumer, which keeps what it reads with the moment it came. */
export class PlatformConsumer {
  readonly read: { value: string; at: number }[] = [];
  private constructor(private readonly consumer: Consumer) {}

  static async start(
    bootstrap: string,
    credentials: PlatformCredentials,
    group = 'matcher',
  ): Promise<PlatformConsumer> {
    const { username, password, topic, group_prefix } = credentials;
    const consumer = connectAs(bootstrap, username, password).consumer({
      groupId: `${group_prefix}${group}`,
      maxWaitTimeInMs: 200,
    });
    const platform = new PlatformConsumer(consumer);
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      eachMessage: ({ message }) => {
        platform.read.push({ value: String(message.value), at: Date.now() });
        return Promise.resolve();
      },
    });
    return platform;
  }

  /** Waits until this many records were read. */
  async reads(count: number): Promise<void> {
    for (const deadline = Date.now() + 15_000; this.read.length < count; await sleep(20)) {
      if (Date.now() > deadline) throw new Error(`read ${this.read.length} of ${count} records`);
    }
  }

  async stop(): Promise<void> {
    await this.consumer.disconnect().catch(() => undefined);
  }
}

/** Writes a record every few milliseconds until stopped; each says when it was written. */
export class SteadyWriter {
  private stopped = false;
  private running!: Promise<void>;

  static start(kafka: Kafka, topic: string): SteadyWriter {
    const writer = new SteadyWriter();
    writer.running = writer.write(kafka, topic);
    return writer;
  }

  private async write(kafka: Kafka, topic: string): Promise<void> {
    const producer = kafka.producer();
    await producer.connect();
    while (!this.stopped) {
      await producer.send({ topic, messages: [{ key: 'row', value: String(Date.now()) }] });
      await sleep(20);
    }
    await producer.disconnect();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }
}
