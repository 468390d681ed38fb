import fc from 'fast-check';
import { CEILINGS, isCsea, SEVERITIES, type Statement } from '../statement/index.js';
import { TLP_LEVELS, strictestMarking } from '../marking/index.js';
import { mergeAssertions, type DerivedFields, type LiveAssertion } from './merge-assertions.js';

const COUNTRIES = ['FR', 'NO', 'NZ', 'XA'];
const HARMS = ['tvec', 'tvec/recruitment', 'csea', 'csea/production'];

const time = fc
  .integer({ min: 1_700_000_000, max: 1_900_000_000 })
  .chain((seconds) =>
    fc.constantFrom(
      new Date(seconds * 1000).toISOString(),
      new Date(seconds * 1000).toISOString().replace('.000Z', 'Z'),
    ),
  );
const ceiling = fc.constantFrom(...CEILINGS);
const marking = fc.record({
  tlp: fc.constantFrom(...TLP_LEVELS),
  releasableTo: fc.oneof(fc.constant('all' as const), fc.uniqueArray(fc.constantFrom(...COUNTRIES))),
  caveats: fc.uniqueArray(fc.constantFrom('no-public-mention', 'no-onward')),
});
const statement: fc.Arbitrary<Statement> = fc
  .record({
    harms: fc.uniqueArray(fc.constantFrom(...HARMS), { minLength: 1 }),
    ceiling,
    ceilingByCountry: fc.dictionary(fc.constantFrom(...COUNTRIES), ceiling, { noNullPrototype: true }),
    confidence: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
    severity: fc.option(fc.constantFrom(...SEVERITIES), { nil: undefined }),
    validUntil: time,
    marking,
  })
  .map((said) => ({
    ...said,
    unlawfulIn: [],
    legalBasis: 'none but this test',
    nature: 'information',
    origin: 'own-finding',
    validFrom: '2026-01-01T00:00:00.000Z',
    contact: { id: 'desk', name: 'Desk' },
  }));

function asserted(said: Statement, id = 'a'): LiveAssertion {
  return { id, advisoryId: `advisory-${id}`, agency: { id: 'agency', name: 'Agency', country: 'NO' }, statement: said };
}

const assertions = fc
  .array(statement, { minLength: 1, maxLength: 6 })
  .map((statements) => statements.map((said, index) => asserted(said, `a${index}`)));

/** A statement that says what a merge gave. */
function saying(derived: DerivedFields, like: Statement): Statement {
  return { ...like, confidence: undefined, severity: undefined, ...derived };
}

describe('the merge of assertions', () => {
  it('is a function of a set', () => {
    fc.assert(
      fc.property(
        assertions.chain((given) =>
          fc.record({
            given: fc.constant(given),
            shuffled: fc.shuffledSubarray(given, { minLength: given.length }),
            repeated: fc.subarray(given),
          }),
        ),
        ({ given, shuffled, repeated }) => {
          const text = JSON.stringify(mergeAssertions(given));
          expect(JSON.stringify(mergeAssertions([...shuffled, ...repeated]))).toBe(text);
        },
      ),
    );
  });

  it('may be done in parts', () => {
    fc.assert(
      fc.property(assertions, assertions, statement, (some, others, like) => {
        const parts = [some, others].map((part) => asserted(saying(mergeAssertions(part), like)));
        expect(mergeAssertions(parts)).toEqual(mergeAssertions([...some, ...others]));
      }),
    );
  });

  it('takes the lowest ceiling, the union of harms, the latest end and the strictest marking', () => {
    fc.assert(
      fc.property(assertions, (given) => {
        const merged = mergeAssertions(given);
        const rank = (word: (typeof CEILINGS)[number]): number => CEILINGS.indexOf(word);
        for (const { statement: said } of given) {
          expect(merged.harms).toEqual(expect.arrayContaining(said.harms));
          expect(rank(merged.ceiling)).toBeLessThanOrEqual(rank(said.ceiling));
          for (const [country, here] of Object.entries(merged.ceilingByCountry)) {
            const own = said.ceilingByCountry[country] ?? said.ceiling;
            expect(rank(here)).toBeLessThanOrEqual(Math.min(rank(own), rank(said.ceiling)));
          }
          expect(Object.keys(merged.ceilingByCountry)).toEqual(
            expect.arrayContaining(Object.keys(said.ceilingByCountry)),
          );
          expect(Date.parse(merged.validUntil)).toBeGreaterThanOrEqual(Date.parse(said.validUntil));
          expect(strictestMarking(said.marking, merged.marking)).toEqual(merged.marking);
          expect(merged.confidence ?? -1).toBeGreaterThanOrEqual(said.confidence ?? -1);
        }
        const harms = new Set(given.flatMap(({ statement: said }) => said.harms));
        expect(merged.harms).toEqual([...harms].sort());
        expect(given.map(({ statement: said }) => said.validUntil)).toContain(merged.validUntil);
      }),
    );
  });

  it('never asks anybody to look at child-abuse material', () => {
    fc.assert(
      fc.property(assertions, (given) => {
        const { harms, ceiling: whole, ceilingByCountry } = mergeAssertions(given);
        if (isCsea(harms)) expect([whole, ...Object.values(ceilingByCountry)]).not.toContain('review');
      }),
    );
  });

  it('gives a disputed row at most to review, child-abuse material to log, and changes nothing else', () => {
    fc.assert(
      fc.property(assertions, (given) => {
        const { ceiling: whole, ceilingByCountry: byCountry, ...others } = mergeAssertions(given);
        const lowered = mergeAssertions(given, { lowered: true, disputed: true });
        const most = isCsea(others.harms) ? 'log' : 'review';
        const under = (word: (typeof CEILINGS)[number]): string => (word === 'log' ? 'log' : most);
        expect(lowered).toEqual({
          ...others,
          ceiling: under(whole),
          ceilingByCountry: Object.fromEntries(
            Object.entries(byCountry).map(([country, word]) => [country, under(word)]),
          ),
        });
        expect(mergeAssertions(given, { lowered: false, disputed: true })).toEqual(mergeAssertions(given));
      }),
    );
  });

  it('says log where one agency asked for review and another spoke of CSEA', () => {
    const [template] = fc.sample(statement, { numRuns: 1, seed: 1 });
    if (!template) throw new Error('there is no statement to change');
    const terrorist = asserted(
      { ...template, harms: ['tvec'], ceiling: 'block', ceilingByCountry: { NZ: 'review' } },
      'a',
    );
    const reviewed = asserted({ ...template, harms: ['tvec'], ceiling: 'review', ceilingByCountry: {} }, 'b');
    const abuse = asserted({ ...template, harms: ['csea'], ceiling: 'limit', ceilingByCountry: {} }, 'c');
    expect(mergeAssertions([terrorist, abuse])).toMatchObject({ ceiling: 'limit', ceilingByCountry: { NZ: 'log' } });
    expect(mergeAssertions([reviewed, abuse])).toMatchObject({ ceiling: 'log', ceilingByCountry: {} });
    expect(mergeAssertions([reviewed, terrorist])).toMatchObject({
      ceiling: 'review',
      ceilingByCountry: { NZ: 'review' },
    });
  });

  it('needs at least one assertion', () => {
    expect(() => mergeAssertions([])).toThrow(RangeError);
  });
});
