import { transient } from '#libs/domain';

/** Bounds how many reads of one platform are under way, so that nobody's slow or many readers cost the others. */
export class ReadSlots {
  private readonly taken = new Map<string, number>();

  constructor(private readonly most: number) {}

  /** @throws a transient `TOC_REQUEST_TOO_MANY` when the platform has as many reads under way as it may */
  async during<Result>(platformId: string, read: () => Promise<Result>): Promise<Result> {
    const before = this.taken.get(platformId) ?? 0;
    if (before >= this.most)
      throw transient('TOC_REQUEST_TOO_MANY', `at most ${this.most} reads of a platform are under way at once`);
    this.taken.set(platformId, before + 1);
    try {
      return await read();
    } finally {
      const left = (this.taken.get(platformId) ?? 1) - 1;
      if (left === 0) this.taken.delete(platformId);
      else this.taken.set(platformId, left);
    }
  }
}
