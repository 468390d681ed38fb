import fc from 'fast-check';
import { escapeBytes, unescapeFully } from './percent-escapes.js';

/** The rule as it is written: all escapes at once, until there are none. */
function unescapeInRounds(text: string): string {
  const next = text.replaceAll(/%([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return next === text ? text : unescapeInRounds(next);
}

it('undoes in one pass what rounds undo', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...Array.from('%%%%25346fFaG')), maxLength: 80 }), (text) => {
      expect(Buffer.from(unescapeFully(text)).toString('latin1')).toBe(unescapeInRounds(text));
    }),
    { numRuns: 3000 },
  );
});

it('gets back the bytes that were escaped, and writes them one way', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.constantFrom('', '?\\'), (raw, also) => {
      const bytes = unescapeFully(Buffer.from(raw).toString('latin1'));
      const written = escapeBytes(bytes, also);
      expect(written).toMatch(/^(?:[\u0021-\u007e])*$/);
      expect(written).not.toMatch(/[#]|%(?![0-9A-F]{2})/);
      expect(unescapeFully(written)).toEqual(bytes);
    }),
    { numRuns: 1000 },
  );
});
