import { BaseRpcContext, type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import { fault } from '#libs/domain';
import {
  type BatchConsumerSettings,
  runBatchConsumer,
  type RunningBatchConsumer,
} from '../batch-loop/run-batch-consumer.js';
import type { ConsumerHealth, RecordBatch } from '../kafka-client.js';
import { TOCSIN_KAFKA } from './batch-handler.js';
import { fitsPattern, isOneTopic } from './topic-pattern.js';

/** What a batch handler may ask for with `@Ctx()`. */
export class BatchContext extends BaseRpcContext<[RecordBatch, AbortSignal]> {
  get batch(): RecordBatch {
    return this.getArgs()[0];
  }

  /** Aborted when the consumer closes or has lost the partition. */
  get stop(): AbortSignal {
    return this.getArgs()[1];
  }
}

/** As of a batch consumer; the handlers come from the controllers. */
export interface TocsinKafkaOptions extends Omit<BatchConsumerSettings, 'handle' | 'topics'> {
  /** Topics beside those that handlers name without a pattern; may change later with {@link TocsinKafkaStrategy.subscribe}. */
  topics?: readonly string[];
}

/**
 * Nest transport over this library's batch consumer. The application starts with or without a broker; readiness is
 * told by {@link health}. Closing drains: the running batches end and commit, then the member leaves its group.
 */
export class TocsinKafkaStrategy
  extends Server<{ health: (health: ConsumerHealth) => void }>
  implements CustomTransportStrategy
{
  override readonly transportId = TOCSIN_KAFKA;
  /** Failures reach the batch loop, which decides about them; Nest is not to log them as lost. */
  override readonly propagatesEventHandlerErrors = true;
  private readonly listeners = new Set<(health: ConsumerHealth) => void>();
  private running: RunningBatchConsumer | undefined;
  private topics: readonly string[];

  constructor(private readonly options: TocsinKafkaOptions) {
    super();
    this.topics = options.topics ?? [];
  }

  /** Begins to consume. Fails, through the callback, when a topic has no handler or more than one. */
  listen(callback: (error?: unknown) => void): void {
    try {
      const topics = this.checkedTopics(this.topics);
      this.running = runBatchConsumer({ ...this.options, topics, handle: (batch, stop) => this.handle(batch, stop) });
      this.running.onHealth((health) => {
        this._status$.next(health.state);
        for (const listener of this.listeners) listener(health);
      });
      callback();
    } catch (error) {
      callback(error);
    }
  }

  async close(): Promise<void> {
    await this.running?.close();
  }

  /**
   * Replaces the list of topics beside those that handlers name.
   * @throws a fault when one of them has no handler
   */
  subscribe(topics: readonly string[]): void {
    const checked = this.checkedTopics(topics);
    this.topics = topics;
    this.running?.subscribe(checked);
  }

  health(): ConsumerHealth {
    return this.running?.health() ?? { state: 'starting', since: new Date() };
  }

  on<Event extends 'health'>(_event: Event, listener: (health: ConsumerHealth) => void): void {
    this.listeners.add(listener);
  }

  /** Nest's door to the native client; there is none to give away here. */
  unwrap<T>(): T {
    throw fault('The Kafka client is not given away; use the port of the messaging library.');
  }

  private async handle(batch: RecordBatch, stop: AbortSignal): Promise<void> {
    const handler = this.handlerOf(batch.topic);
    const context = new BatchContext([batch, stop]);
    // The hooks return nothing to wait for, so the outcome of the call is carried out of them.
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.runWithProcessingHooks(context, async (runEndHook) => {
      const outcome = settle(handler, batch, context).finally(runEndHook);
      resolve(outcome);
      await outcome.catch(() => undefined);
    });
    await promise;
  }

  private checkedTopics(more: readonly string[]): string[] {
    const named = [...this.messageHandlers.keys()].filter(isOneTopic);
    const topics = [...new Set([...named, ...more])];
    for (const topic of topics) this.handlerOf(topic);
    return topics;
  }

  private handlerOf(topic: string): MessageHandler {
    const fitting = [...this.messageHandlers].filter(([pattern]) => fitsPattern(topic, pattern));
    const [only] = fitting;
    if (!only) throw fault(`No batch handler takes the topic ${topic}.`);
    if (fitting.length > 1 || only[1].next) throw fault(`More than one batch handler takes the topic ${topic}.`);
    return only[1];
  }
}

/** Nest hands results over as streams, plain or in a promise; the last value counts. */
async function settle(handler: MessageHandler, batch: RecordBatch, context: BatchContext): Promise<void> {
  const result: unknown = await handler(batch, context);
  if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
}
