import { fromMicros, microsOf, readTimestamp } from './timestamps.js';

describe('timestamps of TAXII', () => {
  test.each([
    ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05.000000Z'],
    ['2026-01-02T03:04:05.1Z', '2026-01-02T03:04:05.100000Z'],
    ['2026-01-02T03:04:05.123456789Z', '2026-01-02T03:04:05.123456Z'],
    ['2026-01-02t03:04:05.000001z', '2026-01-02T03:04:05.000001Z'],
    ['2026-01-02T00:30:00.5+01:00', '2026-01-01T23:30:00.500000Z'],
    ['1969-12-31T23:59:59.999999Z', '1969-12-31T23:59:59.999999Z'],
  ])('%s is %s', (text, read) => {
    expect(readTimestamp(text)).toBe(read);
    expect(fromMicros(microsOf(read))).toBe(read);
  });

  test.each([
    ...['not-a-date', '2026-01-02', '2026-13-01T00:00:00Z', '2026-02-30T00:00:00Z', '2026-01-02T24:00:00Z'],
    ...['2026-01-02T03:04:05', '', '0000-01-01T00:00:00Z', '0001-01-01T00:00:00+01:00', '1767323045'],
  ])('%s is none', (text) => expect(readTimestamp(text)).toBeUndefined());

  test('compare as texts, and differ by one microsecond', () => {
    const one = readTimestamp('2026-01-02T03:04:05.999999Z') ?? '';
    const next = fromMicros(microsOf(one) + 1n) ?? '';
    expect([next, next > one]).toEqual(['2026-01-02T03:04:06.000000Z', true]);
  });
});
