import type { EachBatchPayload } from 'kafkajs';
import type { BatchConsumer, ConsumerHealth, ConsumerOptions, TakeBatch } from '../kafka-client.js';
import type { MessagingLogger } from '../messaging-logger.js';
import type { MessagingObserver, Place } from '../messaging-observer.js';
import { backoffMs, pause } from '../pause-between-tries.js';
import { ConsumerInstance } from './consumer-instance.js';
import { summaryOf } from './kafkajs-errors.js';
import type { OpenLink } from './kafkajs-link.js';
import { listExistingTopics } from './kafkajs-admin.js';
import { PartitionWork, type Work } from './partition-work.js';
import { toRecordBatch } from './received-batch.js';

const REBUILD = { firstMs: 200, maxMs: 10_000 };
const COMMIT = { firstMs: 50, maxMs: 2_000 };
const MISSING_TOPICS = { firstMs: 100, maxMs: 15_000 };
const HANDOVER_MS = 5_000;
const FOREVER_MS = 2 ** 30;
const REDELIVER_MS = 1_000;

/** The consumer over kafkajs: keeps one {@link ConsumerInstance} at work on the wanted topics, as long as it is open. */
export class KafkajsConsumer implements BatchConsumer {
  private readonly options: Required<ConsumerOptions>;
  private readonly work = new PartitionWork();
  private readonly listeners = new Set<(health: ConsumerHealth) => void>();
  private readonly commits = new Set<Promise<void>>();
  private wanted: readonly string[] = [];
  private take: TakeBatch | undefined;
  private instance: ConsumerInstance | undefined;
  private supervision: Promise<void> = Promise.resolve();
  private current: ConsumerHealth = { state: 'starting', since: new Date() };
  /** No more batches are taken. */
  private closing = false;
  /** Nothing is committed any more. */
  private closed = false;
  private nudge = new AbortController();
  /** How often topics that are missing were looked for in vain. */
  private looks = 0;

  constructor(
    private readonly openLink: OpenLink,
    options: ConsumerOptions,
    private readonly logger: MessagingLogger,
    private readonly observer: MessagingObserver,
  ) {
    this.options = {
      sessionTimeoutMs: 10_000,
      maxBytesPerPartition: 1_048_576,
      concurrency: 4,
      holdMs: 300,
      stallMs: 90_000,
      drainMs: 20_000,
      ...options,
    };
  }

  start(take: TakeBatch): void {
    if (this.take) return;
    this.take = take;
    this.supervision = this.supervise();
  }

  subscribe(topics: readonly string[]): void {
    const wanted = [...new Set(topics)].sort();
    if (sameTopics(wanted, this.wanted)) return;
    this.wanted = wanted;
    this.looks = 0;
    this.wake();
  }

  pause(topic: string, partition: number): void {
    this.work.pause({ topic, partition });
    this.instance?.pause({ topic, partition });
  }

  resume(topic: string, partition: number): void {
    const place = { topic, partition };
    this.work.resume(place);
    if (!this.work.isOpen(place)) this.instance?.resume(place);
  }

  health(): ConsumerHealth {
    return this.current;
  }

  onHealth(listener: (health: ConsumerHealth) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.closing = true;
    this.work.stopWhere(() => true);
    const drained = new AbortController();
    await Promise.race([this.work.settled(), pause(this.options.drainMs, drained.signal)]);
    drained.abort();
    this.closed = true;
    this.wake();
    await this.supervision;
    this.become('closed');
  }

  private async supervise(): Promise<void> {
    for (let failures = 0; !this.closed;) {
      const topics = await this.existingTopics();
      if (topics.length === 0) {
        await this.sleep(backoffMs(MISSING_TOPICS, this.looks++));
        continue;
      }
      this.instance = this.build(topics);
      void this.instance.start();
      const reason = await this.untilOfNoUse();
      await this.discard(this.instance);
      if (reason === undefined) continue;
      failures = ['consuming', 'silent'].includes(this.current.state) ? 0 : failures + 1;
      this.become('rebuilding', reason);
      this.observer.consumerRebuilt(this.options.groupId, reason);
      await this.sleep(backoffMs(REBUILD, failures));
    }
  }

  /** @returns why the instance ended by itself; undefined when no topic is left to it or the consumer closed */
  private async untilOfNoUse(): Promise<string | undefined> {
    const isOfUse = () => this.instance?.endReason === undefined && !this.closed;
    while (this.instance && isOfUse()) {
      const { instance, wanted } = this;
      if (sameTopics(wanted, instance.topics)) {
        await this.sleep(FOREVER_MS);
        continue;
      }
      const topics = await this.existingTopics();
      if (topics.length === 0 || !isOfUse()) break;
      if (!sameTopics(topics, instance.topics)) await this.handOver(instance, topics);
      else if (wanted === this.wanted) await this.sleep(backoffMs(MISSING_TOPICS, this.looks++));
    }
    return this.instance?.endReason;
  }

  /**
   * Puts an instance for other topics in the place of one that works. The old one reads on until the group waits for
   * the new one, so that reading hardly pauses and the group is never empty: brokers let an empty one wait for seconds.
   */
  private async handOver(old: ConsumerInstance, topics: readonly string[]): Promise<void> {
    const next = this.build(topics);
    void next.start();
    const waited = new AbortController();
    await Promise.race([next.announced, next.ended, old.ended, pause(HANDOVER_MS, waited.signal)]);
    waited.abort();
    if (next.endReason !== undefined && old.endReason === undefined) {
      // A broker may not know the new topic yet: the old one reads on.
      await next.stop();
      return this.sleep(backoffMs(MISSING_TOPICS, this.looks++));
    }
    this.instance = next;
    await this.stop(old);
  }

  private async discard(instance: ConsumerInstance): Promise<void> {
    this.instance = undefined;
    await this.stop(instance);
  }

  /** kafkajs drops, without an error, a commit that meets its end. */
  private async stop(instance: ConsumerInstance): Promise<void> {
    await Promise.all(this.commits);
    await instance.stop();
  }

  private async existingTopics(): Promise<string[]> {
    const { wanted } = this;
    if (wanted.length === 0) {
      this.become('waiting', 'no topics');
      return [];
    }
    try {
      const existing = new Set(await listExistingTopics(this.openLink));
      const missing = wanted.filter((topic) => !existing.has(topic));
      if (missing.length === wanted.length) this.become('waiting', missing.join(', '));
      return wanted.filter((topic) => existing.has(topic));
    } catch (error) {
      this.logger.warn(
        { groupId: this.options.groupId, reason: summaryOf(error) },
        'The topics of Kafka cannot be listed',
      );
      return this.instance ? [...this.instance.topics] : [];
    }
  }

  private build(topics: readonly string[]): ConsumerInstance {
    const instance: ConsumerInstance = new ConsumerInstance(this.openLink, topics, this.options, {
      onBatch: (payload) => this.onBatch(instance, payload),
      onJoined: () => this.onJoined(instance),
      onSilence: (silent) => this.onSilence(instance, silent),
    });
    void instance.ended.then(() => this.wake());
    return instance;
  }

  private onJoined(instance: ConsumerInstance): void {
    if (instance !== this.instance) return;
    this.work.stopWhere((place) => !instance.isAssigned(place));
    if (!this.closing) this.become('consuming');
  }

  private onSilence(instance: ConsumerInstance, silent: boolean): void {
    if (instance === this.instance && !this.closing) this.become(silent ? 'silent' : 'consuming');
  }

  /** kafkajs fetches again only when this returns. */
  private async onBatch(instance: ConsumerInstance, payload: EachBatchPayload): Promise<void> {
    const { topic, partition } = payload.batch;
    const place = { topic, partition };
    // Stale: fetched before the position was moved.
    if (instance !== this.instance || payload.isStale()) return;
    // An instance that is about to be replaced may still fetch a topic that is no longer wanted.
    if (this.closing || this.work.isHeld(place) || !this.wanted.includes(topic)) {
      instance.pause(place);
      return;
    }
    const work = this.work.begin(place, (begun) => this.deliver(begun, payload));
    const waited = new AbortController();
    await Promise.race([work.settled, work.letGo, pause(this.options.holdMs, waited.signal)]);
    waited.abort();
    if (this.work.isOpen(place)) instance.pause(place);
  }

  private async deliver(work: Work, payload: EachBatchPayload): Promise<void> {
    const { place, stop } = work;
    const batch = toRecordBatch(payload.batch);
    const nextOffset = BigInt(payload.batch.lastOffset()) + 1n;
    let position = batch.records[0]?.offset ?? nextOffset;
    const commit = async (offset: bigint) => {
      const outcome = await this.commit(place, offset);
      if (outcome === 'committed') position = offset;
      else stop.abort();
      return outcome;
    };
    try {
      const endOffset = BigInt(payload.batch.highWatermark);
      await this.take?.({ batch, nextOffset, endOffset, signal: stop.signal, commit });
      position = nextOffset;
    } catch (error) {
      this.logger.error({ ...place, reason: summaryOf(error) }, 'A batch was not taken and is delivered again');
      await pause(REDELIVER_MS, stop.signal);
    }
    // A lost partition that came back starts where the group has committed, which is for kafkajs to find out.
    if (!stop.signal.aborted) this.instance?.seek(place, position);
    // The instance may have paused the partition because this batch took long, or may have met it while it was open.
    if (!this.closing && !this.work.isPaused(place)) this.instance?.resume(place);
  }

  private async commit(place: Place, offset: bigint): Promise<'committed' | 'lost'> {
    for (let attempt = 0; !this.closed; attempt += 1) {
      const instance = this.instance;
      if (instance?.joined) {
        if (!instance.isAssigned(place)) return 'lost';
        try {
          await this.tracked(instance.commit(place, offset));
          return 'committed';
        } catch (error) {
          this.logger.debug({ ...place, reason: summaryOf(error) }, 'A commit failed and is tried again');
        }
      }
      await pause(backoffMs(COMMIT, attempt));
    }
    return 'lost';
  }

  private async tracked(commit: Promise<void>): Promise<void> {
    const settled = commit.catch(() => undefined);
    this.commits.add(settled);
    try {
      await commit;
    } finally {
      this.commits.delete(settled);
    }
  }

  private become(state: ConsumerHealth['state'], reason?: string): void {
    if (this.current.state === state && this.current.reason === reason) return;
    this.current = { state, since: new Date(), reason };
    const level = state === 'silent' || state === 'rebuilding' ? 'warn' : 'info';
    this.logger[level]({ groupId: this.options.groupId, state, reason }, 'The state of a Kafka consumer changed');
    for (const listener of this.listeners) listener(this.current);
  }

  private wake(): void {
    this.nudge.abort();
    this.nudge = new AbortController();
  }

  /** Until {@link wake}, or the time is over. */
  private async sleep(ms: number): Promise<void> {
    await pause(ms, this.nudge.signal);
  }
}

function sameTopics(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((topic, index) => topic === other[index]);
}
