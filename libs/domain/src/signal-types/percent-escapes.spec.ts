import fc from 'fast-check';
import { escapeBytes, unescapeFully } from './percent-escapes.js';

function unescaped(text: string): string {
  return Buffer.from(unescapeFully(text)).toString('latin1');
}

/** The rule as it is written: all escapes at once, again and again. */
function unescapedInRounds(text: string): string {
  const next = text.replaceAll(/%[0-9a-f]{2}/gi, (escape) => String.fromCharCode(Number.parseInt(escape.slice(1), 16)));
  return next === text ? text : unescapedInRounds(next);
}

test('one pass gives what repeated rounds give', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...Array.from('%%%%2345673aAfF0x/')), maxLength: 60 }), (written) => {
      expect(unescaped(written)).toBe(unescapedInRounds(written));
    }),
    { numRuns: 5000 },
  );
});

test('bytes without an escape survive being escaped and unescaped', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.constantFrom('', '?\\'), (bytes, also) => {
      const plain = unescapedInRounds(Buffer.from(bytes).toString('latin1'));
      const written = escapeBytes(Buffer.from(plain, 'latin1'), also);
      expect(written).toMatch(/^[!-~]*$/);
      expect(written.replaceAll(/%[0-9A-F]{2}/g, '')).not.toMatch(also === '' ? /[#%]/ : /[#%?\\]/);
      expect(unescaped(written)).toBe(plain);
    }),
  );
});

test('an escape that was escaped a million times is undone in one go', () => {
  const started = performance.now();
  expect(unescaped(`%${'25'.repeat(1_000_000)}41`)).toBe('A');
  expect(performance.now() - started).toBeLessThan(500);
});
