import { TocsinError } from '#libs/domain';
import { asksForVersion, readObjectsQuery, type RawQuery } from './objects-query.js';

const BOUNDS = { usual: 100, most: 1000 };
const read = (query: RawQuery) => readObjectsQuery(query, BOUNDS);
const refusalOf = (query: RawQuery): unknown => {
  try {
    return read(query);
  } catch (thrown) {
    return thrown instanceof TocsinError ? [thrown.code, thrown.facts.parameter] : thrown;
  }
};

describe('the query of a request for objects', () => {
  test('is complete without a word, and the newest version is meant', () => {
    expect(read({ unknown: 'x' })).toEqual({
      limit: 100,
      versions: { all: false, first: false, last: true, times: new Set() },
    });
  });

  test('has every filter of the standard, and next beside added_after', () => {
    const asked = read({
      ...{ added_after: '2026-01-02T03:04:05Z', limit: '5000', next: 'n' },
      ...{ 'match[id]': 'indicator--A, x', 'match[type]': ['indicator', 'report'], 'match[spec_version]': '2.1,2.0' },
      'match[version]': 'last,2026-01-01T00:00:00.5Z',
    });
    expect(asked).toMatchObject({ addedAfter: '2026-01-02T03:04:05.000000Z', limit: 1000, next: 'n' });
    expect([asked.ids, asked.types, asked.specVersions]).toEqual([
      new Set(['indicator--a', 'x']),
      new Set(['indicator', 'report']),
      new Set(['2.1', '2.0']),
    ]);
    expect(asked.versions).toEqual({
      ...{ all: false, first: false, last: true },
      times: new Set(['2026-01-01T00:00:00.500000Z']),
    });
  });

  test('is refused by the name of the parameter', () => {
    const many = Array.from({ length: 501 }, (_, at) => `indicator--${at}`).join(',');
    for (const [name, value] of [
      ...[0, -1, 'abc', '1.5', '', ' 1', ['1', '2']].map((limit) => ['limit', limit] as const),
      ...(['not-a-date', ['a', 'b']] as const).map((time) => ['added_after', time] as const),
      ...['not-a-date', 'all,first', 'all,2026-01-01T00:00:00Z'].map((version) => ['match[version]', version] as const),
      ['match[id]', many] as const,
    ]) {
      const given = typeof value === 'number' ? String(value) : value;
      if (given === '') expect(read({ [name]: given }).limit).toBe(100);
      else expect(refusalOf({ [name]: given })).toEqual(['TOC_REQUEST_PARAMETER', name]);
    }
  });

  test('says whether the only version of an object is asked for', () => {
    const version = '2026-01-01T00:00:00.000000Z';
    const asks = (asked: string): boolean => asksForVersion(read({ 'match[version]': asked }).versions, version);
    expect(['all', 'first', 'last', 'first,last', '2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z'].map(asks)).toEqual([
      ...[true, true, true, true, true, false],
    ]);
  });
});
