import fc from 'fast-check';
import { isCalendarDate, isMoment } from './strict-times.js';
import { draftOfParameters, readSubmissionParameters } from './submission-parameters.js';

const STRANGE = [
  '2026-W50',
  '2026-W50-1',
  '20261201T0000Z',
  '2026-12-01T00:00:00,5Z',
  '2026-12-01',
  '2026-12-01T00:00Z',
  '2026-12-01T00:00:00',
  '2026-12-01 00:00:00Z',
  '2026-12-01T00:00:00+0100',
  '2026-12-01T00:00:00+24:00',
  '2026-12-01T24:00:00Z',
  '2026-12-01T23:59:60Z',
  '2026-02-29T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-00-10T00:00:00Z',
  '2026-12-00T00:00:00Z',
  '0000-01-01T00:00:00Z',
  '0001-01-01T00:00:00+01:00',
  '9999-12-31T23:59:59-01:00',
  '+012026-12-01T00:00:00Z',
  '2026-12-01T00:00:00.Z',
  '2026-12-01T00:00:00Z\n',
  '',
];
const PLAIN = [
  '2026-12-01T00:00:00Z',
  '2024-02-29T12:30:00.5+13:45',
  '2026-12-01T00:00:00.123456789-00:00',
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999Z',
];

describe('a moment', () => {
  it.each(PLAIN)('may be %j', (text) => {
    expect(isMoment(text)).toBe(true);
    const { validFrom, validUntil, lastSeenLiveAt } = draftOfParameters(
      readSubmissionParameters({ valid_from: text, valid_until: text, last_seen_live_at: text }),
    );
    expect([validFrom, validUntil, lastSeenLiveAt]).toEqual(Array<string>(3).fill(new Date(text).toISOString()));
  });

  it.each(STRANGE)('may not be %j', (text) => {
    expect(isMoment(text)).toBe(false);
    for (const name of ['valid_from', 'valid_until', 'last_seen_live_at'])
      expect(() => readSubmissionParameters({ [name]: text })).toThrow('1 parameter(s) are not valid');
  });

  it('is whatever a clock says', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }),
        (date) => {
          expect(isMoment(date.toISOString())).toBe(true);
          expect(isCalendarDate(date.toISOString().slice(0, 10))).toBe(true);
        },
      ),
    );
  });
});

describe('a day of the calendar', () => {
  it.each(['2024-02-29', '0001-01-01', '2000-02-29', '9999-12-31'])('may be %j', (text) =>
    expect(isCalendarDate(text)).toBe(true),
  );
  it.each(['2026-02-29', '1900-02-29', '2026-04-31', '2026-1-1', '2026-12-01T00:00:00Z', '0000-01-01', '2026-W01', 5])(
    'may not be %j',
    (date) => {
      expect(isCalendarDate(date)).toBe(false);
      const entity = { name: 'An Entity', designations: [{ list: 'UN', country: 'NZ', date }] };
      expect(() => readSubmissionParameters({ entity })).toThrow('1 parameter(s) are not valid');
    },
  );
});
