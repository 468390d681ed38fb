import fc from 'fast-check';
import { positionRanges } from './position-ranges.js';

describe('ranges of positions', () => {
  it('merge neighbours and keep gaps', () => {
    expect(positionRanges([1n, 2n, 3n, 7n, 9n, 10n])).toEqual([
      { from: 1n, to: 3n },
      { from: 7n, to: 7n },
      { from: 9n, to: 10n },
    ]);
  });

  it('cover exactly the positions given, whatever they are', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 60 })), (given) => {
        const positions = given.sort((a, b) => a - b).map(BigInt);
        const ranges = positionRanges(positions);
        const covered = ranges.flatMap(({ from, to }) =>
          Array.from({ length: Number(to - from) + 1 }, (_, n) => from + BigInt(n)),
        );
        expect(covered).toEqual(positions);
        expect(ranges.every(({ from }, index) => index === 0 || from > (ranges[index - 1]?.to ?? from) + 1n)).toBe(
          true,
        );
      }),
    );
  });
});
