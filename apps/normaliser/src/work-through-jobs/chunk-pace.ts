/** What a chunk may be: so many items at most, and about so long a transaction. */
export interface ChunkBounds {
  most: number;
  milliseconds: number;
}

/** Fewer than this cost more than they save: a transaction has its price whatever is in it. */
const LEAST = 50;

/**
 * How many items the next chunk of one kind of work takes, so that its transaction lasts about as long as it may:
 * whatever is more urgent waits for at most one.
 */
export class ChunkPace {
  private size: number;

  constructor(private readonly bounds: ChunkBounds) {
    this.size = bounds.most;
  }

  get items(): number {
    return this.size;
  }

  /** Tells how long a chunk took. One that was not full says nothing of whether more would fit. */
  learn(items: number, milliseconds: number): void {
    const { most, milliseconds: allowed } = this.bounds;
    const fitting = Math.floor((items * allowed) / Math.max(milliseconds, 1));
    if (milliseconds > allowed) this.size = Math.min(this.size, fitting);
    else if (items >= this.size) this.size = Math.min(fitting, this.size * 2);
    this.size = Math.min(most, Math.max(LEAST, this.size));
  }

  /** Works one chunk and learns from it. @param work returns how many items it took */
  async timed(work: () => Promise<number>): Promise<void> {
    const started = performance.now();
    const items = await work();
    if (items > 0) this.learn(items, performance.now() - started);
  }
}

/** One pace for each kind of work. */
export class ChunkPaces {
  private readonly paces = new Map<string, ChunkPace>();

  constructor(private readonly bounds: ChunkBounds) {}

  of(kind: string): ChunkPace {
    const pace = this.paces.get(kind) ?? new ChunkPace(this.bounds);
    this.paces.set(kind, pace);
    return pace;
  }
}
