import fc from 'fast-check';
import { LEAST_SHOWN, withholdSmall } from './withhold-small.js';

const cells = (counts: readonly number[]) => counts.map((count, index) => ({ word: `w${index}`, count }));
const shown = (counts: readonly number[]): number[] => withholdSmall(cells(counts)).shown.map(({ count }) => count);

describe('withholding small counts', () => {
  it.each([
    ['nothing where none is small', [9, 5, 7], [9, 5, 7]],
    ['a second one beside a single small one', [9, 2, 7], [9]],
    ['more until they are enough together', [9, 1, 1, 7], [9]],
    ['small ones alone where they are enough together', [9, 4, 3, 7], [9, 7]],
    ['the only one', [3], []],
    ['none of none', [], []],
  ])('withholds %s', (_, counts, kept) => {
    expect(shown(counts)).toEqual(kept);
  });

  it('never leaves a small count, or one alone, to be found by subtracting from the sum', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 12 }), (counts) => {
        const { shown: kept, withheld } = withholdSmall(cells(counts));
        const sum = (of: readonly number[]): number => of.reduce((a, b) => a + b, 0);
        const left = sum(counts) - sum(kept.map(({ count }) => count));
        expect(kept.every(({ count }) => count >= LEAST_SHOWN)).toBe(true);
        expect(kept.length + withheld).toBe(counts.length);
        // Either nothing is withheld, or two and five, or there is nothing to subtract with.
        expect(left === 0 || kept.length === 0 || (withheld >= 2 && left >= LEAST_SHOWN)).toBe(true);
      }),
    );
  });
});
