import { createHmac, randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { transient } from '#libs/domain';

const HOUR_MS = 3_600_000;
/** Addresses remembered at once; the oldest are forgotten first. */
const MOST_ADDRESSES = 50_000;

/** What an address counts as: an IPv6 address with everything that shares its /64. */
function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail = ''] = plain.split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === '' ? [] : tail.split(':');
  const zeros = plain.includes('::') ? Array<string>(8 - groups.length - after.length).fill('0') : [];
  return [...groups, ...zeros, ...after]
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(':');
}

/**
 * How often one address may come within an hour. Addresses are in memory alone, as digests under a key that ends with the
 * process.
 */
export class AddressQuota {
  private readonly key = randomBytes(32);
  private readonly seen = new Map<string, { since: number; times: number }>();

  constructor(
    private readonly anHour: number,
    private readonly clock: () => number = Date.now,
  ) {}

  /** @throws a transient `TOC_CHALLENGE_QUOTA` */
  admit(address: string): void {
    const who = createHmac('sha256', this.key).update(networkOf(address)).digest('base64');
    const before = this.seen.get(who);
    const now = this.clock();
    const current = before && now - before.since < HOUR_MS ? before : { since: now, times: 0 };
    if (current.times >= this.anHour)
      throw transient('TOC_CHALLENGE_QUOTA', `from one address ${this.anHour} challenges are taken in an hour`);
    current.times += 1;
    this.seen.delete(who);
    this.seen.set(who, current);
    for (const oldest of this.seen.keys()) {
      if (this.seen.size <= MOST_ADDRESSES) break;
      this.seen.delete(oldest);
    }
  }
}
