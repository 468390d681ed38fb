import { TocsinError } from '#libs/domain';

/** Part of a channel's prefixes that may be asked at once, before the rate counts. */
const BURST = 1 / 8;
const MOST_KEPT = 20_000;

/** What a platform may still ask of a channel: a part of all its prefixes, as it was at a time. */
interface Allowance {
  left: number;
  at: number;
}

/**
 * Bounds how fast a platform may go through the prefixes of a channel: all of them take so many hours. It knows how much was
 * asked and never what; it is of this process, and forgets when that ends.
 */
export class LookUpQuota {
  private readonly allowances = new Map<string, Allowance>();

  /** @param hours for which asking every prefix of a channel once has to last */
  constructor(readonly hours: number) {}

  /**
   * Counts one question.
   * @param prefixLength hexadecimal digits: the fewer, the more of the channel is answered
   * @throws a transient `TOC_LOOK_UP_QUOTA` that says when to come again
   */
  spend(platformId: string, channelId: string, prefixLength: number, now: Date): void {
    const part = 16 ** -prefixLength;
    const perMs = 1 / (this.hours * 3_600_000);
    const key = `${platformId}/${channelId}`;
    const before = this.allowances.get(key) ?? { left: BURST, at: now.getTime() };
    const left = Math.min(BURST, before.left + Math.max(0, now.getTime() - before.at) * perMs);
    if (left < part) {
      const retryAfter = Math.ceil((part - left) / perMs / 1000);
      throw new TocsinError(
        'TOC_LOOK_UP_QUOTA',
        `all prefixes of a channel may be asked once in ${this.hours} hours; keep answers for as long as they hold`,
        { retry_after_s: retryAfter },
      );
    }
    // Put behind the others: who has not asked for longest is forgotten first, and has most of its allowance back by then.
    this.allowances.delete(key);
    this.allowances.set(key, { left: left - part, at: now.getTime() });
    for (const [oldest] of this.allowances) {
      if (this.allowances.size <= MOST_KEPT) break;
      this.allowances.delete(oldest);
    }
  }

  /** What a platform is told: how many questions at once, and how many in a day. */
  of(prefixLength: number): { at_once: number; a_day: number } {
    const all = 16 ** prefixLength;
    return { at_once: all * BURST, a_day: Math.floor((all * 24) / this.hours) };
  }
}
