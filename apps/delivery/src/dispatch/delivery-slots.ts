type Lane = 'ordinary' | 'emergency';

/** Requests under way at a time, by lane. */
export interface SlotCounts {
  ordinary: number;
  emergency: number;
}

/** A number of places, given in the order of asking. */
class Places {
  private readonly queue: (() => void)[] = [];

  constructor(private free: number) {}

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

  give(): void {
    const next = this.queue.shift();
    if (next) next();
    else this.free += 1;
  }
}

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
   * @returns what gives it back, to be called exactly once
   * @throws an `AbortError` when the signal aborts first
   */
  async take(lane: Lane, suspect: boolean, signal: AbortSignal): Promise<() => void> {
    const places = this.places[lane][suspect ? 'suspect' : 'sound'];
    await places.take(signal);
    return () => places.give();
  }
}
