import { setTimeout as sleep } from 'node:timers/promises';

/** Bounds of an exponential backoff, in milliseconds. */
export interface Backoff {
  firstMs: number;
  maxMs: number;
}

/**
 * The pause before try number `attempt` (0 for the first repeat): doubling, capped, and drawn from the upper half of
 * the interval, so that many clients of one broken thing do not come back in step.
 *
 * @param random a number in [0, 1)
 */
export function backoffMs({ firstMs, maxMs }: Backoff, attempt: number, random: number = Math.random()): number {
  const ceiling = Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 30));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}

/** Waits; returns early, without throwing, when the signal aborts. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
