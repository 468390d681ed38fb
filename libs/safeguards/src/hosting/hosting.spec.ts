import type { Statement } from '#libs/domain';
import { asHosted, asOutLink } from './hosting.js';

const NOW = new Date('2026-11-01T10:00:00.000Z');
const said = (more: Partial<Statement>): Statement =>
  ({ ceiling: 'block', ceilingByCountry: {}, validUntil: '2026-12-01T10:00:00.000Z', ...more }) as Statement;

describe('an address', () => {
  it('is at most for review where it is a link', () => {
    const { statement, lowered } = asOutLink(said({ ceilingByCountry: { NO: 'limit', FR: 'log' } }));
    expect([statement.ceiling, statement.ceilingByCountry]).toEqual(['review', { NO: 'review', FR: 'log' }]);
    const rule = expect.objectContaining({ id: 'out-link-ceiling', version: 1 });
    expect(lowered).toEqual([
      { rule, from: 'block', to: 'review' },
      { rule, from: 'limit', to: 'review', country: 'NO' },
    ]);
    const low = said({ ceiling: 'review' });
    expect(asOutLink(low)).toEqual({ statement: low, lowered: [] });
  });

  it('that is hosted is spoken of for 72 hours after it was seen', () => {
    expect(asHosted(said({}), NOW).validUntil).toBe('2026-11-04T10:00:00.000Z');
    const seen = said({ lastSeenLiveAt: '2026-10-31T10:00:00.000Z' });
    expect(asHosted(seen, NOW).validUntil).toBe('2026-11-03T10:00:00.000Z');
    const short = said({ validUntil: '2026-11-02T10:00:00.000Z' });
    expect(asHosted(short, NOW)).toBe(short);
  });
});
