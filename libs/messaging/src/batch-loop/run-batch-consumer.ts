import { type ErrorFamily, familyOf } from '#libs/domain';
import type { DeadLetterSink } from '../dead-letter-sink.js';
import type { ConsumerHealth, ConsumerOptions, KafkaClient } from '../kafka-client.js';
import type { MessagingLogger } from '../messaging-logger.js';
import { type MessagingObserver, silentObserver } from '../messaging-observer.js';
import type { HandleBatch, RetryPolicy } from './handle-batch.js';
import { HandleDelivery, type HandlingSettings } from './handle-delivery.js';

/** What a batch consumer needs. */
export interface BatchConsumerSettings extends ConsumerOptions {
  client: KafkaClient;
  topics: readonly string[];
  handle: HandleBatch;
  deadLetters: DeadLetterSink;
  logger: MessagingLogger;
  observer?: MessagingObserver;
  /** Most records in one call of the handler. Default 1,000. */
  maxRecords?: number;
  retry?: Partial<RetryPolicy>;
  /** The family of an error that the handler threw; by default that of the domain's errors. */
  familyOf?: (thrown: unknown) => ErrorFamily;
}

/** A consumer at work. */
export interface RunningBatchConsumer {
  /** Replaces the list of topics. */
  subscribe(topics: readonly string[]): void;
  health(): ConsumerHealth;
  /** Called at every change of state. Returns the function that ends it. */
  onHealth(listener: (health: ConsumerHealth) => void): () => void;
  /** Finishes and commits the running batch, then leaves the group. Waiting for a retry ends at once. */
  close(): Promise<void>;
}

const RETRY: RetryPolicy = {
  transient: { firstMs: 200, maxMs: 30_000 },
  fault: { firstMs: 1_000, maxMs: 30_000 },
  faultTries: 5,
};

/** Consumes topics in batches; offsets are committed after the effects. Begins at once, with or without a broker. */
export function runBatchConsumer(settings: BatchConsumerSettings): RunningBatchConsumer {
  const { client, topics, observer = silentObserver, maxRecords = 1_000, retry } = settings;
  const consumer = client.consumer(settings);
  const handling: HandlingSettings = {
    groupId: settings.groupId,
    handle: settings.handle,
    deadLetters: settings.deadLetters,
    logger: settings.logger,
    observer,
    maxRecords,
    retry: { ...RETRY, ...retry },
    familyOf: settings.familyOf ?? familyOf,
    consumer,
  };
  consumer.subscribe(topics);
  consumer.start((delivery) => new HandleDelivery(handling, delivery).run());
  return {
    subscribe: (list) => consumer.subscribe(list),
    health: () => consumer.health(),
    onHealth: (listener) => consumer.onHealth(listener),
    close: () => consumer.close(),
  };
}
