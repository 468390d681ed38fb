import { transient } from '#libs/domain';

const MOST_WAITING = 200;

/** Bounds how many reads of one platform are under way, so that nobody's slow or many readers cost the others. */
export class ReadSlots {
  private readonly taken = new Map<string, number>();
  /** Short reads that wait for a slot. */
  private readonly waiting = new Map<string, (() => void)[]>();

  constructor(private readonly most: number) {}

  /** @throws a transient `TOC_REQUEST_TOO_MANY` when the platform has as many reads under way as it may */
  async during<Result>(platformId: string, read: () => Promise<Result>): Promise<Result> {
    const before = this.taken.get(platformId) ?? 0;
    if (before >= this.most)
      throw transient('TOC_REQUEST_TOO_MANY', `at most ${this.most} reads of a platform are under way at once`);
    this.taken.set(platformId, before + 1);
    return this.run(platformId, read);
  }

  /**
   * The same for short reads, which wait for their turn.
   * @throws a transient `TOC_REQUEST_TOO_MANY` when too many wait already
   */
  async queued<Result>(platformId: string, read: () => Promise<Result>): Promise<Result> {
    if ((this.taken.get(platformId) ?? 0) < this.most) return this.during(platformId, read);
    const waiting = this.waiting.get(platformId) ?? [];
    if (waiting.length >= MOST_WAITING)
      throw transient('TOC_REQUEST_TOO_MANY', `at most ${MOST_WAITING} reads of a platform wait at once`);
    this.waiting.set(platformId, waiting);
    await new Promise<void>((resolve) => waiting.push(resolve));
    return this.run(platformId, read);
  }

  private async run<Result>(platformId: string, read: () => Promise<Result>): Promise<Result> {
    try {
      return await read();
    } finally {
      this.free(platformId);
    }
  }

  /** A slot goes to who waits for one; nobody takes it in between. */
  private free(platformId: string): void {
    const waiting = this.waiting.get(platformId);
    const next = waiting?.shift();
    if (waiting?.length === 0) this.waiting.delete(platformId);
    if (next) {
      next();
      return;
    }
    const left = (this.taken.get(platformId) ?? 1) - 1;
    if (left === 0) this.taken.delete(platformId);
    else this.taken.set(platformId, left);
  }
}
