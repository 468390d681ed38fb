import { BackgroundLoop, type NextStep } from '#libs/runtime';
import { DispatchDriver, type DispatchParts, type DriverView } from '../disclose-and-send/dispatch-driver.js';
import { EndpointHealth, type RetryTimes } from '../judge-endpoints/endpoint-health.js';
import { readEndpoint } from '../judge-endpoints/endpoint-record.js';
import { fairShare } from './fair-share.js';
import { OwnershipSession } from './ownership-session.js';
import { readHeads, readTargets, type SubscriptionTargets } from './read-targets.js';

/** What a dispatcher needs beside the parts of its drivers. */
export interface DispatcherParts extends DispatchParts {
  /** For the connection that owns subscriptions. */
  databaseUrl: string;
  /** Called when the directory changed. */
  onDirectory: () => void;
  retryTimes: RetryTimes;
}

/** How often the directory and the heads of channels are looked at, should a notification be lost. */
const LOOK_MS = 1_000;

/** One subscription that this process owns. */
interface Owned {
  endpoint: EndpointHealth;
  drivers: Map<string, DispatchDriver>;
  /** Drivers whose channel is no longer wanted, by the same key, until their last request has ended. */
  ending: Map<string, Promise<void>>;
  /** Since when it fails as the database said at the last look. */
  failingSince: Date | undefined;
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
  /** Subscriptions given up of which a request may still be under way; none of them is owned anew before. */
  private readonly leaving = new Map<string, Promise<void>>();
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
    this.disown([...this.owned.keys()]);
    await Promise.all(this.leaving.values());
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
    const session = (this.session ??= await this.openSession());
    const database = this.parts.databases.emergency;
    const processes = await session.processes();
    const [subscriptions, { stops, heads }] = [await readTargets(database), await readHeads(database)];
    await this.share(session, subscriptions, processes);
    const stopsChanged = stops !== this.stops;
    this.stops = stops;
    for (const subscription of subscriptions) this.follow(subscription, stopsChanged);
    const moved = [...heads].filter(([channel, head]) => this.heads.get(channel) !== head);
    for (const [channel, head] of moved) {
      for (const driver of this.driversOf(channel)) driver.headMoved(BigInt(head));
    }
    this.heads = heads;
    return LOOK_MS;
  }

  private openSession(): Promise<OwnershipSession> {
    return OwnershipSession.open(this.parts.databaseUrl, {
      onFeed: (channelId) => this.driversOf(channelId).forEach((driver) => driver.wake()),
      onDirectory: () => {
        this.parts.onDirectory();
        this.loop.wake();
      },
      onLost: (reason) => {
        this.parts.logger.warn({ reason }, 'ownership-lost');
        this.session = undefined;
        this.disown([...this.owned.keys()]);
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
    this.disown(release);
    const others = [...wanted].filter((id) => !this.owned.has(id) && !this.leaving.has(id));
    const claimed = await session.claim(others, room);
    try {
      for (const id of claimed) {
        const state = await readEndpoint(this.parts.databases.emergency, id);
        // Lost meanwhile, and with it what was claimed.
        if (session !== this.session) return;
        this.owned.set(id, {
          endpoint: new EndpointHealth(this.parts.retryTimes, state),
          ...{ drivers: new Map(), ending: new Map() },
          failingSince: state.failingSince,
          fingerprint: '',
        });
        this.parts.logger.debug({ subscription: id }, 'subscription-owned');
      }
    } catch (thrown) {
      // A lock that is taken twice has to be let go twice: what is not owned must not stay claimed.
      for (const id of claimed) if (!this.owned.has(id)) await session.release(id);
      throw thrown;
    }
  }

  /**
   * Starts and stops drivers as the subscription's channels come and go, and wakes them when something changed. Nobody
   * waits here for a request that is under way.
   */
  private follow(
    { subscriptionId, targets, fingerprint, endpointPaused, endpointFailingSince }: SubscriptionTargets,
    stopsChanged: boolean,
  ): void {
    const owned = this.owned.get(subscriptionId);
    if (!owned) return;
    const wanted = new Map(targets.map((target) => [`${target.channelId}/${target.lane}`, target]));
    for (const [key, driver] of owned.drivers) {
      if (wanted.has(key)) continue;
      owned.drivers.delete(key);
      owned.ending.set(
        key,
        driver.stop().finally(() => owned.ending.delete(key)),
      );
    }
    const { pausedAt, failingSince } = owned.endpoint.current;
    // This very failure was on record and is no more: a person cleared it.
    const isCleared =
      failingSince !== undefined && !endpointFailingSince && owned.failingSince?.getTime() === failingSince.getTime();
    owned.failingSince = endpointFailingSince;
    const isResumed = !endpointPaused && (pausedAt !== undefined || isCleared);
    if (isResumed) owned.endpoint.resumed();
    if (pausedAt === undefined && endpointPaused) owned.endpoint.paused(new Date());
    if (isResumed || stopsChanged || owned.fingerprint !== fingerprint)
      for (const driver of owned.drivers.values()) driver.wake();
    owned.fingerprint = fingerprint;
    for (const [key, target] of wanted) {
      if (owned.drivers.has(key) || owned.ending.has(key)) continue;
      const wakeAll = (): void => owned.drivers.forEach((driver) => driver.wake());
      const driver = new DispatchDriver(target, owned.endpoint, this.parts, wakeAll);
      owned.drivers.set(key, driver);
      driver.start();
    }
  }

  private driversOf(channelId: string): DispatchDriver[] {
    const all = [...this.owned.values()].flatMap(({ drivers }) => [...drivers.values()]);
    return all.filter(({ target }) => target.channelId === channelId);
  }

  /** Gives subscriptions up: nothing new is begun, and each is let go when its last request has ended. */
  private disown(ids: readonly string[]): void {
    const { session } = this;
    for (const id of ids) {
      const owned = this.owned.get(id);
      if (!owned) continue;
      this.owned.delete(id);
      const stopping = [...owned.drivers.values()].map((driver) => driver.stop());
      const left = Promise.all([...stopping, ...owned.ending.values()])
        .then(() => session?.release(id))
        .catch((thrown: unknown) => this.parts.logger.warn({ subscription: id, err: thrown }, 'not-let-go'))
        .finally(() => this.leaving.delete(id));
      this.leaving.set(id, left);
    }
  }
}
