import { ReadableStream } from 'node:stream/web';
import type { ByteSource } from '#libs/formats';

/** Bytes of a part of a submission, except the last, which is shorter (see intake's accept-submission). */
export const PART_BYTES = 1024 * 1024;

/**
 * The bytes of a submission, fetched part by part from intake; one part is fetched ahead, the first at once. A document
 * of one part is fetched once, however often it is read.
 */
export class SubmissionBytes implements ByteSource {
  private first?: { seq: number; part: Promise<Uint8Array> };

  /** @param fromByte where reading will most likely begin */
  constructor(
    readonly size: number,
    private readonly fetchPart: (seq: number) => Promise<Uint8Array>,
    fromByte = 0,
  ) {
    const seq = Math.floor(fromByte / PART_BYTES);
    if (fromByte < size) this.first = { seq, part: fetchPart(seq) };
    this.first?.part.catch(() => undefined);
  }

  async *open(fromByte = 0): AsyncIterable<Uint8Array> {
    const parts = Math.ceil(this.size / PART_BYTES);
    let seq = Math.floor(fromByte / PART_BYTES);
    let skip = fromByte % PART_BYTES;
    const first = this.first?.seq === seq ? this.first.part : undefined;
    if (parts > 1) this.first = undefined;
    let ahead = seq < parts ? (first ?? this.fetchPart(seq)) : undefined;
    while (ahead) {
      const part: Uint8Array = await ahead;
      seq += 1;
      ahead = seq < parts ? this.fetchPart(seq) : undefined;
      // Awaited in the next turn; a reader that stops early must not leave an unhandled rejection behind.
      ahead?.catch(() => undefined);
      yield skip > 0 ? part.subarray(skip) : part;
      skip = 0;
    }
  }
}

/** Bytes that are already here, as for a preview. */
export class InlineBytes implements ByteSource {
  readonly size: number;

  constructor(private readonly bytes: Uint8Array) {
    this.size = bytes.length;
  }

  open(fromByte = 0): AsyncIterable<Uint8Array> {
    return ReadableStream.from(fromByte < this.size ? [this.bytes.subarray(fromByte)] : []);
  }
}
