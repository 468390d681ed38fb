/** How a batch ended, as far as its size is concerned. */
interface Tried {
  records: number;
  /** Position of its last record. */
  until: bigint;
}

/**
 * How many records to take at once. A refused batch is halved, and the halves of what is suspected are tried until
 * the one record is found: about log2(n) requests for one bad record among n. Afterwards the size doubles again.
 */
export class BatchSize {
  private current: number;
  /** A refused batch ended here: somewhere before or at it is a record that is not wanted. */
  private suspectUntil: bigint | undefined;

  constructor(private most: number) {
    this.current = most;
  }

  /** Records to take next, at most `most`, the connector's present bound. */
  next(most: number): number {
    if (this.current === this.most || this.current > most) this.current = most;
    this.most = most;
    return this.current;
  }

  sent({ until }: Tried): void {
    if (this.suspectUntil !== undefined && until < this.suspectUntil) {
      this.current = half(this.current);
      return;
    }
    this.suspectUntil = undefined;
    this.current = Math.min(this.most, this.current * 2);
  }

  /** @returns whether it was a single record, which is now to be parked */
  refused({ records, until }: Tried): 'halve' | 'park' {
    if (records > 1) {
      this.suspectUntil = until;
      this.current = half(records);
      return 'halve';
    }
    this.suspectUntil = undefined;
    return 'park';
  }
}

const half = (size: number): number => Math.max(1, Math.floor(size / 2));
