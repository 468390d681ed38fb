import { addsUp, NO_ITEMS, type ItemCounts, type RejectionCode } from '#libs/domain';

type End = Exclude<keyof ItemCounts, 'read'>;

/** Counts how the items of one chunk ended, each exactly once (I2). */
export class ChunkTally {
  readonly counts: ItemCounts = { ...NO_ITEMS };
  readonly rejected: [position: number, code: RejectionCode, detail: string][] = [];
  readonly ignored: Record<string, number> = {};

  end(how: End, items = 1): void {
    this.counts.read += items;
    this.counts[how] += items;
  }

  reject(position: number, code: RejectionCode, detail: string): void {
    this.rejected.push([position, code, detail]);
    this.end('rejected');
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
