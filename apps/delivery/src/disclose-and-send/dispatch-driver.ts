import type { DataSource } from 'typeorm';
import type { Connector, DeliveryOutcome } from '#libs/connectors';
import { changeState } from '#libs/persistence';
import { BackgroundLoop, crashPoint, type Logger, type NextStep, type Telemetry } from '#libs/runtime';
import { callConnector, type ConnectorCalls } from './connector-call.js';
import type { DeliverySlot, DeliverySlots } from '../judge-endpoints/delivery-slots.js';
import type { DeliveryTarget, DriverMemory, Lane, PreparedDelivery } from './delivery-target.js';
import { publishedAtMs, type DispatchMetrics } from './dispatch-metrics.js';
import { SLOW_MS, type EndpointHealth } from '../judge-endpoints/endpoint-health.js';
import { noteFailure, pauseEndpoint } from '../judge-endpoints/endpoint-record.js';
import { prepareDelivery, type Preparation } from './prepare-delivery.js';
import { forgetAttempts, noteAttempt } from '../keep-attempts/attempts.js';
import { settleParked, settleSent } from './settle-delivery.js';

/** What all drivers of a process share. */
export interface DispatchParts extends ConnectorCalls {
  /** Each lane has connections of its own. */
  databases: Record<Lane, DataSource>;
  connectorById: (id: string) => Connector | undefined;
  slots: DeliverySlots;
  metrics: DispatchMetrics;
  logger: Logger;
  telemetry: Telemetry;
}

/** What a driver says about itself, for metrics. */
export interface DriverView {
  target: DeliveryTarget;
  /** When the oldest record that it could not deliver yet was published, in milliseconds since 1970. */
  oldestUndeliveredMs?: number;
  /** Since when it has not stood at the head, in milliseconds since 1970. */
  behindSinceMs?: number;
}

/**
 * Nothing to do is looked at again after this time even when nobody wakes the driver, which everything that changes
 * does. There may be ten thousand drivers, so not all at once.
 */
const idleMs = (): number => 600_000 * (0.5 + Math.random() / 2);
/** An attempt of this lane on a failing endpoint is under way: look again. */
const BUSY_MS = 250;
/** Gives an emergency channel the first try when an endpoint may be tried again. */
const ORDINARY_HEAD_START_MS = 50;
/** A request that takes longer gives its place to the next. */
const PLACE_MS: Record<Lane, number> = { ordinary: SLOW_MS, emergency: 500 };
const MEMBERSHIP_RETRY_MS = 3_600_000;
/** So often what is beyond the bounds of the log of attempts is forgotten. */
const FORGET_EVERY = 100;

/** Delivers one channel to one subscription: one request at a time, for as long as it runs. */
export class DispatchDriver {
  private readonly loop: BackgroundLoop;
  private memory: DriverMemory = newMemory();
  /** What was sent and could not be settled yet; nothing else happens before it is. */
  private unsettled: (() => Promise<void>) | undefined;
  private refusalsInARow = 0;
  private attempts = 0;
  /** Everything up to this position was found to be done. */
  private doneUntil = -1n;
  private oldestUndeliveredMs: number | undefined;
  private behindSinceMs: number | undefined;

  constructor(
    readonly target: DeliveryTarget,
    private readonly endpoint: EndpointHealth,
    private readonly parts: DispatchParts,
    private readonly onRecovery: () => void,
  ) {
    const { subscriptionId: subscription, channelId: channel } = target;
    const logger = parts.logger.child({ subscription, channel });
    this.loop = new BackgroundLoop('dispatch', (signal) => this.step(signal), { logger, telemetry: parts.telemetry });
  }

  start(): void {
    this.loop.start();
  }

  wake(): void {
    this.loop.wake();
  }

  /** Wakes it if the channel has come further than it knows. */
  headMoved(head: bigint): void {
    if (head > this.doneUntil) this.wake();
  }

  /** Resolves when the request under way, if any, has ended and its receipt is written. */
  async stop(): Promise<void> {
    await this.loop.stop();
    await this.settleWhatWasSent().catch((thrown: unknown) => {
      this.parts.logger.warn({ subscription: this.target.subscriptionId, err: thrown }, 'receipt-not-written');
    });
  }

  view(): DriverView {
    const { target, oldestUndeliveredMs, behindSinceMs } = this;
    return { target, oldestUndeliveredMs, behindSinceMs };
  }

  private get database(): DataSource {
    return this.parts.databases[this.target.lane];
  }

  private async step(signal: AbortSignal): Promise<NextStep> {
    await this.settleWhatWasSent();
    const wait = this.endpoint.waitMs(new Date(), this.target.lane);
    if (wait > 0) return wait + (this.target.lane === 'ordinary' ? ORDINARY_HEAD_START_MS : 0);
    const endAttempt = this.endpoint.begin(this.target.lane);
    if (!endAttempt) return BUSY_MS;
    try {
      const { platformId, lane } = this.target;
      const seeker = { platformId, isSuspect: () => this.endpoint.suspect };
      const slot = await this.parts.slots.take(lane, seeker, signal);
      try {
        return await this.attempt(slot);
      } finally {
        slot.give();
      }
    } finally {
      endAttempt();
    }
  }

  private async attempt(slot: DeliverySlot): Promise<NextStep> {
    const preparation = await this.prepare();
    if (preparation.what === 'nothing') {
      this.standsAtHead(preparation.head);
      return Math.max(0, Math.min(idleMs(), (preparation.dueAt?.getTime() ?? Infinity) - Date.now()));
    }
    this.behindSinceMs ??= Date.now();
    if (preparation.what === 'unreadable') return idleMs();
    if (preparation.what === 'moved') return 'again';
    const { delivery } = preparation;
    this.oldestUndeliveredMs = publishedAtMs(delivery.batch.records[0]?.body ?? '');
    const begunAt = new Date();
    const outcome = await this.call(delivery, slot);
    this.parts.metrics.attempted(delivery.batch, outcome.outcome);
    const next = await this.conclude(delivery, outcome, begunAt);
    await this.log(delivery, outcome, begunAt);
    return next;
  }

  /** One that was sent stands in the log with its receipt. */
  private async log(delivery: PreparedDelivery, outcome: DeliveryOutcome, begunAt: Date): Promise<void> {
    const { nextTryAt } = this.endpoint.current;
    if (outcome.outcome !== 'sent')
      await noteAttempt(this.database, this.target, delivery, { begunAt, outcome, nextTryAt });
    if (this.attempts++ % FORGET_EVERY === 0) await forgetAttempts(this.database, this.target.subscriptionId);
  }

  /** A receiver that takes its time is known for it at once, by every channel of the subscription. */
  private async call(delivery: PreparedDelivery, slot: DeliverySlot): Promise<DeliveryOutcome> {
    const bytes = delivery.batch.records.reduce((sum, { body }) => sum + body.length, 0);
    const timers = [
      setTimeout(() => slot.slow(bytes), PLACE_MS[this.target.lane]),
      setTimeout(() => this.endpoint.keepsWaiting(), SLOW_MS),
    ];
    try {
      return await callConnector(this.parts, delivery);
    } finally {
      timers.forEach(clearTimeout);
    }
  }

  private async prepare(): Promise<Preparation> {
    const { target, memory, parts } = this;
    try {
      return await changeState(this.database, 'delivery', async (manager) => {
        const { preparation, audit } = await prepareDelivery(manager, target, memory, parts.connectorById);
        return { result: preparation, audit };
      });
    } catch (thrown) {
      // What was noted on the way was rolled back.
      this.memory = { ...newMemory(), sizes: memory.sizes, membershipNotBefore: memory.membershipNotBefore };
      throw thrown;
    }
  }

  private conclude(delivery: PreparedDelivery, outcome: DeliveryOutcome, begunAt: Date): Promise<NextStep> {
    switch (outcome.outcome) {
      case 'sent':
        return this.sent(delivery, outcome, begunAt);
      case 'refused':
        return this.refused(delivery, outcome.detail, begunAt);
      case 'unavailable':
        return this.unavailable(delivery, outcome.detail, begunAt, outcome.retryAfterMs);
      case 'gone':
        return this.gone(outcome.detail, begunAt);
    }
  }

  private async sent(
    delivery: PreparedDelivery,
    outcome: DeliveryOutcome & { outcome: 'sent' },
    begunAt: Date,
  ): Promise<NextStep> {
    crashPoint('after-2xx-before-receipt');
    const { target, parts } = this;
    this.unsettled = () => settleSent(this.database, target, delivery, outcome.evidence, { begunAt, outcome });
    parts.metrics.sent(delivery, Date.now());
    this.refusalsInARow = 0;
    if (!delivery.parked) this.sizeOf(delivery)?.sent(triedOf(delivery));
    this.answered(begunAt);
    await this.settleWhatWasSent();
    if (!delivery.isLast) return 'again';
    this.standsAtHead(delivery.until);
    return idleMs();
  }

  private async refused(delivery: PreparedDelivery, detail: string, begunAt: Date): Promise<NextStep> {
    const { parts, target, memory } = this;
    if (this.endpoint.current.failingSince) {
      this.answered(begunAt);
      await noteFailure(this.database, target.subscriptionId, this.endpoint.current, detail);
    }
    if (delivery.walk === 2) {
      memory.membershipNotBefore = new Date(Date.now() + MEMBERSHIP_RETRY_MS);
      parts.logger.warn(
        { subscription: target.subscriptionId, channel: target.channelId, detail },
        'membership-end-refused',
      );
      return 'again';
    }
    const verdict = delivery.parked ? 'park' : this.sizeOf(delivery)?.refused(triedOf(delivery));
    if (verdict === 'halve') return 'again';
    await settleParked(this.database, target, delivery, detail);
    parts.metrics.parked(delivery.batch);
    const ids = { subscription: target.subscriptionId, channel: target.channelId, batch: delivery.batch.batchId };
    parts.logger.warn({ ...ids, walk: delivery.walk, detail }, 'record-parked');
    this.refusalsInARow += 1;
    // A receiver that refuses everything is not hammered, and nothing stands still either.
    return this.refusalsInARow < 3 ? 'again' : Math.min(1_000, 10 * 2 ** Math.min(this.refusalsInARow, 10));
  }

  private async unavailable(
    delivery: PreparedDelivery,
    detail: string,
    begunAt: Date,
    retryAfterMs?: number,
  ): Promise<NextStep> {
    const { target, endpoint, parts } = this;
    if (delivery.walk !== 2 && !delivery.parked && !delivery.recovers)
      this.memory.repeatUntil?.set(delivery.walk, delivery.until);
    const isNew = endpoint.current.failingSince === undefined;
    const now = new Date();
    const verdict = endpoint.failed(now, begunAt, retryAfterMs);
    const { attempts, failingSince } = endpoint.current;
    const fields = { subscription: target.subscriptionId, platform: target.platformId, attempts, detail };
    parts.logger[isNew ? 'warn' : 'debug'](fields, 'endpoint-unavailable');
    await noteFailure(this.database, target.subscriptionId, endpoint.current, detail);
    if (verdict === 'pause') await this.pause(`It has failed since ${failingSince?.toISOString()}: ${detail}`);
    return endpoint.waitMs(now, target.lane);
  }

  private async gone(detail: string, begunAt: Date): Promise<NextStep> {
    if (this.endpoint.current.pausedAt) this.endpoint.failed(new Date(), begunAt);
    else await this.pause(`The receiver has gone for good: ${detail}`);
    return this.endpoint.waitMs(new Date(), this.target.lane);
  }

  private async pause(because: string): Promise<void> {
    const { subscriptionId, platformId } = this.target;
    await pauseEndpoint(this.database, subscriptionId, because);
    this.endpoint.paused(new Date());
    this.parts.metrics.paused();
    this.parts.logger.error({ subscription: subscriptionId, platform: platformId, because }, 'endpoint-paused');
  }

  private standsAtHead(head: bigint): void {
    this.doneUntil = head;
    this.behindSinceMs = undefined;
    this.oldestUndeliveredMs = undefined;
  }

  /** The receiver answers: whoever waited for that may go on. */
  private answered(begunAt: Date): void {
    const wasFailing = this.endpoint.current.failingSince !== undefined;
    this.endpoint.succeeded(Date.now() - begunAt.getTime());
    if (!wasFailing) return;
    this.parts.logger.info(
      { subscription: this.target.subscriptionId, platform: this.target.platformId },
      'endpoint-recovered',
    );
    this.onRecovery();
  }

  private async settleWhatWasSent(): Promise<void> {
    await this.unsettled?.();
    this.unsettled = undefined;
  }

  private sizeOf({ walk }: PreparedDelivery) {
    return walk === 2 ? undefined : this.memory.sizes.get(walk);
  }
}

function newMemory(): DriverMemory {
  return { sizes: new Map(), parkedLast: false };
}

function triedOf({ outgoing }: PreparedDelivery): { records: number; until: bigint } {
  return { records: outgoing.length, until: outgoing.at(-1)?.position ?? 0n };
}
