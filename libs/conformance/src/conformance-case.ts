import type { Bench } from './bench.js';

/** Thrown by a case when the receiver does not do what the specification says. */
export class NotConforming extends Error {}

/** One thing that a year brings, and what a receiver does then. */
export interface ConformanceCase {
  /** Never changes: reports name it. */
  id: string;
  /** The section of the specification. */
  rule: 'verification' | 'versions' | 'withdrawals' | 'unknown-words' | 'membership' | 'keys' | 'volume';
  level: 'MUST' | 'SHOULD';
  says: string;
  /** Whether it can be judged only where the receiver tells what it holds. */
  needsState?: true;
  /** @throws NotConforming with what was seen */
  run(bench: Bench, settings: ConformanceSettings): Promise<void>;
}

/** How hard the bench is. */
export interface ConformanceSettings {
  /** Rows of the burst. */
  burst: number;
}

/** @throws NotConforming unless the answer takes the delivery */
export function taken(status: number, what: string): void {
  if (status < 200 || status > 299) throw new NotConforming(`${what} was answered ${status}, a 2xx was expected`);
}

/** @throws NotConforming unless the answer refuses the delivery as the sender's fault */
export function refused(status: number, what: string): void {
  if (status < 400 || status > 499) throw new NotConforming(`${what} was answered ${status}, a 4xx was expected`);
}

/** @throws NotConforming unless the receiver, where it tells, holds the row so */
export async function holds(
  bench: Bench,
  rowId: string,
  state: 'live' | 'withdrawn' | 'absent' | 'not-live',
  version?: number,
): Promise<void> {
  const held = await bench.held(rowId);
  if (!held) return;
  const fits = state === 'not-live' ? held.state !== 'live' : held.state === state;
  const isVersion = version === undefined || held.version === undefined || held.version === version;
  if (fits && isVersion) return;
  const expected = version === undefined ? state : `${state} in version ${version}`;
  throw new NotConforming(`the row is ${held.state} in version ${held.version ?? '?'}; ${expected} was expected`);
}
