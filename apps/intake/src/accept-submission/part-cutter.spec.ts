import { createHash, randomBytes, randomInt } from 'node:crypto';
import { cutParts } from './part-cutter.js';
import { PART_BYTES } from './part-sealing.js';

async function* inPieces(bytes: Buffer, length: () => number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length;) {
    const end = at + length();
    yield await Promise.resolve(bytes.subarray(at, end));
    at = end;
  }
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('parts', () => {
  it.each([0, 1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 3 * PART_BYTES, 3 * PART_BYTES + 7])(
    'of %i bytes are of one length but the last',
    async (size) => {
      const document = randomBytes(size);
      for (const length of [() => 65_536, () => PART_BYTES + 1, () => 5 * PART_BYTES, () => randomInt(1, 200_000)]) {
        const lengths: number[] = [];
        const digest = createHash('sha256');
        let before: Buffer | undefined;
        let digestBefore = '';
        for await (const part of cutParts(inPieces(document, length))) {
          // The part before is still good while this one is looked at.
          if (before) expect(sha256(before)).toBe(digestBefore);
          before = part;
          digestBefore = sha256(part);
          lengths.push(part.length);
          digest.update(part);
        }
        expect(digest.digest('hex')).toBe(sha256(document));
        expect(lengths.slice(0, -1).every((one) => one === PART_BYTES)).toBe(true);
        expect(lengths).toHaveLength(Math.ceil(size / PART_BYTES));
      }
    },
  );
});
