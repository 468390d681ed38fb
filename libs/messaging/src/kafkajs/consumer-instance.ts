import type { Consumer, EachBatchPayload } from 'kafkajs';
import type { ConsumerOptions } from '../kafka-client.js';
import type { Place } from '../messaging-observer.js';
import { summaryOf } from './kafkajs-errors.js';
import { BRIEF_RETRY, endLink, type OpenLink, PATIENT_RETRY } from './kafkajs-link.js';
import { subscribedMembersAssigner } from './subscribed-members-assigner.js';

/** How long a fetch waits at the broker for something to come; also how late a resumed partition may be seen. */
const MAX_WAIT_MS = 250;
const HEARTBEATS_PER_SESSION = 5;
const REBALANCE_TIMEOUT_MS = 30_000;
const STOP_MS = 5_000;
const CRASH_MS = 200;
const WATCH_EVERY_MS = 1_000;

/** What an instance tells the consumer that made it. */
export interface InstanceEvents {
  onBatch(payload: EachBatchPayload): Promise<void>;
  /** The group has (re)assigned partitions. */
  onJoined(): void;
  /** The broker has not been reached for longer than the session, or is reached again. */
  onSilence(silent: boolean): void;
}

/**
 * One kafkajs consumer from its start to its end; it is never restarted. It ends by crashing, by going silent, or by
 * {@link stop}; whoever made it then makes another.
 */
export class ConsumerInstance {
  /** Resolves when this instance has become of no use by itself; {@link endReason} says why. */
  readonly ended: Promise<void>;
  endReason: string | undefined;
  /** Resolves when the group knows that this instance wants to join it. */
  readonly announced: Promise<void>;
  private resolveAnnounced: () => void = () => undefined;
  private resolveEnded: () => void = () => undefined;
  private alive = true;
  private assignment: ReadonlyMap<string, ReadonlySet<number>> | undefined;
  private lastHeartbeat = performance.now();
  private lastFetch = performance.now();
  private silent = false;
  private watch: NodeJS.Timeout | undefined;
  private readonly link;
  private readonly consumer: Consumer;

  constructor(
    openLink: OpenLink,
    readonly topics: readonly string[],
    private readonly options: Required<ConsumerOptions>,
    private readonly events: InstanceEvents,
  ) {
    this.ended = new Promise((resolve) => {
      this.resolveEnded = resolve;
    });
    this.announced = new Promise((resolve) => {
      this.resolveAnnounced = resolve;
    });
    this.link = openLink(PATIENT_RETRY);
    this.consumer = this.link.kafka.consumer({
      groupId: options.groupId,
      sessionTimeout: options.sessionTimeoutMs,
      heartbeatInterval: Math.floor(options.sessionTimeoutMs / HEARTBEATS_PER_SESSION),
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      maxWaitTimeInMs: MAX_WAIT_MS,
      maxBytesPerPartition: options.maxBytesPerPartition,
      allowAutoTopicCreation: false,
      partitionAssigners: [subscribedMembersAssigner],
      // Patience is for reaching a broker; a broker that answers with errors ends the instance soon, so that there is one
      // way of coming back.
      retry: { ...BRIEF_RETRY, restartOnFailure: () => Promise.resolve(false) },
    });
    this.listen();
  }

  /** Connects and begins to fetch; the end of a failed start is told by {@link ended}. */
  async start(): Promise<void> {
    this.watch = setInterval(() => this.checkSigns(), WATCH_EVERY_MS);
    this.watch.unref();
    try {
      await this.consumer.connect();
      await this.consumer.subscribe({ topics: [...this.topics], fromBeginning: true });
      await this.consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: this.options.concurrency,
        eachBatch: (payload) => this.events.onBatch(payload),
      });
    } catch (error) {
      this.end(summaryOf(error));
    }
  }

  /** Whether this instance is a member of the group with an assignment, as far as it knows. */
  get joined(): boolean {
    return this.alive && this.assignment !== undefined;
  }

  isAssigned({ topic, partition }: Place): boolean {
    return this.assignment?.get(topic)?.has(partition) ?? false;
  }

  async commit({ topic, partition }: Place, nextOffset: bigint): Promise<void> {
    await this.consumer.commitOffsets([{ topic, partition, offset: nextOffset.toString() }]);
  }

  /** Fetches from this offset next. */
  seek({ topic, partition }: Place, offset: bigint): void {
    if (this.joined && this.isAssigned({ topic, partition }))
      this.consumer.seek({ topic, partition, offset: offset.toString() });
  }

  pause({ topic, partition }: Place): void {
    if (this.joined) this.consumer.pause([{ topic, partitions: [partition] }]);
  }

  resume({ topic, partition }: Place): void {
    if (this.joined) this.consumer.resume([{ topic, partitions: [partition] }]);
  }

  /** Leaves the group and disconnects, bounded in time. */
  async stop(): Promise<void> {
    clearInterval(this.watch);
    this.alive = false;
    await endLink(this.link, () => this.consumer.disconnect(), STOP_MS);
  }

  private end(reason: string): void {
    if (!this.alive) return;
    this.alive = false;
    this.endReason = reason;
    this.resolveEnded();
  }

  private listen(): void {
    const { events } = this.consumer;
    // Told when it is answered; the first answer names the member, which the group waits for from then on.
    this.consumer.on(events.REQUEST, ({ payload }) => {
      if (payload.apiName === 'JoinGroup') this.resolveAnnounced();
    });
    this.consumer.on(events.GROUP_JOIN, ({ payload }) => {
      const { memberAssignment } = payload;
      this.assignment = new Map(Object.entries(memberAssignment).map(([topic, list]) => [topic, new Set(list)]));
      this.lastHeartbeat = performance.now();
      this.lastFetch = performance.now();
      if (this.alive) this.events.onJoined();
    });
    this.consumer.on(events.HEARTBEAT, () => {
      this.lastHeartbeat = performance.now();
    });
    this.consumer.on(events.FETCH, () => {
      this.lastFetch = performance.now();
    });
    this.consumer.on(events.CRASH, ({ payload }) => this.end(summaryOf(payload.error)));
    // A crash is told after the disconnection that it brings about.
    this.consumer.on(events.DISCONNECT, () => setTimeout(() => this.end('disconnected'), CRASH_MS).unref());
  }

  private checkSigns(): void {
    if (!this.alive) return;
    const { sessionTimeoutMs, stallMs } = this.options;
    const now = performance.now();
    const [heartbeatAge, fetchAge] = [now - this.lastHeartbeat, now - this.lastFetch];
    const silent = this.joined && Math.max(heartbeatAge, fetchAge) > sessionTimeoutMs;
    if (silent !== this.silent) {
      this.silent = silent;
      this.events.onSilence(silent);
    }
    // kafkajs does not look for the group's coordinator anew when that has moved to another broker.
    if (silent && fetchAge < sessionTimeoutMs / 2) this.end('lost its group');
    if (Math.max(heartbeatAge, fetchAge) > stallMs) this.end('silent for too long');
  }
}
