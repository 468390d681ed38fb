import { setTimeout as sleep } from 'node:timers/promises';

/** Between two chunks ordinary work waits no longer than this, however much of the urgent there is. */
const LONGEST_WAIT_MS = 200;
/** What follows a chunk until it is delivered shares the same processors and database: it has so long. */
const ON_ITS_WAY_MS = 50;

/**
 * Whether the emergency lane has work, here or on its way to the platforms. Ordinary chunks that begin meanwhile would
 * share processors and database with it, and wait a moment instead.
 */
export class UrgentWork {
  private isHere = false;
  private waiting?: PromiseWithResolvers<undefined>;
  private gone?: NodeJS.Timeout;

  /** Told by the worker of the emergency lane, with every look for work. */
  set isThere(isThere: boolean) {
    if (isThere) {
      clearTimeout(this.gone);
      this.waiting ??= Promise.withResolvers<undefined>();
    } else if (this.isHere) this.gone = setTimeout(() => this.pass(), ON_ITS_WAY_MS).unref();
    this.isHere = isThere;
  }

  /** Resolves when there is none, or after a moment. */
  async letPass(): Promise<void> {
    if (!this.waiting) return;
    const late = new AbortController();
    const moment = sleep(LONGEST_WAIT_MS, undefined, { signal: late.signal });
    await Promise.race([this.waiting.promise, moment]).finally(() => late.abort());
  }

  private pass(): void {
    this.waiting?.resolve(undefined);
    this.waiting = undefined;
  }
}
