import fc from 'fast-check';
import type { Marking } from './marking.js';
import { admits, mayCarry, type Audible, type AudienceRule, type RoutableChannel } from './route.js';
import { compareTlp, TLP_LEVELS } from './tlp.js';

const COUNTRIES = ['FR', 'NO', 'NZ'];
const KINDS = ['video', 'forum'];
const MEMBERS = ['p1', 'p2', 'p3', 'p4'];
const OPEN: Marking = { tlp: 'clear', releasableTo: 'all', caveats: [] };

const optional = (words: string[]): fc.Arbitrary<string[] | undefined> =>
  fc.option(fc.uniqueArray(fc.constantFrom(...words)), { nil: undefined });
const audience: fc.Arbitrary<AudienceRule> = fc.record({
  countries: optional(COUNTRIES),
  kinds: optional(KINDS),
  members: optional([...MEMBERS, 'unknown']),
});
const platforms: fc.Arbitrary<Audible[]> = fc.tuple(
  ...MEMBERS.map((id) =>
    fc.record({
      id: fc.constant(id),
      country: fc.constantFrom(...COUNTRIES),
      kind: fc.constantFrom(...KINDS),
      licences: fc.constant([]),
    }),
  ),
);
const marking: fc.Arbitrary<Marking> = fc.record({
  tlp: fc.constantFrom(...TLP_LEVELS),
  releasableTo: fc.oneof(fc.constant('all' as const), fc.uniqueArray(fc.constantFrom(...COUNTRIES))),
  caveats: fc.constant([]),
});

function channel(rule: AudienceRule, highestTlp: Marking['tlp'] = 'red'): RoutableChannel {
  return { id: 'c', audience: rule, highestTlp, priority: 'ordinary', drill: false };
}

function countryAmong(all: readonly Audible[]): (id: string) => string | undefined {
  return (id) => all.find((platform) => platform.id === id)?.country;
}

describe('a channel', () => {
  it('carries only what every platform that it could admit may have', () => {
    let carried = 0;
    fc.assert(
      fc.property(audience, fc.constantFrom(...TLP_LEVELS), marking, platforms, (rule, highest, limits, all) => {
        if (!mayCarry(channel(rule, highest), limits, countryAmong(all))) return;
        expect(compareTlp(limits.tlp, highest)).toBeLessThanOrEqual(0);
        for (const platform of all.filter((each) => admits(rule, each))) {
          carried += 1;
          if (limits.releasableTo !== 'all') expect(limits.releasableTo).toContain(platform.country);
        }
      }),
      { numRuns: 2000 },
    );
    expect(carried).toBeGreaterThan(100);
  });

  it('with no word on countries or members carries nothing that is limited to countries', () => {
    const limits: Marking = { ...OPEN, releasableTo: COUNTRIES };
    expect(mayCarry(channel({}), limits, () => 'NO')).toBe(false);
    expect(mayCarry(channel({ kinds: ['video'] }), limits, () => 'NO')).toBe(false);
    expect(mayCarry(channel({}), OPEN, () => undefined)).toBe(true);
  });

  it('of countries carries what is releasable to all of them', () => {
    const rule = { countries: ['FR', 'NO'] };
    expect(mayCarry(channel(rule), { ...OPEN, releasableTo: ['FR', 'NO', 'NZ'] }, () => undefined)).toBe(true);
    expect(mayCarry(channel(rule), { ...OPEN, releasableTo: ['NO'] }, () => undefined)).toBe(false);
    expect(mayCarry(channel(rule), { ...OPEN, releasableTo: [] }, () => undefined)).toBe(false);
  });

  it('of members carries what is releasable to each, and nothing limited when one is not known', () => {
    const limits: Marking = { ...OPEN, releasableTo: ['NO'] };
    const countryOf = (id: string): string | undefined => ({ p1: 'NO', p2: 'FR' })[id];
    expect(mayCarry(channel({ members: ['p1'] }), limits, countryOf)).toBe(true);
    expect(mayCarry(channel({ members: ['p1', 'p2'] }), limits, countryOf)).toBe(false);
    expect(mayCarry(channel({ members: ['p1', 'p9'] }), limits, countryOf)).toBe(false);
  });

  it('carries known caveats, and nothing on which another stands', () => {
    expect(mayCarry(channel({}), { ...OPEN, caveats: ['no-onward', 'no-public-mention'] }, () => 'NO')).toBe(true);
    expect(mayCarry(channel({}), { ...OPEN, caveats: ['no-onward', 'eyes-only'] }, () => 'NO')).toBe(false);
    expect(mayCarry(channel({ members: [] }), { ...OPEN, caveats: ['eyes-only'] }, () => 'NO')).toBe(false);
  });

  it('carries no label above its highest', () => {
    expect(mayCarry(channel({}, 'amber'), { ...OPEN, tlp: 'amber+strict' }, () => 'NO')).toBe(false);
    expect(mayCarry(channel({}, 'amber'), { ...OPEN, tlp: 'amber' }, () => 'NO')).toBe(true);
  });

  it('admits a platform only when every condition holds', () => {
    const platform: Audible = { id: 'p1', country: 'NO', kind: 'video', licences: ['photodna'] };
    const rule: AudienceRule = { countries: ['NO'], kinds: ['video'], members: ['p1'], licences: ['photodna'] };
    expect(admits({}, platform)).toBe(true);
    expect(admits(rule, platform)).toBe(true);
    for (const change of [{ id: 'p2' }, { country: 'FR' }, { kind: 'forum' }, { licences: ['pdq'] }])
      expect(admits(rule, { ...platform, ...change })).toBe(false);
    expect(admits({ members: [] }, platform)).toBe(false);
  });
});
