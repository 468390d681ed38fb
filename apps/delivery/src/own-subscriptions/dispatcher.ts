import { BackgroundLoop, type NextStep } from '#libs/runtime';
import { DispatchDriver, type DispatchParts, type DriverView } from '../dispatch/dispatch-driver.js';
import { EndpointHealth, type RetryTimes } from '../dispatch/endpoint-health.js';
import { readEndpoint } from '../dispatch/endpoint-record.js';
import { fairShare } from './fair-share.js';
import { OwnershipSession } from './ownership-session.js';
import { readHeads, readTargets, type SubscriptionTargets } from './read-targets.js';

/** What a dispatcher needs beside the parts of its drivers. */
export interface DispatcherParts extends DispatchParts {
  /** For the connection that owns subscriptions. */
  databaseUrl: string;
  retryTimes: RetryTimes;
}

/** How often the directory and the heads of channels are looked at; new positions are told at once. */
const LOOK_MS = 1_000;

/** One subscription that this process owns. */
interface Owned {
  endpoint: EndpointHealth;
  drivers: Map<string, DispatchDriver>;
  fingerprint: string;
}

/**
 * Owns a fair share of the subscriptions and keeps a driver at work for each of their channels. Without its session
 * nothing is owned and everything stands still.
 */
export class Dispatcher {
  private readonly loop: BackgroundLoop;
  private readonly owned = new Map<string, Owned>();
  private session: OwnershipSession | undefined;
  /** Drivers that still end after the session was lost; nothing is owned anew before. */
  private ending: Promise<unknown> = Promise.resolve();
  private heads = new Map<string, string>();
  private stops = '';

  constructor(private readonly parts: DispatcherParts) {
    this.loop = new BackgroundLoop('own-subscriptions', () => this.look(), parts);
  }

  start(): void {
    this.loop.start();
  }

  /** Lets every request under way end and be receipted, then gives up all subscriptions. */
  async stop(): Promise<void> {
    await this.loop.stop();
    await this.disown([...this.owned.keys()]);
    await this.session?.close();
    this.session = undefined;
  }

  /** What the drivers of this process say about themselves. */
  views(): DriverView[] {
    return [...this.owned.values()].flatMap(({ drivers }) => [...drivers.values()].map((driver) => driver.view()));
  }

  /** @throws an error when this process owns nothing because its session is lost */
  async checkOwnership(): Promise<void> {
    if (!this.session) throw new Error('there is no ownership session');
    await this.session.processes();
  }

  private async look(): Promise<NextStep> {
    await this.ending;
    const session = (this.session ??= await this.openSession());
    const database = this.parts.databases.emergency;
    const processes = await session.processes();
    const [subscriptions, { stops, heads }] = [await readTargets(database), await readHeads(database)];
    await this.share(session, subscriptions, processes);
    const stopsChanged = stops !== this.stops;
    this.stops = stops;
    for (const subscription of subscriptions) await this.follow(subscription, stopsChanged);
    for (const [channel, head] of heads) if (this.heads.get(channel) !== head) this.wakeChannel(channel);
    this.heads = heads;
    return LOOK_MS;
  }

  private openSession(): Promise<OwnershipSession> {
    return OwnershipSession.open(this.parts.databaseUrl, {
      onFeed: (channelId) => this.wakeChannel(channelId),
      onLost: (reason) => {
        this.parts.logger.warn({ reason }, 'ownership-lost');
        this.session = undefined;
        this.ending = Promise.all([this.ending, this.stopDrivers([...this.owned.keys()])]);
      },
    });
  }

  private async share(
    session: OwnershipSession,
    subscriptions: readonly SubscriptionTargets[],
    processes: number,
  ): Promise<void> {
    const wanted = new Set(
      subscriptions.filter(({ targets }) => targets.length > 0).map(({ subscriptionId }) => subscriptionId),
    );
    const { release, room } = fairShare([...this.owned.keys()], wanted, processes);
    await this.disown(release);
    const others = [...wanted].filter((id) => !this.owned.has(id) && !release.includes(id));
    for (const id of await session.claim(others, room)) {
      const state = await readEndpoint(this.parts.databases.emergency, id);
      this.owned.set(id, {
        endpoint: new EndpointHealth(this.parts.retryTimes, state),
        drivers: new Map(),
        fingerprint: '',
      });
      this.parts.logger.debug({ subscription: id }, 'subscription-owned');
    }
  }

  /** Starts and stops drivers as the subscription's channels come and go, and wakes them when something changed. */
  private async follow(
    { subscriptionId, targets, fingerprint, endpointPaused }: SubscriptionTargets,
    stopsChanged: boolean,
  ): Promise<void> {
    const owned = this.owned.get(subscriptionId);
    if (!owned) return;
    const wanted = new Map(targets.map((target) => [`${target.channelId}/${target.lane}`, target]));
    for (const [key, driver] of owned.drivers) {
      if (wanted.has(key)) continue;
      owned.drivers.delete(key);
      await driver.stop();
    }
    const knownPaused = owned.endpoint.current.pausedAt !== undefined;
    if (knownPaused && !endpointPaused) owned.endpoint.resumed();
    if (!knownPaused && endpointPaused) owned.endpoint.paused(new Date());
    if (stopsChanged || owned.fingerprint !== fingerprint) for (const driver of owned.drivers.values()) driver.wake();
    owned.fingerprint = fingerprint;
    for (const [key, target] of wanted) {
      if (owned.drivers.has(key)) continue;
      const wakeAll = (): void => owned.drivers.forEach((driver) => driver.wake());
      const driver = new DispatchDriver(target, owned.endpoint, this.parts, wakeAll);
      owned.drivers.set(key, driver);
      driver.start();
    }
  }

  private wakeChannel(channelId: string): void {
    for (const { drivers } of this.owned.values()) {
      for (const driver of drivers.values()) if (driver.target.channelId === channelId) driver.wake();
    }
  }

  private async disown(ids: readonly string[]): Promise<void> {
    const stopped = await this.stopDrivers(ids);
    for (const id of stopped) await this.session?.release(id);
  }

  private async stopDrivers(ids: readonly string[]): Promise<string[]> {
    const stopping = ids.flatMap((id) => {
      const owned = this.owned.get(id);
      this.owned.delete(id);
      return owned ? [{ id, drivers: [...owned.drivers.values()] }] : [];
    });
    await Promise.all(stopping.flatMap(({ drivers }) => drivers.map((driver) => driver.stop())));
    return stopping.map(({ id }) => id);
  }
}
