import fc from 'fast-check';
import { canonicalise, isSignalType, LICENSED_TYPES, SIGNAL_TYPES } from './index.js';
import { definitionsById } from './registry.js';
import { sha1 } from './sha1.js';

const DIGITS = { md5: 32, sha1: 40, sha256: 64, sha512: 128, pdq: 64 } as const;
const HASH_TYPES = ['md5', 'sha1', 'sha256', 'sha512', 'pdq'] as const;
const hexOf = (length: number): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(...Array.from('0123456789abcdefABCDEF')), { minLength: length, maxLength: length })
    .map((digits) => digits.join(''));

/** Any character, surrogates excepted; fast-check's own table of them takes a second to build. */
const CHARACTER = fc
  .integer({ min: 0, max: 0x10ffff - 0x800 })
  .map((number) => String.fromCodePoint(number < 0xd800 ? number : number + 0x800));

describe('the registry of signal types', () => {
  it('knows its words and no others', () => {
    expect(SIGNAL_TYPES).toEqual([
      ...['md5', 'sha1', 'sha256', 'sha512', 'pdq', 'url', 'domain', 'url-sha256', 'phrase'],
      ...LICENSED_TYPES,
    ]);
    expect(SIGNAL_TYPES.every(isSignalType)).toBe(true);
    expect(['SHA256', 'ip', '', 'constructor', '__proto__', 7, undefined].some(isSignalType)).toBe(false);
  });

  it('refuses two definitions of one word', () => {
    expect(() => definitionsById([sha1, { ...sha1 }])).toThrow('same id');
  });

  it.each(SIGNAL_TYPES)('answers for any text without repeating it: %s', (type) => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: CHARACTER }), fc.string({ unit: 'grapheme', minLength: 20, maxLength: 300 })),
        (raw) => {
          const canonical = canonicalise(type, raw);
          if (canonical.ok) expect(canonicalise(type, canonical.value)).toEqual(canonical);
          else expect(canonical.code).toMatch(/^[a-z-]+$/);
        },
      ),
      { numRuns: 500 },
    );
    const marked = canonicalise(type, 'needle \u0001 in a haystack');
    expect(marked.ok).toBe(false);
    expect(JSON.stringify(marked)).not.toContain('needle');
  });

  it.each(SIGNAL_TYPES)('answers for a million characters at once: %s', (type) => {
    for (const raw of ['a'.repeat(1e6), ' '.repeat(1e6), 'http://a/' + '%25'.repeat(3e5), '.'.repeat(1e6)]) {
      const started = performance.now();
      expect(canonicalise(type, raw).ok).toBe(false);
      // In proportion to the length it takes milliseconds, with the square of it minutes.
      expect(performance.now() - started).toBeLessThan(5_000);
    }
  });
});

describe.each(HASH_TYPES)('a value of type %s', (type) => {
  const digits = DIGITS[type];

  it('is the same in any case and with white space around it', () => {
    fc.assert(
      fc.property(hexOf(digits), fc.constantFrom('', ' ', '\t', '\r\n', '\u00a0'), (hash, space) => {
        const expected = { ok: true, value: hash.toLowerCase() };
        expect(canonicalise(type, space + hash + space)).toEqual(expected);
        expect(canonicalise(type, hash.toUpperCase())).toEqual(expected);
        expect(canonicalise(type, hash.toLowerCase())).toEqual(expected);
      }),
    );
  });

  it('has its length', () => {
    for (const length of [0, 1, digits - 1, digits + 1, digits * 2]) {
      expect(canonicalise(type, 'a'.repeat(length))).toMatchObject({ ok: false, code: 'hash-length' });
    }
  });

  it.each(['g', ' ', '-', '\u0660', '\uff10', '\u212a'])('has hexadecimal digits only, not %j', (wrong) => {
    const raw = 'a'.repeat(digits - 2) + wrong + 'a';
    expect(canonicalise(type, raw)).toMatchObject({ ok: false, code: 'hash-alphabet' });
  });
});
