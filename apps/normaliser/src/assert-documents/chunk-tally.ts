import { addsUp, NO_ITEMS, type ItemCounts, type RejectionCode } from '#libs/domain';
import type { LoweredCeiling } from '#libs/safeguards';

type End = Exclude<keyof ItemCounts, 'read'>;

/** Ceilings that one rule lowered alike, on so many rows; for one country where it is that country's own. */
export interface LoweredRows {
  rule: string;
  rule_version: number;
  from: string;
  to: string;
  country?: string;
  rows: number;
}

/** Counts how the items of one chunk ended, each exactly once (I2). */
export class ChunkTally {
  readonly counts: ItemCounts = { ...NO_ITEMS };
  /** Signals that were asserted: new, changed, or said again by a new reading. */
  signals = 0;
  readonly rejected: [position: number, code: RejectionCode, detail: string][] = [];
  readonly ignored: Record<string, number> = {};
  /** Signals of items that were asserted without them, by type: there is no channel for them. */
  readonly leftOut: Record<string, number> = {};
  private readonly loweredRows = new Map<string, LoweredRows>();

  /** Ceilings that the safeguards lowered, each kind once. */
  get lowered(): LoweredRows[] {
    return [...this.loweredRows.values()];
  }

  lower(ceilings: readonly LoweredCeiling[], rows: number): void {
    for (const { rule, from, to, country } of ceilings) {
      const key = [rule.id, from, to, country].join(' ');
      const entry = this.loweredRows.get(key) ?? {
        ...{ rule: rule.id, rule_version: rule.version, from, to, rows: 0 },
        ...(country === undefined ? {} : { country }),
      };
      this.loweredRows.set(key, entry);
      entry.rows += rows;
    }
  }

  leaveOut(type: string): void {
    this.leftOut[type] = (this.leftOut[type] ?? 0) + 1;
  }

  end(how: End, items = 1): void {
    this.counts.read += items;
    this.counts[how] += items;
  }

  reject(position: number, code: RejectionCode, detail: string): void {
    this.rejected.push([position, code, detail]);
    this.end('rejected');
  }

  /** Tells of a bulletin that cannot be published; it is no item and has no position, so it counts as none. */
  rejectBulletin(code: RejectionCode, detail: string): void {
    this.rejected.push([0, code, `the bulletin: ${detail}`]);
  }

  ignore(what: string): void {
    this.ignored[what] = (this.ignored[what] ?? 0) + 1;
    this.end('ignored');
  }

  /** The job's counts after this chunk. */
  addTo(before: ItemCounts): ItemCounts {
    const after = { ...before };
    for (const key of Object.keys(NO_ITEMS) as (keyof ItemCounts)[]) after[key] += this.counts[key];
    if (!addsUp(after)) throw new Error('the counts of a submission do not add up');
    return after;
  }
}
