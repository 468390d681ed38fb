import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { NearHashes } from './near-hashes.js';

const PAIRS = '../shared/samples/expected/pdq_pairs.json';
const hex = fc
  .array(fc.constantFrom(...Array.from('0123456789abcdef')), { minLength: 64, maxLength: 64 })
  .map((digits) => digits.join(''));

function distance(a: string, b: string): number {
  const bits = (hash: string): string =>
    Array.from(hash, (digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0')).join('');
  const other = bits(b);
  return Array.from(bits(a)).filter((bit, at) => bit !== other[at]).length;
}

function isNear(a: string, b: string): boolean {
  const near = new NearHashes<true>();
  near.add(a, true);
  return near.find(b) === true;
}

/** The hash with its first bits turned. */
function turned(hash: string, bits: number): string {
  const mask = (1n << BigInt(bits)) - 1n;
  return (BigInt(`0x${hash}`) ^ mask).toString(16).padStart(64, '0');
}

describe('near hashes', () => {
  it('differ in at most 31 bits', () => {
    fc.assert(
      fc.property(hex, fc.integer({ min: 0, max: 64 }), (hash, bits) => {
        expect(isNear(hash, turned(hash, bits))).toBe(bits <= 31);
      }),
    );
    fc.assert(fc.property(hex, hex, (a, b) => expect(isNear(a, b)).toBe(distance(a, b) <= 31)));
    expect(new NearHashes().find('0'.repeat(64))).toBeUndefined();
  });

  const pairs = existsSync(PAIRS)
    ? (JSON.parse(readFileSync(PAIRS, 'utf8')) as { data: { a: string; b: string; distance: number }[] }).data
    : [];
  (pairs.length > 0 ? it : it.skip)('are those that others counted', () => {
    for (const { a, b, distance: counted } of pairs)
      expect([distance(a, b), isNear(a, b)]).toEqual([counted, counted <= 31]);
  });
});
