type Lane = 'ordinary' | 'emergency';

/** Requests under way at a time, by lane. */
export interface SlotCounts {
  ordinary: number;
  emergency: number;
}

/** A number of places, given in the order of asking. */
class Places {
  private readonly queue: (() => void)[] = [];
  private free: number;

  constructor(readonly size: number) {
    this.free = size;
  }

  async take(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.free > 0) {
      this.free -= 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        this.queue.splice(this.queue.indexOf(enter), 1);
        reject(new DOMException('The wait for a slot was given up.', 'AbortError'));
      };
      signal.addEventListener('abort', leave, { once: true });
      this.queue.push(enter);
    });
  }

  /** Takes a place even where none is free, up to so many beyond the size. */
  squeezeIn(most: number): boolean {
    if (this.free <= -most) return false;
    this.free -= 1;
    return true;
  }

  give(): void {
    this.free += 1;
    if (this.free <= 0) return;
    const next = this.queue.shift();
    if (!next) return;
    this.free -= 1;
    next();
  }
}

/** The right to have one delivery under way. */
export interface DeliverySlot {
  /** Says that it turned out to be slow: from now on it takes up room among its like, where there is any. */
  slow(): void;
  /** Gives it back; to be called exactly once. */
  give(): void;
}

/** How many times their own number the places of slow endpoints can hold of requests that only turned out to be slow. */
const OVERFLOW = 3;

/**
 * Bounds how many deliveries are under way. Emergency channels have slots of their own, and so, within each lane, have
 * endpoints that answer slowly or not at all: they can fill those and no others.
 */
export class DeliverySlots {
  private readonly places: Record<Lane, Record<'sound' | 'suspect', Places>>;

  constructor({ ordinary, emergency }: SlotCounts) {
    const split = (count: number) => ({
      sound: new Places(Math.ceil(count / 2)),
      suspect: new Places(Math.max(1, Math.floor(count / 2))),
    });
    this.places = { ordinary: split(ordinary), emergency: split(emergency) };
  }

  /**
   * Waits for a slot.
   * @throws an `AbortError` when the signal aborts first
   */
  async take(lane: Lane, isSuspect: boolean, signal: AbortSignal): Promise<DeliverySlot> {
    const { sound, suspect } = this.places[lane];
    let held = isSuspect ? suspect : sound;
    await held.take(signal);
    return {
      slow: () => {
        if (held === suspect || !suspect.squeezeIn(OVERFLOW * suspect.size)) return;
        held = suspect;
        sound.give();
      },
      give: () => held.give(),
    };
  }
}
