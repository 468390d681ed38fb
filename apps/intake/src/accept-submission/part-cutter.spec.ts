import fc from 'fast-check';
import { cutParts, PART_BYTES } from './part-cutter.js';

async function cut(pieces: Buffer[]): Promise<Buffer[]> {
  const parts: Buffer[] = [];
  async function* source(): AsyncGenerator<Buffer> {
    for (const piece of pieces) yield await Promise.resolve(piece);
  }
  // A part is only good until the one after the next, so it is copied.
  for await (const part of cutParts(source())) parts.push(Buffer.from(part));
  return parts;
}

describe('cutParts', () => {
  it('makes no part of nothing', async () => {
    expect(await cut([])).toEqual([]);
    expect(await cut([Buffer.alloc(0)])).toEqual([]);
  });

  it.each([1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 3 * PART_BYTES])(
    'cuts %i bytes in one piece',
    async (length) => {
      const document = Buffer.alloc(length, 'abcdefg');
      const parts = await cut([document]);
      expect(parts.slice(0, -1).every((part) => part.length === PART_BYTES)).toBe(true);
      expect(Buffer.concat(parts).equals(document)).toBe(true);
      expect(parts).toHaveLength(Math.ceil(length / PART_BYTES));
    },
  );

  it('gives back the same bytes, however they come', async () => {
    const lengths = fc.array(fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 700_000 })), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(lengths, async (sizes) => {
        const pieces = sizes.map((size, index) => Buffer.alloc(size, index + 1));
        const parts = await cut(pieces);
        expect(Buffer.concat(parts).equals(Buffer.concat(pieces))).toBe(true);
        expect(parts.slice(0, -1).every((part) => part.length === PART_BYTES)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('keeps a part unchanged while the next one is gathered', async () => {
    async function* source(): AsyncGenerator<Buffer> {
      for (let part = 0; part < 4; part += 1) yield await Promise.resolve(Buffer.alloc(PART_BYTES, part + 1));
    }
    let before: Buffer | undefined;
    let seen = 0;
    for await (const part of cutParts(source())) {
      if (before) expect(before.every((byte) => byte === seen)).toBe(true);
      before = part;
      seen += 1;
    }
    expect(seen).toBe(4);
  });
});
