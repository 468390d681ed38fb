import type { ErrorFamily } from '#libs/domain';
import type { DeadLetterSink } from '../dead-letter-sink.js';
import type { BatchConsumer, BatchDelivery, ReceivedRecord } from '../kafka-client.js';
import type { MessagingLogger } from '../messaging-logger.js';
import type { MessagingObserver, Place } from '../messaging-observer.js';
import { type Backoff, backoffMs, pause } from '../pause-between-tries.js';
import type { HandleBatch, RetryPolicy } from './handle-batch.js';
import { type ErrorReading, readError } from './read-error.js';

/** What handling needs; see `BatchConsumerSettings`. */
export interface HandlingSettings {
  groupId: string;
  handle: HandleBatch;
  deadLetters: DeadLetterSink;
  logger: MessagingLogger;
  observer: MessagingObserver;
  maxRecords: number;
  retry: RetryPolicy;
  familyOf: (thrown: unknown) => ErrorFamily;
  consumer: Pick<BatchConsumer, 'pause' | 'resume'>;
}

/** How a piece of work ended: all of it, before its end on request, or by an error that waiting does not mend. */
type Outcome = 'done' | 'stopped' | { family: 'rejection' | 'fault'; error: ErrorReading };

/** Carries one delivery through: handle, wait, isolate, dead-letter, commit. Made for one delivery. */
export class HandleDelivery {
  private readonly place: Place;
  private isPaused = false;

  constructor(
    private readonly settings: HandlingSettings,
    private readonly delivery: BatchDelivery,
  ) {
    this.place = { topic: delivery.batch.topic, partition: delivery.batch.partition };
  }

  /** Resolves when everything is handled and committed, or when the delivery was stopped. */
  async run(): Promise<void> {
    try {
      await this.handleAll();
    } finally {
      this.goOn();
    }
  }

  private async handleAll(): Promise<void> {
    const { maxRecords, observer } = this.settings;
    const { batch, nextOffset, endOffset, signal } = this.delivery;
    for (let from = 0; from < batch.records.length && !signal.aborted; from += maxRecords) {
      const slice = batch.records.slice(from, from + maxRecords);
      if ((await this.handleSlice(slice)) === 'stopped') return;
      const following = batch.records[from + maxRecords];
      const next = following?.offset ?? nextOffset;
      if ((await this.delivery.commit(next)) === 'lost') return;
      observer.lag(this.place, Number(endOffset - next));
    }
  }

  private async handleSlice(records: readonly ReceivedRecord[]): Promise<'done' | 'stopped'> {
    const outcome = await this.throughTransients(records);
    if (typeof outcome === 'string') return outcome;
    const fields = { ...this.at(records[0]), records: records.length, ...outcome.error.forLog };
    if (outcome.family === 'fault')
      this.settings.logger.error(fields, 'A batch met a fault and is repeated one by one');
    else this.settings.logger.warn(fields, 'A batch was rejected and is repeated one by one');
    for (const record of records) {
      if ((await this.handleAlone(record)) === 'stopped') return 'stopped';
    }
    return 'done';
  }

  /** One record in a call of its own: until it is handled, given up for good, or stopped. */
  private async handleAlone(record: ReceivedRecord): Promise<'done' | 'stopped'> {
    const { observer, retry, logger } = this.settings;
    for (let faults = 1; ; faults += 1) {
      const outcome = await this.throughTransients([record]);
      if (typeof outcome === 'string') return outcome;
      const { family, error } = outcome;
      if (family === 'rejection') return this.bury(record, error);
      logger.error({ ...this.at(record), faults, ...error.forLog }, 'A record met a fault');
      if (faults >= retry.faultTries) {
        observer.alarmed(this.place, error.code);
        return this.bury(record, error);
      }
      if ((await this.wait(retry.fault, faults - 1)) === 'stopped') return 'stopped';
    }
  }

  /** Calls the handler, again and again while its errors are transient. */
  private async throughTransients(records: readonly ReceivedRecord[]): Promise<Outcome> {
    const { observer, retry, logger, handle, familyOf } = this.settings;
    const { signal } = this.delivery;
    for (let attempt = 0; !this.isStopped(); attempt += 1) {
      const started = performance.now();
      try {
        await handle({ ...this.place, records }, signal);
        observer.handled(this.place, records.length, performance.now() - started);
        this.goOn();
        return 'done';
      } catch (thrown) {
        if (this.isStopped()) return 'stopped';
        const family = familyOf(thrown);
        const error = readError(thrown);
        observer.troubled(this.place, family);
        if (family !== 'transient') return { family, error };
        logger.warn({ ...this.at(records[0]), attempt, ...error.forLog }, 'A partition waits out a transient error');
        await this.wait(retry.transient, attempt);
      }
    }
    return 'stopped';
  }

  /** Writes the dead letter, as often as it takes, and commits past it: nothing goes on before it is durable. */
  private async bury(record: ReceivedRecord, { code, detail }: ErrorReading): Promise<'done' | 'stopped'> {
    const { deadLetters, groupId, observer, logger, retry } = this.settings;
    for (let attempt = 0; ; attempt += 1) {
      try {
        await deadLetters.write({ groupId, ...this.place, record }, code, detail);
        break;
      } catch (thrown) {
        const fields = { ...this.at(record), attempt, ...readError(thrown).forLog };
        logger.error(fields, 'A dead letter could not be kept; its partition waits');
        if ((await this.wait(retry.transient, attempt)) === 'stopped') return 'stopped';
      }
    }
    this.goOn();
    observer.deadLettered(this.place, code);
    logger.warn({ ...this.at(record), code }, 'A record became a dead letter');
    return (await this.delivery.commit(record.offset + 1n)) === 'committed' ? 'done' : 'stopped';
  }

  /** Pauses the partition, so that the fetch loop goes on without it, and waits for the next try. */
  private async wait(backoff: Backoff, attempt: number): Promise<'waited' | 'stopped'> {
    const { topic, partition } = this.place;
    if (!this.isPaused) {
      this.isPaused = true;
      this.settings.consumer.pause(topic, partition);
      this.settings.observer.pausedChanged(this.place, true);
    }
    await pause(backoffMs(backoff, attempt), this.delivery.signal);
    return this.isStopped() ? 'stopped' : 'waited';
  }

  private isStopped(): boolean {
    return this.delivery.signal.aborted;
  }

  private goOn(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    this.settings.consumer.resume(this.place.topic, this.place.partition);
    this.settings.observer.pausedChanged(this.place, false);
  }

  private at(record: ReceivedRecord | undefined): Place & { offset: string } {
    return { ...this.place, offset: String(record?.offset) };
  }
}
