import fc from 'fast-check';
import { isLowered, RECIPIENT_AUDIENCES, strictestMarking, type Marking } from './marking.js';
import { compareTlp, readTlp, strictestTlp, TLP_LEVELS } from './tlp.js';

const marking: fc.Arbitrary<Marking> = fc
  .record({
    tlp: fc.constantFrom(...TLP_LEVELS),
    releasableTo: fc.oneof(fc.constant('all' as const), fc.uniqueArray(fc.constantFrom('FR', 'NO', 'NZ', 'XA'))),
    caveats: fc.uniqueArray(fc.constantFrom('no-public-mention', 'no-onward', 'ask-first')),
    audience: fc.option(fc.constantFrom(...RECIPIENT_AUDIENCES), { nil: undefined }),
  })
  .map(({ audience, ...rest }) => ({ ...rest, ...(audience ? { audience } : {}) }));

/** The one spelling of a marking. */
const plain = (given: Marking): Marking => strictestMarking(given, given);
const OPEN: Marking = { tlp: 'clear', releasableTo: 'all', caveats: [] };

describe('the strictest of markings', () => {
  it('does not depend on order, grouping or repeats', () => {
    fc.assert(
      fc.property(marking, marking, marking, (a, b, c) => {
        expect(strictestMarking(a, b)).toEqual(strictestMarking(b, a));
        expect(strictestMarking(strictestMarking(a, b), c)).toEqual(strictestMarking(a, strictestMarking(b, c)));
        expect(strictestMarking(a, strictestMarking(a, b))).toEqual(strictestMarking(a, b));
      }),
    );
  });

  it('leaves a marking beside an open one as it is', () => {
    fc.assert(fc.property(marking, (a) => expect(strictestMarking(OPEN, a)).toEqual(plain(a))));
    expect(strictestMarking(OPEN, { ...OPEN, releasableTo: ['NZ', 'FR'] }).releasableTo).toEqual(['FR', 'NZ']);
  });

  it('of lists without a common country is nobody', () => {
    const norway: Marking = { ...OPEN, releasableTo: ['NO'] };
    expect(strictestMarking(norway, { ...OPEN, releasableTo: ['FR'] }).releasableTo).toEqual([]);
  });
});

describe('a lowered marking', () => {
  it('is exactly one that is not as strict as the one before', () => {
    fc.assert(
      fc.property(marking, marking, (previous, next) => {
        const asStrict = JSON.stringify(strictestMarking(previous, next)) === JSON.stringify(plain(next));
        expect(isLowered(previous, next)).toBe(!asStrict);
      }),
      { numRuns: 1000 },
    );
  });

  it('never comes of adding limits', () => {
    fc.assert(fc.property(marking, marking, (a, b) => expect(isLowered(a, strictestMarking(a, b))).toBe(false)));
  });

  it.each<[string, Partial<Marking>, Partial<Marking>]>([
    ['a lower label', { tlp: 'amber+strict' }, { tlp: 'amber' }],
    ['one country more', { releasableTo: ['NO'] }, { releasableTo: ['FR', 'NO'] }],
    ['no limit of countries any more', { releasableTo: ['NO'] }, {}],
    ['a caveat less', { caveats: ['no-onward'] }, {}],
    ['a wider audience', { audience: 'match-only' }, { audience: 'reviewers' }],
    ['no limit of audience any more', { audience: 'reviewers' }, {}],
  ])('is %s', (_what, previous, next) => {
    expect(isLowered({ ...OPEN, ...previous }, { ...OPEN, ...next })).toBe(true);
    expect(isLowered({ ...OPEN, ...next }, { ...OPEN, ...previous })).toBe(false);
  });
});

describe('TLP labels', () => {
  it('are read in every usual spelling', () => {
    expect(['TLP:AMBER+STRICT', ' tlp: red ', 'TLP CLEAR', 'white', 'Green'].map((label) => readTlp(label))).toEqual([
      'amber+strict',
      'red',
      'clear',
      'clear',
      'green',
    ]);
    expect(readTlp('TLP:AMBER', 1)).toBe('amber+strict');
    expect(readTlp('TLP:AMBER')).toBe('amber');
    expect(['', 'TLP:', 'TLP:PURPLE', 'amber strict', 'constructor'].map((label) => readTlp(label))).toEqual(
      Array<undefined>(5).fill(undefined),
    );
  });

  it('have one order', () => {
    const level = fc.constantFrom(...TLP_LEVELS);
    fc.assert(
      fc.property(level, level, (a, b) => {
        expect(Math.sign(compareTlp(a, b))).toBe(Math.sign(TLP_LEVELS.indexOf(a) - TLP_LEVELS.indexOf(b)));
        expect(compareTlp(strictestTlp(a, b), a)).toBeGreaterThanOrEqual(0);
        expect([a, b]).toContain(strictestTlp(a, b));
      }),
    );
  });
});
