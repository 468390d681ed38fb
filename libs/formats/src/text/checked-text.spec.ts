import { byteSource } from '#libs/testing';
import fc from 'fast-check';
import { checkText } from './checked-text.js';

async function wrongByte(bytes: Buffer, ends: readonly number[] = []): Promise<unknown> {
  try {
    await checkText(byteSource(bytes, ends));
    return undefined;
  } catch (thrown) {
    return thrown && typeof thrown === 'object' && 'facts' in thrown ? thrown.facts : thrown;
  }
}

describe('checking that a document is text', () => {
  it.each([
    [Buffer.from([0x61, 0xff, 0x62]), 1],
    [Buffer.from([0x61, 0xe9, 0x2c]), 1],
    [Buffer.from([0xe2, 0x82, 0x61]), 0],
    [Buffer.from([0xf0, 0x9f, 0x98]), 0],
    [Buffer.from([0x61, 0x80]), 1],
    [Buffer.from([0xed, 0xa0, 0x80]), 0],
    [Buffer.from([0xf5, 0x80, 0x80, 0x80]), 0],
    [Buffer.from('ab\0'), 2],
  ])('names the byte that is wrong: %s', async (bytes, byte) => {
    expect(await wrongByte(bytes)).toEqual({ byte });
    expect(await wrongByte(Buffer.concat([Buffer.from('ü'.repeat(1000)), bytes]))).toEqual({ byte: 2000 + byte });
  });

  it('says the same however the bytes arrive', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 40 }).map((value) => Buffer.from(value)),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    );
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(40)), async (bytes, cuts) => {
        if (bytes.length === 0) return;
        const whole = await wrongByte(bytes);
        expect(
          await wrongByte(
            bytes,
            [...new Set(cuts)].sort((a, b) => a - b),
          ),
        ).toEqual(whole);
        expect(whole === undefined).toBe(
          Buffer.from(bytes.toString('utf8')).equals(bytes) && !bytes.includes(0) && !hasForeignMark(bytes),
        );
      }),
    );
  });
});

const hasForeignMark = (bytes: Buffer): boolean => bytes[0] === 0xff || bytes[0] === 0xfe;
