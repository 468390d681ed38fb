import { readRetryAfter } from '../retry-after.js';
import { outcomeOfAnswer } from './outcome-of-answer.js';

const NOW = new Date('2026-03-01T12:00:00Z');

function outcome(status: number, headers: Record<string, string> = {}): ReturnType<typeof outcomeOfAnswer> {
  const answer = { status, headers, body: Buffer.from('words of the receiver'), durationMs: 12 };
  return outcomeOfAnswer(answer, { records: 3, bytes: 900 }, NOW);
}

describe('an answer', () => {
  it.each([200, 201, 202, 204, 299])('of %i is sent, with evidence', (status) => {
    expect(outcome(status)).toEqual({
      outcome: 'sent',
      evidence: { status, duration_ms: 12, records: 3, bytes: 900 },
    });
  });

  it.each([400, 413, 415, 422])('of %i is refused', (status) => expect(outcome(status).outcome).toBe('refused'));

  it('of 410 is gone', () => expect(outcome(410).outcome).toBe('gone'));

  it.each([
    100, 300, 301, 302, 307, 308, 401, 402, 403, 404, 405, 408, 409, 411, 418, 429, 451, 500, 502, 503, 504, 599,
  ])('of %i is unavailable', (status) =>
    expect(outcome(status)).toEqual({
      outcome: 'unavailable',
      detail: `The receiver answered ${status}.`,
      evidence: { status, duration_ms: 12 },
    }),
  );

  it.each([429, 502, 503, 504])('of %i may say when to come back', (status) => {
    expect(outcome(status, { 'retry-after': '30' })).toMatchObject({ outcome: 'unavailable', retryAfterMs: 30_000 });
  });
});

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    ['30', 30_000],
    [' 30 ', 30_000],
    ['3600', 3_600_000],
    ['999999999', 3_600_000],
    ['Sun, 01 Mar 2026 12:01:00 GMT', 60_000],
    ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
    ['Fri, 01 Jan 2100 00:00:00 GMT', 3_600_000],
    ['Sun, 99 Mar 2026 12:01:00 GMT', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['2026-03-01', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j is %j ms', (value, ms) => expect(readRetryAfter(value, NOW)).toBe(ms));
});
