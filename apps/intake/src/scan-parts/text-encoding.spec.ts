import { randomBytes } from 'node:crypto';
import { TextEncodingCheck } from './text-encoding.js';

function wrongAt(bytes: Buffer, pieceBytes = Infinity): number | undefined {
  const check = new TextEncodingCheck();
  try {
    for (let at = 0; at < bytes.length; at += pieceBytes) check.check(bytes.subarray(at, at + pieceBytes));
    check.end();
  } catch (thrown) {
    return (thrown as { facts: { byte: number } }).facts.byte;
  }
  return undefined;
}

const TEXT = 'ä€𝄞 text\n'.repeat(500);

describe('the encoding of a document', () => {
  it.each([1, 2, 3, 4, 5, 1000])('may split characters over pieces of %i bytes', (pieceBytes) => {
    expect(wrongAt(Buffer.from(TEXT), pieceBytes)).toBeUndefined();
  });

  it.each([
    ['a byte that begins nothing', [0x80]],
    ['a byte of Latin-1', [0xe9, 0x20]],
    ['an overlong character', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a NUL', [0x00]],
  ])('is told wrong with the place: %s', (_, wrong) => {
    for (const before of [0, 1, 9, 400]) {
      const start = Buffer.from(TEXT).subarray(0, before * 15);
      const bytes = Buffer.concat([start, Buffer.from(wrong), Buffer.from(TEXT)]);
      for (const pieceBytes of [1, 7, 4096, Infinity]) expect(wrongAt(bytes, pieceBytes)).toBe(start.length);
    }
  });

  it('is not UTF-16 or UTF-32', () => {
    expect(wrongAt(Buffer.from('\ufefftext', 'utf16le'))).toBe(0);
    expect(wrongAt(Buffer.from('text', 'utf16le'))).toBe(1);
    expect(wrongAt(Buffer.from([0, 0, 0xfe, 0xff, 0, 0, 0, 65]))).toBe(0);
  });

  it('ends with a whole character', () => {
    expect(wrongAt(Buffer.from([0x61, 0xe2, 0x82]))).toBe(1);
    expect(wrongAt(Buffer.from('\ufefftext'))).toBeUndefined();
  });

  it('is told wrong for chance bytes', () => {
    expect(wrongAt(randomBytes(5000))).toBeGreaterThanOrEqual(0);
  });
});
