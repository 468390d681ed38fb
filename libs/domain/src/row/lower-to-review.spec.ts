import { CEILINGS, type Ceiling, type Statement } from '../statement/index.js';
import { lowerToReview } from './lower-to-review.js';

function said(harm: string, ceiling: Ceiling): Statement {
  return {
    harms: [harm],
    ceiling,
    ceilingByCountry: { FR: 'block', NO: 'log' },
    unlawfulIn: [],
    legalBasis: 'none but this test',
    nature: 'information',
    origin: 'own-finding',
    validFrom: '2026-01-01T00:00:00.000Z',
    validUntil: '2026-02-01T00:00:00.000Z',
    contact: { id: 'desk', name: 'Desk' },
    marking: { tlp: 'green', releasableTo: 'all', caveats: [] },
  } as unknown as Statement;
}

describe('what counts as review at most', () => {
  it.each(CEILINGS)('never rises above review, from %s, and abuse material never above log', (ceiling) => {
    expect(lowerToReview(said('tvec', ceiling))).toEqual({
      ...said('tvec', ceiling === 'log' ? 'log' : 'review'),
      ceilingByCountry: { FR: 'review', NO: 'log' },
    });
    expect(lowerToReview(said('csea/production', ceiling))).toEqual({
      ...said('csea/production', 'log'),
      ceilingByCountry: { FR: 'log', NO: 'log' },
    });
  });

  it('changes nothing when done again', () => {
    const once = lowerToReview(said('tvec', 'block'));
    expect(lowerToReview(once)).toEqual(once);
  });
});
