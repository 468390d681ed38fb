import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import {
  type Connection,
  compatibilityPartitioner,
  Producer as PlatformaticClientProducer,
  type MessageToProduce,
} from '@platformatic/kafka';
import { fault, rejection, transient } from '#libs/domain';
import type { KafkaConnection, Producer, TopicRecords } from '../kafka-client.js';
import type { MessagingLogger } from '../messaging-logger.js';
import type { MessagingObserver } from '../messaging-observer.js';
import { backoffMs, pause } from '../pause-between-tries.js';
import { connectionOptions } from './connection-options.js';
import { kafkaErrorId, summaryOf, verdictOf } from './platformatic-errors.js';
import { inRequests } from './produce-requests.js';

const BACKOFF = { firstMs: 100, maxMs: 5_000 };
const CLOSE_MS = 5_000;
/** A topic that was made a moment ago may not be known to every broker; after so many looks it is missing. */
const LOOKS_FOR_A_TOPIC = 5;

type ClientProducer = PlatformaticClientProducer<Buffer, Buffer | null>;

/** A producer of the client library, and the reason why what is under way will not succeed, once that is known. */
interface LiveProducer {
  client: ClientProducer;
  missing: AbortController;
  connections: Set<Connection>;
}

/**
 * The producer over `@platformatic/kafka` (see docs/adr/0010). The library repeats a request through an outage with
 * the same sequence numbers, so that the broker drops what it has already; this class bounds that by the signal of a
 * send, tells what will never succeed, and begins anew, with a new producer id and without the old connections, after
 * any send that ended otherwise.
 */
export class PlatformaticProducer implements Producer {
  private tail: Promise<void> = Promise.resolve();
  private live: LiveProducer | undefined;
  private readonly closing = new AbortController();

  constructor(
    private readonly connection: KafkaConnection,
    private readonly logger: MessagingLogger,
    private readonly observer: MessagingObserver,
  ) {}

  send(batches: readonly TopicRecords[], signal?: AbortSignal): Promise<void> {
    const stop = signal ? AbortSignal.any([signal, this.closing.signal]) : this.closing.signal;
    const sent = this.tail.then(() => this.sendAll(batches, stop));
    this.tail = sent.catch(() => undefined);
    return unlessAborted(sent, stop, givenUp);
  }

  async close(): Promise<void> {
    const gaveUp = new AbortController();
    await Promise.race([this.tail, pause(CLOSE_MS, gaveUp.signal)]);
    gaveUp.abort();
    this.closing.abort();
    await this.tail;
    await this.discard();
  }

  private async sendAll(batches: readonly TopicRecords[], stop: AbortSignal): Promise<void> {
    for (const request of inRequests(batches)) {
      const started = performance.now();
      await this.sendUntilAcknowledged(request, stop);
      const durationMs = performance.now() - started;
      for (const { topic, records } of request) this.observer.produced(topic, records.length, durationMs);
    }
  }

  private async sendUntilAcknowledged(request: readonly TopicRecords[], stop: AbortSignal): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      if (stop.aborted) throw givenUp();
      const live = (this.live ??= this.open());
      try {
        const sending = this.sendOnce(live, request);
        await unlessAborted(unlessAborted(sending, live.missing.signal, noTopic), stop, givenUp);
        return;
      } catch (error) {
        // Whatever became of it, sequence numbers may be out of step with the broker's.
        await this.discard();
        throwIfFinal(error);
        this.retried('send', error);
        await pause(backoffMs(BACKOFF, attempt), stop);
      }
    }
  }

  private async sendOnce({ client }: LiveProducer, request: readonly TopicRecords[]): Promise<void> {
    await requirePartitions(client, request);
    const messages: MessageToProduce<Buffer, Buffer | null>[] = [];
    const headerBytes = new HeaderBytes();
    for (const { topic, records } of request)
      for (const { key, value, headers, partition } of records)
        messages.push({
          topic,
          key: bytesOf(key),
          value: value === null ? null : bytesOf(value),
          headers: headerBytes.of(headers),
          partition,
        });
    await client.send({ messages });
  }

  private open(): LiveProducer {
    const missing = new AbortController();
    const client: ClientProducer = new PlatformaticClientProducer({
      ...connectionOptions(this.connection),
      clientId: this.connection.clientId,
      bootstrapBrokers: [...this.connection.brokers],
      idempotent: true,
      autocreateTopics: false,
      partitioner: compatibilityPartitioner,
      // Called before each repeat of a request, which goes on until the send is given up.
      retryDelay: (_client, operation, attempt, _retries, error) => {
        this.retried(operation, error);
        if (verdictOf(error) === 'no-topic' && attempt >= LOOKS_FOR_A_TOPIC) missing.abort();
        return backoffMs(BACKOFF, attempt - 1);
      },
    });
    // What the library tells by events, it tells by rejections too.
    client.on('error', () => undefined);
    const connections = new Set<Connection>();
    client.on('client:broker:connect', ({ connection }: { connection: Connection }) => connections.add(connection));
    client.on('client:broker:disconnect', ({ connection }: { connection: Connection }) =>
      connections.delete(connection),
    );
    return { client, missing, connections };
  }

  private retried(operation: string, error: unknown): void {
    this.observer.produceRetried(kafkaErrorId(error) ?? 'connection');
    this.logger.warn({ operation, reason: summaryOf(error) }, 'A request to Kafka failed and is tried again');
  }

  private async discard(): Promise<void> {
    const live = this.live;
    this.live = undefined;
    if (!live) return;
    const gaveUp = new AbortController();
    // First of all: a connection that the library has begun to end cannot be reset any more.
    for (const { socket } of live.connections) reset(socket);
    const closed = live.client.close(true).catch(() => undefined);
    await Promise.race([closed, pause(CLOSE_MS, gaveUp.signal)]);
    gaveUp.abort();
  }
}

/**
 * Ends a connection with what it has not sent yet, also in the operating system: flushed later, a send that was given
 * up could land behind later ones. Under TLS only what the process holds is dropped.
 */
function reset(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}

/** The library would wrap a partition that does not exist around to one that does. */
async function requirePartitions(client: ClientProducer, request: readonly TopicRecords[]): Promise<void> {
  for (const { topic, records } of request) {
    const highest = records.reduce((most, { partition = -1 }) => Math.max(most, partition), -1);
    if (highest < 0) continue;
    const { topics } = await client.metadata({ topics: [topic] });
    if (highest >= (topics.get(topic)?.partitionsCount ?? 0))
      throw transient('TOC_KAFKA_UNAVAILABLE', `The topic has no partition ${highest}.`);
  }
}

/** @throws when trying again would not help */
function throwIfFinal(error: unknown): void {
  if (error instanceof Error && 'family' in error) throw error;
  const id = kafkaErrorId(error) ?? '';
  switch (verdictOf(error)) {
    case 'refused':
      throw rejection('TOC_KAFKA_RECORD_REFUSED', `Kafka refuses a record of this send (${id}).`, { reason: id });
    case 'forbidden':
      throw fault(`Kafka forbids this send (${id}).`, error);
    case 'no-topic':
      throw noTopic();
    case 'outage':
      return;
  }
}

function bytesOf(value: string | Buffer): Buffer {
  return typeof value === 'string' ? Buffer.from(value) : value;
}

type Header = readonly [name: Buffer, text: string, value: Buffer];

/**
 * Headers as bytes. Records of one send mostly say the same in all but one or two of them: what the record before said
 * is taken from it, for making and collecting a dozen small buffers a record would cost as much as sending it.
 */
class HeaderBytes {
  private readonly last = new Map<string, Header>();

  of(headers: TopicRecords['records'][number]['headers'] = {}): Map<Buffer, Buffer> {
    const bytes = new Map<Buffer, Buffer>();
    for (const name in headers) {
      const text = headers[name] ?? '';
      const [nameBytes, value] = typeof text === 'string' ? this.ofText(name, text) : [Buffer.from(name), text];
      bytes.set(nameBytes, value);
    }
    return bytes;
  }

  private ofText(name: string, text: string): [name: Buffer, value: Buffer] {
    const last = this.last.get(name);
    if (last?.[1] === text) return [last[0], last[2]];
    const nameBytes = last?.[0] ?? Buffer.from(name);
    const value = Buffer.from(text);
    this.last.set(name, [nameBytes, text, value]);
    return [nameBytes, value];
  }
}

/** Passes the outcome on, or throws as soon as the signal aborts; what comes later is dropped. */
async function unlessAborted<T>(outcome: Promise<T>, stop: AbortSignal, reason: () => Error): Promise<T> {
  let give: () => void = () => undefined;
  const stopped = new Promise<never>((_, reject) => {
    give = () => reject(reason());
    if (stop.aborted) give();
    else stop.addEventListener('abort', give, { once: true });
  });
  try {
    return await Promise.race([outcome, stopped]);
  } finally {
    stop.removeEventListener('abort', give);
    outcome.catch(() => undefined);
  }
}

function givenUp(): Error {
  return transient('TOC_KAFKA_UNAVAILABLE', 'The send was given up before Kafka acknowledged it.');
}

function noTopic(): Error {
  return transient('TOC_KAFKA_UNAVAILABLE', 'A topic of this send does not exist.');
}
