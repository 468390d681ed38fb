import { isDrawnForReview } from './drawn-for-review.js';

describe('items that are drawn for review', () => {
  it('are one in so many, the same at every reading', () => {
    const drawn = (oneIn: number): number =>
      Array.from({ length: 20_000 }, (_one, at) => isDrawnForReview('a submission', at, oneIn)).filter(Boolean).length;
    expect(drawn(0)).toBe(0);
    expect(drawn(1)).toBe(20_000);
    expect(drawn(100)).toBeGreaterThan(130);
    expect(drawn(100)).toBeLessThan(270);
    expect(drawn(100)).toBe(drawn(100));
  });
});
