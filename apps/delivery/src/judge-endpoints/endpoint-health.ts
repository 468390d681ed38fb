/** Times of retrying a platform's endpoint, in milliseconds. */
export interface RetryTimes {
  firstMs: number;
  mostMs: number;
  /** An emergency is tried this long after a failure at the latest, whatever the receiver asked for. */
  emergencyMostMs: number;
  /** Failing for so long pauses the endpoint. */
  pauseAfterMs: number;
  /** While it is paused, withdrawals are tried this often. */
  pausedEveryMs: number;
}

export const RETRY_TIMES: RetryTimes = {
  firstMs: 1_000,
  mostMs: 300_000,
  emergencyMostMs: 60_000,
  pauseAfterMs: 72 * 3_600_000,
  pausedEveryMs: 900_000,
};

/** What is stored of an endpoint. */
export interface EndpointState {
  failingSince?: Date;
  attempts: number;
  nextTryAt?: Date;
  pausedAt?: Date;
}

type Lane = 'ordinary' | 'emergency';

/** An answer that takes longer counts as slow. */
export const SLOW_MS = 1_500;

/**
 * What is known of one subscription's endpoint: whether it fails, since when, and when to try again. While it fails,
 * one attempt a lane is under way at a time.
 */
export class EndpointHealth {
  private readonly trying = new Set<Lane>();
  private lastDurationMs = 0;
  private lastFailureAt = 0;

  constructor(
    private readonly times: RetryTimes,
    private state: EndpointState = { attempts: 0 },
    private readonly random: () => number = Math.random,
  ) {}

  get current(): Readonly<EndpointState> {
    return this.state;
  }

  /** Whether it may keep a request waiting: then it draws on the slots of its like. */
  get suspect(): boolean {
    return this.state.failingSince !== undefined || this.lastDurationMs > SLOW_MS;
  }

  /** Milliseconds until the next attempt may begin; 0 for now. An emergency waits a minute at most. */
  waitMs(now: Date, lane: Lane): number {
    const { nextTryAt, pausedAt } = this.state;
    const mayHurry = lane === 'emergency' && !pausedAt;
    const latest = mayHurry ? this.lastFailureAt + this.times.emergencyMostMs : Infinity;
    return Math.max(0, Math.min(nextTryAt?.getTime() ?? 0, latest) - now.getTime());
  }

  /**
   * Claims the right to try.
   * @returns undefined when an attempt on a failing endpoint is under way already, otherwise what gives the right back
   */
  begin(lane: Lane): (() => void) | undefined {
    if (this.state.failingSince === undefined) return () => undefined;
    if (this.trying.has(lane)) return undefined;
    this.trying.add(lane);
    return () => this.trying.delete(lane);
  }

  /** A request under way has taken longer than an answer should. */
  keepsWaiting(): void {
    this.lastDurationMs = Infinity;
  }

  succeeded(durationMs: number): void {
    this.lastDurationMs = durationMs;
    this.state = { attempts: 0, pausedAt: this.state.pausedAt };
  }

  /**
   * Notes a failure and when to try again: after a random time up to twice that of the failure before ("full jitter"),
   * and not before the receiver's own `Retry-After`.
   * Attempts of several channels that were under way together count as one failure.
   * @param begunAt when the attempt began
   * @returns whether the endpoint has to be paused now
   */
  failed(now: Date, begunAt: Date, retryAfterMs = 0): 'retry' | 'pause' {
    const { failingSince, pausedAt, attempts } = this.state;
    const { firstMs, mostMs, pauseAfterMs, pausedEveryMs } = this.times;
    const isKnown = failingSince !== undefined && begunAt.getTime() < this.lastFailureAt;
    if (isKnown) return 'retry';
    this.lastFailureAt = now.getTime();
    const ceiling = Math.min(mostMs, firstMs * 2 ** Math.min(attempts, 30));
    const backoff = pausedAt ? pausedEveryMs : Math.max(Math.min(firstMs, 100), Math.round(ceiling * this.random()));
    const nextTryAt = new Date(now.getTime() + Math.max(backoff, retryAfterMs));
    this.state = { failingSince: failingSince ?? now, attempts: attempts + 1, nextTryAt, pausedAt };
    const failingMs = now.getTime() - (failingSince ?? now).getTime();
    return !pausedAt && failingMs >= pauseAfterMs ? 'pause' : 'retry';
  }

  paused(now: Date): void {
    const nextTryAt = new Date(now.getTime() + this.times.pausedEveryMs);
    this.state = { ...this.state, failingSince: this.state.failingSince ?? now, nextTryAt, pausedAt: now };
  }

  /** A person has looked: everything begins anew, at once. */
  resumed(): void {
    this.state = { attempts: 0 };
  }
}
