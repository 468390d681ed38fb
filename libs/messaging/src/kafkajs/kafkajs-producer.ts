import kafkajs, { type Message, type Producer as KafkajsClientProducer, type TopicMessages } from 'kafkajs';
import { fault, rejection, transient } from '#libs/domain';
import type { Producer, RecordToSend, TopicRecords } from '../kafka-client.js';
import type { MessagingLogger } from '../messaging-logger.js';
import type { MessagingObserver } from '../messaging-observer.js';
import { backoffMs, pause } from '../pause-between-tries.js';
import { kafkaErrorType, summaryOf, verdictOf } from './kafkajs-errors.js';
import { endLink, type KafkajsLink, type OpenLink, REQUEST_TIMEOUT_MS } from './kafkajs-link.js';
import { inRequests } from './produce-requests.js';

const BACKOFF = { firstMs: 250, maxMs: 5_000 };
const CLOSE_MS = 5_000;
/** Tries with a fresh producer before a partition that nobody acknowledges is reported instead. */
const UNCONFIRMED_TRIES = 3;

/** kafkajs resolved without an acknowledgement for every partition it was given records for. */
class Unconfirmed extends Error {}

/** A connected kafkajs producer and the partitions it chose in the send under way, by topic. */
interface LiveProducer {
  link: KafkajsLink;
  producer: KafkajsClientProducer;
  chosen: Map<string, Set<number>>;
  connected: boolean;
}

/**
 * The producer over kafkajs. Three properties of kafkajs 2.2.4 shape it:
 * - after a failed request it takes its sequence numbers back, so another send could reuse those of records that the
 *   broker did write, and be dropped as their duplicate: hence one send at a time, the same records until they
 *   succeed, and a new producer after any send that was given up;
 * - it forgets records of a partition whose leader moves, during a send, to a broker that has answered already, and
 *   records for a partition that does not exist: hence the check that every chosen partition was acknowledged;
 * - a deleted topic breaks its metadata for all topics: hence the new producer after `no-topic` too.
 */
export class KafkajsProducer implements Producer {
  private tail: Promise<void> = Promise.resolve();
  private live: LiveProducer | undefined;
  private readonly closing = new AbortController();

  constructor(
    private readonly openLink: OpenLink,
    private readonly logger: MessagingLogger,
    private readonly observer: MessagingObserver,
  ) {}

  send(batches: readonly TopicRecords[], signal?: AbortSignal): Promise<void> {
    const stop = signal ? AbortSignal.any([signal, this.closing.signal]) : this.closing.signal;
    const sent = this.tail.then(() => this.sendAll(batches, stop));
    this.tail = sent.catch(() => undefined);
    return unlessGivenUp(sent, stop);
  }

  async close(): Promise<void> {
    const gaveUp = new AbortController();
    await Promise.race([this.tail, pause(CLOSE_MS, gaveUp.signal)]);
    gaveUp.abort();
    this.closing.abort();
    await this.tail;
    await this.discard(CLOSE_MS);
  }

  private async sendAll(batches: readonly TopicRecords[], stop: AbortSignal): Promise<void> {
    for (const request of inRequests(batches)) {
      const started = performance.now();
      await this.sendUntilAcknowledged(request.map(toTopicMessages), stop);
      const durationMs = performance.now() - started;
      for (const { topic, records } of request) this.observer.produced(topic, records.length, durationMs);
    }
  }

  private async sendUntilAcknowledged(request: TopicMessages[], stop: AbortSignal): Promise<void> {
    let unconfirmed = 0;
    for (let attempt = 0; ; attempt += 1) {
      if (stop.aborted) throw givenUp();
      try {
        await this.sendOnce(request, stop);
        return;
      } catch (error) {
        unconfirmed += error instanceof Unconfirmed ? 1 : 0;
        await this.judge(error, unconfirmed >= UNCONFIRMED_TRIES || stop.aborted);
        this.observer.produceRetried(kafkaErrorType(error) ?? 'connection');
        this.logger.warn({ attempt, reason: summaryOf(error) }, 'A send to Kafka failed and is tried again');
        await pause(backoffMs(BACKOFF, attempt), stop);
      }
    }
  }

  /** Decides whether the failed request is tried again (returns) or the send ends (throws), and with which producer. */
  private async judge(error: unknown, giveUp: boolean): Promise<void> {
    const verdict = verdictOf(error);
    if (!giveUp && verdict === 'outage' && !(error instanceof Unconfirmed)) return;
    await this.discard(0);
    if (verdict === 'refused') {
      const type = kafkaErrorType(error) ?? '';
      throw rejection('TOC_KAFKA_RECORD_REFUSED', `Kafka refuses a record of this send (${type}).`, { reason: type });
    }
    if (verdict === 'forbidden') throw fault(`Kafka forbids this send (${summaryOf(error)}).`, error);
    if (verdict === 'no-topic') throw transient('TOC_KAFKA_UNAVAILABLE', 'A topic of this send does not exist.', error);
    if (giveUp) throw transient('TOC_KAFKA_UNAVAILABLE', 'Kafka did not take the records.', error);
  }

  private async sendOnce(topicMessages: TopicMessages[], stop: AbortSignal): Promise<void> {
    const live = this.live ?? this.open();
    if (!live.connected) {
      await unlessGivenUp(live.producer.connect(), stop);
      live.connected = true;
    }
    live.chosen.clear();
    const answering = live.producer.sendBatch({ acks: -1, timeout: REQUEST_TIMEOUT_MS, topicMessages });
    const answers = await unlessGivenUp(answering, stop);
    for (const { topicName, partition } of answers) live.chosen.get(topicName)?.delete(partition);
    const open = [...live.chosen].find(([, partitions]) => partitions.size > 0);
    if (open) throw new Unconfirmed(`Kafka did not acknowledge every partition of ${open[0]}.`);
  }

  private open(): LiveProducer {
    const link = this.openLink();
    const chosen = new Map<string, Set<number>>();
    const producer = link.kafka.producer({
      idempotent: true,
      allowAutoTopicCreation: false,
      createPartitioner: () => {
        const choose = kafkajs.Partitioners.DefaultPartitioner();
        return (about) => {
          const partition = choose(about);
          const partitions = chosen.get(about.topic);
          if (partitions) partitions.add(partition);
          else chosen.set(about.topic, new Set([partition]));
          return partition;
        };
      },
    });
    this.live = { link, producer, chosen, connected: false };
    return this.live;
  }

  private async discard(timeoutMs: number): Promise<void> {
    const live = this.live;
    this.live = undefined;
    if (live) await endLink(live.link, () => live.producer.disconnect(), timeoutMs);
  }
}

/** Passes the outcome on, or throws as soon as the signal aborts; what comes later is dropped. */
async function unlessGivenUp<T>(outcome: Promise<T>, stop: AbortSignal): Promise<T> {
  let give: () => void = () => undefined;
  const stopped = new Promise<never>((_, reject) => {
    give = () => reject(givenUp());
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

function toTopicMessages({ topic, records }: TopicRecords): TopicMessages {
  return { topic, messages: records.map(toMessage) };
}

/** kafkajs takes our record as it is; only the type of its headers is wider. */
function toMessage(record: RecordToSend): Message {
  return record;
}
