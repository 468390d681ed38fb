import type { Place } from '../messaging-observer.js';

/** The batch of one partition that is under way. */
export interface Work {
  readonly place: Place;
  /** Aborted when the consumer closes or the partition is lost. */
  readonly stop: AbortController;
  /** Resolves when the batch is settled, whatever came of it. */
  readonly settled: Promise<void>;
  /** Resolves when the fetch loop should no longer wait for this batch. */
  readonly letGo: Promise<void>;
}

interface OpenWork extends Work {
  release: () => void;
}

/**
 * Which partitions have a batch under way, and which are paused on request. Outlives the instances of a consumer, so
 * that a partition that a new instance fetches again meets the batch of the old one.
 */
export class PartitionWork {
  private readonly open = new Map<string, OpenWork>();
  private readonly paused = new Set<string>();

  /** @param run settles the batch; must not throw */
  begin(place: Place, run: (work: Work) => Promise<void>): Work {
    let release: () => void = () => undefined;
    const letGo = new Promise<void>((resolve) => {
      release = resolve;
    });
    const key = keyOf(place);
    let settle: () => void = () => undefined;
    const settled = new Promise<void>((resolve) => {
      settle = resolve;
    });
    const work: OpenWork = { place, stop: new AbortController(), settled, letGo, release };
    this.open.set(key, work);
    void run(work).finally(() => {
      this.open.delete(key);
      settle();
    });
    return work;
  }

  /** Whether nothing may be delivered from this partition now. */
  isHeld(place: Place): boolean {
    return this.isPaused(place) || this.open.has(keyOf(place));
  }

  isPaused(place: Place): boolean {
    return this.paused.has(keyOf(place));
  }

  isOpen(place: Place): boolean {
    return this.open.has(keyOf(place));
  }

  pause(place: Place): void {
    const key = keyOf(place);
    this.paused.add(key);
    this.open.get(key)?.release();
  }

  resume(place: Place): void {
    this.paused.delete(keyOf(place));
  }

  /** Tells the batches under way that fulfil the condition to stop. */
  stopWhere(condition: (place: Place) => boolean): void {
    for (const work of this.open.values()) if (condition(work.place)) work.stop.abort();
  }

  /** Resolves when no batch is under way. */
  async settled(): Promise<void> {
    while (this.open.size > 0) await Promise.all(Array.from(this.open.values(), (work) => work.settled));
  }
}

function keyOf({ topic, partition }: Place): string {
  return `${topic}/${partition}`;
}
