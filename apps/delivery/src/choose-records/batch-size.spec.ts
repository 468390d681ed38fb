import { BatchSize } from './batch-size.js';

/** Walks `count` records of which some are refused; tells how many requests it took and what was parked. */
function walk(count: number, isBad: (position: number) => boolean, most = 500) {
  const size = new BatchSize(most);
  const parked: number[] = [];
  let requests = 0;
  for (let cursor = 0; cursor < count;) {
    const until = Math.min(count, cursor + size.next(most));
    const tried = { records: until - cursor, until: BigInt(until) };
    requests += 1;
    if (!Array.from({ length: tried.records }, (_, index) => cursor + 1 + index).some(isBad)) {
      size.sent(tried);
      cursor = until;
    } else if (size.refused(tried) === 'park') {
      cursor += 1;
      parked.push(cursor);
    }
  }
  return { requests, parked };
}

describe('the size of batches', () => {
  it('stays at the bound while nothing is refused', () => {
    expect(walk(5_000, () => false)).toEqual({ requests: 10, parked: [] });
  });

  it.each([1, 2, 250, 301, 499, 500])('finds one bad record, the %dth of 500, in few requests', (bad) => {
    const { requests, parked } = walk(500, (position) => position === bad);
    expect(parked).toEqual([bad]);
    expect(requests).toBeLessThanOrEqual(25);
  });

  it('finds every bad record and gives each of the others away', () => {
    const bad = new Set([3, 4, 77, 1_000, 1_001, 1_999]);
    expect(walk(2_000, (position) => bad.has(position)).parked).toEqual([...bad]);
  });

  it('tries records one by one while all are refused', () => {
    const { requests, parked } = walk(1_000, () => true);
    expect(parked).toHaveLength(1_000);
    expect(requests).toBeLessThan(1_020);
  });

  it('follows a bound that changes', () => {
    const size = new BatchSize(500);
    expect([size.next(500), size.next(100), size.next(300)]).toEqual([500, 100, 300]);
  });
});
