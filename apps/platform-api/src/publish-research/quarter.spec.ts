import { endedQuarters, quarterNamed, quarterOf } from './quarter.js';

describe('quarters', () => {
  it('are three months of UTC', () => {
    expect(quarterOf(new Date('2026-12-31T23:59:59.999Z'))).toEqual({
      ...{ name: '2026-Q4', from: new Date('2026-10-01T00:00:00Z'), until: new Date('2027-01-01T00:00:00Z') },
    });
    expect(quarterNamed('2027-Q1')).toEqual(quarterOf(new Date('2027-01-01T00:00:00Z')));
    for (const name of ['2026-Q0', '2026-Q5', '26-Q1', '2026-q1', '2026-Q1 '])
      expect(quarterNamed(name)).toBeUndefined();
  });

  it('have ended once the next has begun', () => {
    const ended = (by: string) => endedQuarters(new Date('2026-08-01T00:00:00Z'), new Date(by)).map(({ name }) => name);
    expect(ended('2026-09-30T23:59:59Z')).toEqual([]);
    expect(ended('2026-10-01T00:00:00Z')).toEqual(['2026-Q3']);
    expect(ended('2027-01-02T00:00:00Z')).toEqual(['2026-Q3', '2026-Q4']);
  });
});
