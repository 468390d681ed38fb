import { PART_BYTES } from './part-sealing.js';

/** Cuts a stream into parts of {@link PART_BYTES}; the last one is shorter, and there is none for an empty stream. */
export async function* cutParts(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of bytes) {
    let rest = piece;
    while (size + rest.length >= PART_BYTES) {
      const fitting = rest.subarray(0, PART_BYTES - size);
      yield Buffer.concat([...pieces, fitting], PART_BYTES);
      rest = rest.subarray(fitting.length);
      pieces = [];
      size = 0;
    }
    if (rest.length > 0) pieces.push(rest);
    size += rest.length;
  }
  if (size > 0) yield Buffer.concat(pieces, size);
}
