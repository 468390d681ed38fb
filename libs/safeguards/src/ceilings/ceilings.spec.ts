import { CEILINGS, CONTENT_CONTEXTS, CSEA_VERIFICATIONS, type Ceiling, type Statement } from '#libs/domain';
import { lowerCeilings } from '../judge.js';

function statement(said: Partial<Statement>): Statement {
  return {
    harms: ['tvec'],
    unlawfulIn: [],
    ceiling: 'block',
    ceilingByCountry: {},
    legalBasis: 'Example Act, s 4',
    nature: 'information',
    origin: 'own-finding',
    validFrom: '2026-01-05T10:00:00.000Z',
    validUntil: '2026-02-05T10:00:00.000Z',
    contact: { id: 'duty', name: 'Duty desk' },
    marking: { tlp: 'green', releasableTo: 'all', caveats: [] },
    ...said,
  };
}

const height = (ceiling: Ceiling): number => CEILINGS.indexOf(ceiling);

describe('the news-reporting safeguard', () => {
  it.each([
    ['perpetrator-produced', 'block'],
    ['entity-produced', 'block'],
    ['manifesto', 'block'],
    ['supporter-produced', 'limit'],
    ['edited-or-remixed', 'limit'],
    ['bystander', 'review'],
    ['news-reporting', 'review'],
    ['documentation', 'review'],
    ['academic-or-counter-speech', 'review'],
    ['unknown', 'review'],
    [undefined, 'review'],
  ] as const)('content that is %s may at most be: %s', (context, highest) => {
    const { statement: after, lowered } = lowerCeilings(statement({ context }));
    expect(after.ceiling).toBe(highest);
    const rule = expect.objectContaining({ id: 'context-ceiling', version: 1 });
    expect(lowered).toEqual(highest === 'block' ? [] : [{ rule, from: 'block', to: highest }]);
  });

  it('never raises, and reaches every country', () => {
    for (const context of CONTENT_CONTEXTS) {
      const { ceiling: highest } = lowerCeilings(statement({ context })).statement;
      for (const ceiling of CEILINGS) {
        const before = statement({ context, ceiling, ceilingByCountry: { FR: 'block', NZ: 'log' } });
        const { statement: after, lowered } = lowerCeilings(before);
        expect(height(after.ceiling)).toBe(Math.min(height(ceiling), height(highest)));
        expect(after.ceilingByCountry).toEqual({ FR: highest, NZ: 'log' });
        expect(lowered.some(({ country }) => country === 'FR')).toBe(highest !== 'block');
        expect(before.ceilingByCountry.FR).toBe('block');
      }
    }
  });

  it('leaves what is low enough as it is, to the object', () => {
    const low = statement({ context: 'unknown', ceiling: 'log' });
    expect(lowerCeilings(low)).toEqual({ statement: low, lowered: [] });
    expect(lowerCeilings(low).statement).toBe(low);
  });
});

describe('the ceiling of abuse material', () => {
  it.each([...CSEA_VERIFICATIONS, undefined])('verified: %s', (cseaVerification) => {
    const said = statement({ harms: ['csea'], cseaClass: 'A1', cseaVerification });
    const { statement: after, lowered } = lowerCeilings(said);
    expect(after.ceiling).toBe(cseaVerification === 'verified-twice' ? 'block' : 'limit');
    expect(lowered.map(({ rule }) => rule.id)).toEqual(cseaVerification === 'verified-twice' ? [] : ['csea-ceiling']);
  });

  it('decides also where a context is said beside it', () => {
    const both = statement({ harms: ['csea/grooming', 'tvec'], context: 'perpetrator-produced' });
    expect(lowerCeilings(both).statement.ceiling).toBe('limit');
  });
});
