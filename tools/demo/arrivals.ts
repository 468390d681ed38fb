import { setTimeout as sleep } from 'node:timers/promises';
import type { PlatformReceiver } from '../local-exchange/platform-receivers.js';

interface Arrival {
  at: number;
  channel: string;
  rowId: string;
  version: number;
  type: string;
}

interface HeldRow {
  record: { row_id: string; signal?: { value: string }; bulletin?: { title: string } };
}

/** One record of interest in a platform's hands. */
export interface Arrived {
  platform: string;
  channel: string;
  type: string;
  rowId: string;
  /** Milliseconds from the moment that counts. */
  afterMs: number;
}

async function get<Answer>(base: string, path: string): Promise<Answer> {
  const response = await fetch(`${base}${path}`);
  return (await response.json()) as Answer;
}

/** Watches what the platforms' receivers get. */
export class ArrivalWatch {
  private readonly seen = new Map<string, number>();

  constructor(private readonly receivers: readonly PlatformReceiver[]) {}

  /** What has arrived until now does not count. */
  async mark(): Promise<void> {
    for (const receiver of this.receivers) {
      const arrivals = await get<Arrival[]>(receiver.state, '/arrivals');
      this.seen.set(receiver.platform, arrivals.length);
    }
  }

  /**
   * Waits until every platform named has got a record of this type for one of the values (or titles), or time is up.
   * @param since milliseconds since 1970 from which delays are counted
   */
  async wait(
    platforms: readonly string[],
    type: 'row' | 'withdrawal',
    about: readonly string[],
    since: number,
    withinMs: number,
  ): Promise<Arrived[]> {
    const until = Date.now() + withinMs;
    const arrived = new Map<string, Arrived>();
    while (arrived.size < platforms.length && Date.now() < until) {
      for (const receiver of this.receivers) {
        if (!platforms.includes(receiver.platform) || arrived.has(receiver.platform)) continue;
        const found = await this.find(receiver, type, about);
        if (found)
          arrived.set(receiver.platform, {
            ...found,
            platform: receiver.platform,
            afterMs: Math.max(0, found.at - since),
          });
      }
      await sleep(20);
    }
    return [...arrived.values()];
  }

  private async find(receiver: PlatformReceiver, type: string, about: readonly string[]): Promise<Arrival | undefined> {
    const arrivals = await get<Arrival[]>(receiver.state, `/arrivals?from=${this.seen.get(receiver.platform) ?? 0}`);
    const ofType = arrivals.filter((arrival) => arrival.type === type);
    if (ofType.length === 0) return undefined;
    const rows = await this.rowsAbout(receiver, about);
    return ofType.find((arrival) => rows.has(arrival.rowId));
  }

  /** Rows are known by what they were about when they were live; a withdrawal no longer says it. */
  private readonly rowIds = new Map<string, Set<string>>();

  private async rowsAbout(receiver: PlatformReceiver, about: readonly string[]): Promise<Set<string>> {
    const table = await get<HeldRow[]>(receiver.state, '/table');
    const known = this.rowIds.get(receiver.platform) ?? new Set<string>();
    this.rowIds.set(receiver.platform, known);
    const wanted = new Set<string>();
    for (const { record } of table) {
      const subject = record.signal?.value ?? record.bulletin?.title;
      if (subject !== undefined) known.add(`${record.row_id} ${subject}`);
    }
    for (const entry of known) {
      const space = entry.indexOf(' ');
      if (about.includes(entry.slice(space + 1))) wanted.add(entry.slice(0, space));
    }
    return wanted;
  }
}
