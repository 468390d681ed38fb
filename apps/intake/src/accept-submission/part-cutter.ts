/** Bytes of a part, except the last of a submission, which is shorter. */
export const PART_BYTES = 1024 * 1024;

const SMALLEST_ROOM = 64 * 1024;

/** Gathers bytes in one buffer that grows up to a part and is used again for the part after the next one. */
class PartRoom {
  private room: Buffer = Buffer.alloc(0);
  private size = 0;

  /** Takes as many of the bytes as there is room for in a part. @returns how many */
  take(bytes: Buffer): number {
    const taken = Math.min(bytes.length, PART_BYTES - this.size);
    if (this.size + taken > this.room.length) this.grow(this.size + taken);
    bytes.copy(this.room, this.size, 0, taken);
    this.size += taken;
    return taken;
  }

  get isFull(): boolean {
    return this.size === PART_BYTES;
  }

  get isEmpty(): boolean {
    return this.size === 0;
  }

  /** The bytes gathered; the room begins anew. */
  empty(): Buffer {
    const part = this.room.subarray(0, this.size);
    this.size = 0;
    return part;
  }

  private grow(needed: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.min(PART_BYTES, Math.max(SMALLEST_ROOM, 2 * this.room.length, needed)));
    this.room.copy(grown, 0, 0, this.size);
    this.room = grown;
  }
}

/**
 * Cuts a stream into parts of {@link PART_BYTES}; the last one is shorter, and there is none for an empty stream. The
 * bytes of a part are good until the part after the next one is asked for.
 */
export async function* cutParts(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let filling = new PartRoom();
  let other = new PartRoom();
  for await (const piece of bytes) {
    for (let rest = piece; rest.length > 0;) {
      rest = rest.subarray(filling.take(rest));
      if (!filling.isFull) continue;
      yield filling.empty();
      [filling, other] = [other, filling];
    }
  }
  if (!filling.isEmpty) yield filling.empty();
}
