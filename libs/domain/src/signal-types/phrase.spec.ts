import fc from 'fast-check';
import { canonicalise } from './index.js';

const canonical = (raw: string): string | undefined => {
  const answer = canonicalise('phrase', raw);
  return answer.ok ? answer.value : undefined;
};

describe('a phrase', () => {
  it.each([
    ['Some  Words\tto\u00a0find', 'some words to find'],
    ['  ＦＵＬＬ width ', 'full width'],
    ['\ufb01nd me', 'find me'],
    ['CAFE\u0301 NOIR', 'caf\u00e9 noir'],
    ['слово и дело', 'слово и дело'],
    ['كلمة وكلمة', 'كلمة وكلمة'],
  ])('%j is %j', (raw, value) => expect(canonical(raw)).toBe(value));

  it.each(['', 'ab', '123 456', 'a\u0000b c', 'a\u202eb c', '\ud800abc', 'x'.repeat(201), 'x'.repeat(5000)])(
    '%j is none',
    (raw) => expect(canonical(raw)).toBeUndefined(),
  );

  it('stays as it is once it is canonical', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (raw) => {
        const once = canonical(raw);
        if (once !== undefined) expect(canonical(once)).toBe(once);
      }),
      { numRuns: 3000 },
    );
  });
});
