type Lane = 'ordinary' | 'emergency';

/** Requests under way at a time, by lane. */
export interface SlotCounts {
  ordinary: number;
  emergency: number;
}

/** Who wants to deliver. */
export interface SlotSeeker {
  platformId: string;
  /** Whether the endpoint may keep a request waiting, asked anew whenever a place is free. */
  isSuspect(): boolean;
}

/** The right to have one delivery under way. */
export interface DeliverySlot {
  /** Says that the request is slow: from now on it takes up memory among its like, where there is room, and no place. */
  slow(bytes: number): void;
  /** Gives it back; to be called exactly once. */
  give(): void;
}

/** A slow request waits for a stranger and costs what it holds in memory, so that is what bounds them, in each lane. */
const MOST_SLOW = { requests: 512, bytes: 32 * 1024 * 1024 };
/** What one platform may take of a kind of places, or of the room for slow requests. */
const PLATFORM_SHARE = { places: 1 / 3, slow: 1 / 4 };

type Kind = 'sound' | 'suspect';

interface Waiter extends SlotSeeker {
  enter(kind: Kind): void;
}

interface Held {
  sound: number;
  suspect: number;
  slow: number;
  slowBytes: number;
}

/** The slots of one lane. */
class LaneSlots {
  private readonly waiting: Waiter[] = [];
  private readonly held = new Map<string, Held>();
  private readonly free: Record<Kind, number>;
  private readonly share: Record<Kind, number>;
  private readonly slow = { requests: 0, bytes: 0 };

  constructor(count: number) {
    this.free = { sound: Math.ceil(count / 2), suspect: Math.max(1, Math.floor(count / 2)) };
    this.share = {
      sound: Math.ceil(this.free.sound * PLATFORM_SHARE.places),
      suspect: Math.ceil(this.free.suspect * PLATFORM_SHARE.places),
    };
  }

  take(seeker: SlotSeeker, signal: AbortSignal): Promise<DeliverySlot> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        platformId: seeker.platformId,
        isSuspect: () => seeker.isSuspect(),
        enter: (kind) => {
          signal.removeEventListener('abort', leave);
          resolve(this.slotOf(seeker.platformId, kind));
        },
      };
      const leave = (): void => {
        this.waiting.splice(this.waiting.indexOf(waiter), 1);
        reject(new DOMException('The wait for a slot was given up.', 'AbortError'));
      };
      signal.addEventListener('abort', leave, { once: true });
      this.waiting.push(waiter);
      this.serve();
    });
  }

  /** Gives the free places away, each to the platform that holds fewest, and among those to whoever waits longest. */
  private serve(): void {
    while (this.waiting.length > 0 && this.free.sound + this.free.suspect > 0) {
      let next: { index: number; kind: Kind; holds: number } | undefined;
      for (const [index, waiter] of this.waiting.entries()) {
        const kind = this.kindOf(waiter);
        const holds = this.held.get(waiter.platformId)?.[kind] ?? 0;
        const mayEnter = this.free[kind] > 0 && holds < this.share[kind];
        if (mayEnter && holds < (next?.holds ?? Infinity)) next = { index, kind, holds };
        if (next?.holds === 0) break;
      }
      if (!next) return;
      const [waiter] = this.waiting.splice(next.index, 1);
      waiter?.enter(next.kind);
    }
  }

  /** A platform of which many requests are slow is suspect with all its endpoints, known or new. */
  private kindOf(waiter: Waiter): Kind {
    const slow = this.held.get(waiter.platformId)?.slow ?? 0;
    return slow >= this.share.sound || waiter.isSuspect() ? 'suspect' : 'sound';
  }

  private slotOf(platformId: string, kind: Kind): DeliverySlot {
    const held = this.held.get(platformId) ?? { sound: 0, suspect: 0, slow: 0, slowBytes: 0 };
    this.held.set(platformId, held);
    const move = (by: 1 | -1): void => {
      this.free[kind] -= by;
      held[kind] += by;
    };
    const moveSlow = (by: 1 | -1, bytes: number): void => {
      this.slow.requests += by;
      this.slow.bytes += by * bytes;
      held.slow += by;
      held.slowBytes += by * bytes;
    };
    move(1);
    let slowBytes: number | undefined;
    return {
      slow: (bytes) => {
        if (slowBytes !== undefined || !this.hasRoom(held, bytes)) return;
        slowBytes = bytes;
        moveSlow(1, bytes);
        move(-1);
        this.serve();
      },
      give: () => {
        if (slowBytes === undefined) move(-1);
        else moveSlow(-1, slowBytes);
        if (held.sound + held.suspect + held.slow === 0) this.held.delete(platformId);
        this.serve();
      },
    };
  }

  private hasRoom(held: Held, bytes: number): boolean {
    const { requests, bytes: most } = MOST_SLOW;
    return (
      this.slow.requests < requests &&
      this.slow.bytes + bytes <= most &&
      held.slow < requests * PLATFORM_SHARE.slow &&
      held.slowBytes + bytes <= most * PLATFORM_SHARE.slow
    );
  }
}

/**
 * Bounds how many deliveries are under way. Emergency channels have slots of their own, and so, within each lane, have
 * endpoints that are known to answer slowly or not at all: they can fill those and no others. No platform, however many
 * subscriptions it has, can hold more than its share.
 */
export class DeliverySlots {
  private readonly lanes: Record<Lane, LaneSlots>;

  constructor({ ordinary, emergency }: SlotCounts) {
    this.lanes = { ordinary: new LaneSlots(ordinary), emergency: new LaneSlots(emergency) };
  }

  /**
   * Waits for a slot.
   * @throws an `AbortError` when the signal aborts first
   */
  async take(lane: Lane, seeker: SlotSeeker, signal: AbortSignal): Promise<DeliverySlot> {
    return this.lanes[lane].take(seeker, signal);
  }
}
