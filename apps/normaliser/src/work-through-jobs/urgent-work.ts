import { setTimeout as sleep } from 'node:timers/promises';

/** Between two chunks ordinary work waits no longer than this, however much of the urgent there is. */
const LONGEST_WAIT_MS = 200;

/**
 * Whether the emergency lane has work. Ordinary chunks that begin meanwhile would share processors and database with it,
 * and wait a moment instead.
 */
export class UrgentWork {
  private done?: PromiseWithResolvers<undefined>;

  /** Told by the worker of the emergency lane, with every look for work. */
  set isThere(isThere: boolean) {
    if (isThere) this.done ??= Promise.withResolvers<undefined>();
    else {
      this.done?.resolve(undefined);
      this.done = undefined;
    }
  }

  /** Resolves when there is none, or after a moment. */
  async letPass(): Promise<void> {
    if (!this.done) return;
    const late = new AbortController();
    await Promise.race([this.done.promise, sleep(LONGEST_WAIT_MS, undefined, { signal: late.signal })]).finally(() =>
      late.abort(),
    );
  }
}
