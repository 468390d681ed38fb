import { setTimeout as sleep } from 'node:timers/promises';
import type { PlatformReceiver } from '../local-exchange/platform-receivers.js';

interface Arrival {
  at: number;
  channel: string;
  rowId: string;
  type: string;
}

interface HeldRow {
  record: { channel: string; row_id: string; signal?: { value: string }; bulletin?: { title: string } };
}

/** What one receiver has got since the mark. */
interface Got {
  arrivals: Arrival[];
  /** What each row, by channel and row id, was about when it was live; a withdrawal no longer says it. */
  subjects: ReadonlyMap<string, string>;
}

/** Records that should arrive, and where; anywhere else they should not. */
export interface Expected {
  platforms: readonly string[];
  channel: string;
  type: 'row' | 'withdrawal';
  /** The values or titles, each of which should arrive at each platform. */
  about: readonly string[];
}

/** All that was expected of one platform, in its hands. */
export interface Arrived {
  platform: string;
  /** Milliseconds from the moment that counts to the last of the records. */
  afterMs: number;
}

/** What became of an expectation. */
export interface Outcome {
  /** Platforms that have everything. */
  complete: Arrived[];
  /** What did not arrive in time, one for each platform and value. */
  missing: { platform: string; about: string }[];
}

async function get<Answer>(base: string, path: string): Promise<Answer> {
  const response = await fetch(`${base}${path}`);
  return (await response.json()) as Answer;
}

const rowKey = (channel: string, rowId: string): string => `${channel}/${rowId}`;

/** Watches what the platforms' receivers get. */
export class ArrivalWatch {
  private readonly seen = new Map<string, number>();
  private readonly subjects = new Map<string, Map<string, string>>();

  constructor(private readonly receivers: readonly Pick<PlatformReceiver, 'platform' | 'state'>[]) {}

  /** What has arrived until now does not count. */
  async mark(): Promise<void> {
    for (const receiver of this.receivers) {
      const arrivals = await get<Arrival[]>(receiver.state, '/arrivals');
      this.seen.set(receiver.platform, arrivals.length);
    }
  }

  /**
   * Waits until every platform named has got a record for each of the values, or time is up.
   * @param since milliseconds since 1970 from which delays are counted
   */
  async wait(expected: Expected, since: number, withinMs: number): Promise<Outcome> {
    const until = Date.now() + withinMs;
    const complete = new Map<string, Arrived>();
    for (;;) {
      const missing: Outcome['missing'] = [];
      for (const platform of expected.platforms) {
        if (complete.has(platform)) continue;
        const firsts = await this.firsts(platform, expected);
        const lacking = expected.about.filter((about) => !firsts.has(about));
        missing.push(...lacking.map((about) => ({ platform, about })));
        if (lacking.length === 0)
          complete.set(platform, { platform, afterMs: Math.max(0, ...[...firsts.values()].map((at) => at - since)) });
      }
      if (missing.length === 0 || Date.now() > until) return { complete: [...complete.values()], missing };
      await sleep(20);
    }
  }

  /**
   * Records about the values of an expectation that reached a platform or a channel where they should not have.
   * @param all expectations about the same values, each of which allows what it expects
   */
  async astray(all: readonly Expected[]): Promise<{ platform: string; channel: string; about: string }[]> {
    const found = new Map<string, { platform: string; channel: string; about: string }>();
    const known = new Set(all.flatMap(({ about }) => about));
    for (const { platform } of this.receivers) {
      const { arrivals, subjects } = await this.got(platform);
      for (const { channel, rowId, type } of arrivals) {
        const about = subjects.get(rowKey(channel, rowId));
        if (about === undefined || !known.has(about)) continue;
        const allowed = all.some(
          (one) =>
            one.type === type &&
            one.channel === channel &&
            one.platforms.includes(platform) &&
            one.about.includes(about),
        );
        if (!allowed) found.set(`${platform} ${channel} ${about}`, { platform, channel, about });
      }
    }
    return [...found.values()];
  }

  /** When the first record for each value arrived at a platform. */
  private async firsts(platform: string, { channel, type, about }: Expected): Promise<Map<string, number>> {
    const { arrivals, subjects } = await this.got(platform);
    const firsts = new Map<string, number>();
    for (const arrival of arrivals) {
      const subject = subjects.get(rowKey(arrival.channel, arrival.rowId));
      if (arrival.type !== type || arrival.channel !== channel || subject === undefined) continue;
      if (about.includes(subject) && !firsts.has(subject)) firsts.set(subject, arrival.at);
    }
    return firsts;
  }

  private async got(platform: string): Promise<Got> {
    const receiver = this.receivers.find((one) => one.platform === platform);
    if (!receiver) throw new Error(`${platform} has no receiver`);
    const arrivals = await get<Arrival[]>(receiver.state, `/arrivals?from=${this.seen.get(platform) ?? 0}`);
    const subjects = this.subjects.get(platform) ?? new Map<string, string>();
    this.subjects.set(platform, subjects);
    if (arrivals.length > 0) {
      for (const { record } of await get<HeldRow[]>(receiver.state, '/table')) {
        const subject = record.signal?.value ?? record.bulletin?.title;
        if (subject !== undefined) subjects.set(rowKey(record.channel, record.row_id), subject);
      }
    }
    return { arrivals, subjects };
  }
}
