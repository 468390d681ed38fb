import fc from 'fast-check';
import { completeStatement, type Completion } from './complete-statement.js';
import type { Statement, StatementDraft } from './statement.js';
import { CEILINGS, isCsea, NATURES } from './vocabulary.js';

const NOW = new Date('2026-11-01T10:00:00.000Z');
const DESKS = [{ id: 'night', name: 'Night desk', email: 'night@agency.example' }];
const FULL: StatementDraft = {
  harms: ['tvec'],
  context: 'perpetrator-produced',
  legalBasis: 'Act 1',
  nature: 'information',
  origin: 'own-finding',
  validFor: 10,
  contactDesk: 'night',
  marking: { tlp: 'green' },
};
const STANDING: StatementDraft = { ...FULL, legalBasis: 'Standing act' };

function complete(spoken: StatementDraft[], defaults: StatementDraft = {}): Completion {
  return completeStatement(spoken, defaults, DESKS, NOW);
}

function statementOf(completion: Completion): Statement {
  if (!completion.complete) throw new Error(`missing: ${completion.missing.join(', ')}`);
  return completion.statement;
}

function missingOf(completion: Completion): string[] {
  return completion.complete ? [] : completion.missing;
}

describe('a statement', () => {
  it('takes from each voice what those before it did not say', () => {
    const said = statementOf(complete([{ harms: ['tvec/recruitment'] }, { confidence: 80 }], FULL));
    expect(said).toMatchObject({ harms: ['tvec/recruitment'], confidence: 80, legalBasis: 'Act 1' });
    expect(said.validUntil).toBe('2026-11-11T10:00:00.000Z');
    expect(said.contact).toEqual(DESKS[0]);
  });

  it('is about abuse material if any voice says so, whatever the tags of a feed say', () => {
    const tag = { harms: ['tvec'] };
    const harmsOf = (spoken: StatementDraft[], defaults: StatementDraft): unknown =>
      statementOf(complete(spoken, { ...FULL, cseaClass: 'A1', ...defaults })).harms;
    expect(harmsOf([tag, { harms: ['csea'] }], {})).toEqual(['csea', 'tvec']);
    expect(harmsOf([{ harms: ['csea'] }, tag, {}], {})).toEqual(['csea']);
    expect(harmsOf([tag, {}], { harms: ['csea'] })).toEqual(['csea', 'tvec']);
    expect(harmsOf([{}, tag], { harms: ['csea'] })).toEqual(['tvec']);
  });

  it('has every voice make its marking stricter', () => {
    const said = statementOf(
      complete([{ marking: { tlp: 'clear', caveats: ['no-onward'] } }, { marking: { releasableTo: ['NO', 'FR'] } }], {
        ...FULL,
        marking: { tlp: 'amber', releasableTo: ['FR', 'NZ'] },
      }),
    );
    expect(said.marking).toEqual({ tlp: 'amber', releasableTo: ['FR'], caveats: ['no-onward'] });
  });

  it('guesses nothing that is missing', () => {
    expect(complete([{}])).toEqual({
      complete: false,
      missing: ['harm', 'legal_basis', 'nature', 'origin', 'valid_until', 'contact_desk', 'tlp'],
    });
    expect(missingOf(complete([{ ...FULL, context: undefined }]))).toEqual(['context']);
    expect(missingOf(complete([{ ...FULL, harms: ['csea'] }]))).toEqual(['csea_class']);
    expect(missingOf(complete([{ ...FULL, marking: { releasableTo: ['NO'] } }]))).toEqual(['tlp']);
    expect(complete([{ ...FULL, contactDesk: 'day' }])).toEqual({
      complete: false,
      missing: ['contact_desk'],
      unknownDesk: 'day',
    });
  });

  it.each(['harms', 'context', 'legalBasis', 'nature', 'origin', 'validFor', 'contactDesk', 'marking'] as const)(
    'without %s is not complete, and names one thing',
    (field) => {
      expect(missingOf(complete([{ ...FULL, [field]: undefined }]))).toHaveLength(1);
    },
  );

  it.each(['referral', 'order-notice'] as const)('of the nature %s never comes of standing defaults', (nature) => {
    expect(missingOf(complete([{ ...FULL, nature: undefined }], { nature }))).toEqual(['nature']);
    const spoken = { ...FULL, nature, legalBasis: undefined };
    expect(missingOf(complete([spoken], STANDING))).toEqual(['legal_basis']);
    expect(statementOf(complete([{ ...spoken, legalBasis: 'Spoken act' }], STANDING))).toMatchObject({
      nature,
      legalBasis: 'Spoken act',
    });
  });

  it('of the nature information may rest on a standing basis', () => {
    expect(statementOf(complete([{ ...FULL, nature: undefined, legalBasis: undefined }], STANDING))).toMatchObject({
      nature: 'information',
      legalBasis: 'Standing act',
    });
  });

  it('of CSEA never says review, whoever said it', () => {
    const ceiling = fc.option(fc.constantFrom(...CEILINGS), { nil: undefined });
    const by = fc.option(fc.dictionary(fc.constantFrom('NO', 'FR'), fc.constantFrom(...CEILINGS)), { nil: undefined });
    const harms = fc.uniqueArray(fc.constantFrom('tvec', 'csea', 'csea/grooming'), { minLength: 1 });
    const nature = fc.constantFrom(...NATURES);
    fc.assert(
      fc.property(
        fc.record({ harms, ceiling, ceilingByCountry: by, nature }),
        fc.record({ ceiling, ceilingByCountry: by }),
        (spoken, standing) => {
          const said = statementOf(complete([{ ...FULL, cseaClass: 'A1', ...spoken }], standing));
          expect(said.harms).toEqual([...spoken.harms].sort());
          const asked = spoken.ceiling ?? standing.ceiling;
          if (isCsea(said.harms)) {
            expect([said.ceiling, ...Object.values(said.ceilingByCountry)]).not.toContain('review');
            expect(said.ceiling).toBe(asked === 'review' ? 'log' : (asked ?? 'limit'));
            expect(said.context).toBeUndefined();
          } else {
            expect(said.ceiling).toBe(asked ?? 'review');
            expect(said.cseaClass).toBeUndefined();
          }
        },
      ),
    );
  });
});
