import { transient } from '#libs/domain';

/** Lets so many work at once; the others wait, first come, first served. */
export class Turns {
  private free: number;
  private readonly waiting: (() => void)[] = [];

  constructor(places: number) {
    this.free = places;
  }

  /**
   * Takes a place.
   * @param longestMs longest wait; for ever when absent
   * @returns gives the place back; calling it again does nothing
   * @throws a transient error `TOC_REQUEST_TOO_MANY`
   */
  async take(longestMs?: number): Promise<() => void> {
    if (this.free > 0) this.free -= 1;
    else await this.wait(longestMs);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const next = this.waiting.shift();
      if (next) next();
      else this.free += 1;
    };
  }

  private wait(longestMs: number | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.waiting.splice(this.waiting.indexOf(take), 1);
        reject(transient('TOC_REQUEST_TOO_MANY', 'too many large submissions are being received'));
      };
      const timer = longestMs === undefined ? undefined : setTimeout(giveUp, longestMs);
      const take = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.waiting.push(take);
    });
  }
}
