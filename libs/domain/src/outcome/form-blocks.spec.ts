import fc from 'fast-check';
import { formBlocks, LEAST_GROUPS, LEAST_PLATFORMS, type OpenAnswer } from './form-blocks.js';

const ROWS = ['X', 'Y', 'Z'];
const CELLS = ['matched', 'acted', 'opinion-agree', 'opinion-disagree'];
const PERIOD = 10;
const LAST = 60;

/** An advisory of some agency, what it says about, and when its word stands. Any agency may know any advisory's totals. */
interface Advisory {
  id: string;
  rows: readonly string[];
  from: number;
  until: number;
}
interface Given {
  at: number;
  platform: number;
  row: string;
  cell: string;
}
interface World {
  advisories: readonly Advisory[];
  /** The group of each platform. */
  groups: readonly number[];
  given: readonly Given[];
}

/** One published total as what it is made of: how often each answer counts in it. */
type Total = ReadonlyMap<string, number>;
const platformIn = (answer: string): number => Number(answer.split('/')[2]);

/** Publishes as the normaliser does: one answer for each platform, row and kind, in blocks, at the end of each period. */
function publish({ advisories, groups, given }: World): Total[] {
  const open = new Map<string, OpenAnswer & { cell: string; row: string }>();
  const counted = new Set<string>();
  const totals = new Map<string, Map<string, number>>();
  const waiting = [...given].sort((a, b) => a.at - b.at);
  for (let end = PERIOD; end <= LAST; end += PERIOD) {
    while (waiting[0] && waiting[0].at < end) {
      const { at, platform, row, cell } = waiting.shift() as Given;
      const key = `${row}/${cell.split('-')[0]}/${platform}`;
      const standing = advisories.filter((one) => one.rows.includes(row) && one.from <= at && at < one.until);
      if (counted.has(key) || standing.length === 0) continue;
      const answer = { platformId: String(platform), group: String(groups[platform]) };
      open.set(key, { ...answer, advisories: standing.map(({ id }) => id), cell, row });
    }
    for (const row of ROWS) {
      for (const cell of CELLS) {
        const pool = [...open.entries()].filter(([, one]) => one.row === row && one.cell === cell);
        for (const block of formBlocks(pool.map(([, one]) => one))) {
          for (const platformId of block.platformIds) {
            const key = `${row}/${cell.split('-')[0]}/${platformId}`;
            expect(open.delete(key)).toBe(true);
            counted.add(key);
            for (const advisory of block.advisories) {
              const where = `${advisory} ${cell} ${end}`;
              const total = totals.get(where) ?? new Map<string, number>();
              totals.set(where, total.set(key, (total.get(key) ?? 0) + 1));
            }
          }
        }
      }
    }
  }
  return [...totals.values()];
}

/** The simple way: how many platforms have answered about an advisory, shown when they are enough. */
function publishDistinct({ advisories, groups, given }: World): Total[] {
  return advisories.flatMap(({ rows }) => {
    const platforms = [...new Set(given.filter(({ row }) => rows.includes(row)).map(({ platform }) => platform))];
    const enough =
      platforms.length >= LEAST_PLATFORMS && new Set(platforms.map((one) => groups[one])).size >= LEAST_GROUPS;
    return enough ? [new Map(platforms.map((platform) => [`any/matched/${platform}`, 1]))] : [];
  });
}

function combine(totals: readonly Total[], factors: readonly number[]): Total {
  const sum = new Map<string, number>();
  totals.forEach((total, index) => {
    for (const [answer, times] of total) sum.set(answer, (sum.get(answer) ?? 0) + times * (factors[index] ?? 0));
  });
  return new Map([...sum].filter(([, times]) => times !== 0));
}

/** Whether what is left after adding and subtracting is of fewer platforms, or groups, than a total may be. */
function isolates(left: Total, { groups }: World): boolean {
  const platforms = new Set([...left.keys()].map(platformIn));
  if (platforms.size === 0) return false;
  return platforms.size < LEAST_PLATFORMS || new Set([...platforms].map((one) => groups[one])).size < LEAST_GROUPS;
}

/** Everything that is published is subtracted from everything else, and added up in other ways. @returns what isolates */
function attack(totals: readonly Total[], world: World, factors: readonly (readonly number[])[]): Total | undefined {
  for (const one of totals) {
    for (const other of [new Map(), ...totals]) {
      const left = combine([one, other], [1, -1]);
      if (isolates(left, world)) return left;
    }
  }
  return factors.map((some) => combine(totals, some)).find((left) => isolates(left, world));
}

const worlds = fc
  .record({
    groups: fc.array(fc.nat(5), { minLength: 5, maxLength: 14 }),
    advisories: fc.array(
      fc.record({
        rows: fc.subarray(ROWS, { minLength: 1 }),
        from: fc.integer({ min: 0, max: 25 }),
        lasts: fc.integer({ min: 10, max: LAST }),
      }),
      { minLength: 2, maxLength: 6 },
    ),
  })
  .chain(({ groups, advisories }) =>
    fc.record({
      groups: fc.constant(groups),
      advisories: fc.constant(
        advisories.map(({ rows, from, lasts }, index) => ({ id: `a${index}`, rows, from, until: from + lasts })),
      ),
      given: fc.array(
        fc.record({
          at: fc.nat(LAST - 1),
          platform: fc.nat(groups.length - 1),
          row: fc.constantFrom(...ROWS),
          cell: fc.constantFrom(...CELLS),
        }),
        { minLength: 40, maxLength: 250 },
      ),
    }),
  );

/** Two agencies: one says X, the other X and Y. The same five platforms saw X, a sixth saw Y. */
const SHARED: World = {
  groups: [0, 0, 1, 2, 3, 4],
  advisories: [
    { id: 'one', rows: ['X'], from: 0, until: LAST },
    { id: 'two', rows: ['X', 'Y'], from: 0, until: LAST },
  ],
  given: [
    ...[0, 1, 2, 3, 4].map((platform) => ({ at: 1, platform, row: 'X', cell: 'matched' })),
    { at: 2, platform: 5, row: 'Y', cell: 'matched' },
  ],
};

describe('formBlocks', () => {
  const answer = (platformId: string, group: string, ...advisories: string[]): OpenAnswer => ({
    ...{ platformId, group, advisories },
  });

  it('waits for five platforms of three groups', () => {
    const four = ['1', '2', '3', '4'].map((id) => answer(id, id, 'a'));
    expect(formBlocks(four)).toEqual([]);
    expect(formBlocks([...four, answer('5', '1', 'a')])).toEqual([
      { platformIds: ['1', '2', '3', '4', '5'], advisories: ['a'] },
    ]);
    const ofTwo = ['1', '2', '3', '4', '5', '6', '7'].map((id, index) => answer(id, `group ${index % 2}`, 'a'));
    expect(formBlocks(ofTwo)).toEqual([]);
  });

  it('shows a block only to advisories whose word stood for all of it, the newest word first', () => {
    const before = ['1', '2', '3', '4'].map((id) => answer(id, id, 'old'));
    const after = ['5', '6', '7', '8', '9'].map((id) => answer(id, id, 'old', 'new'));
    expect(formBlocks([...before, ...after])).toEqual([
      { platformIds: ['5', '6', '7', '8', '9'], advisories: ['new', 'old'] },
    ]);
  });

  it('lets no adding and subtracting of everything that agencies can ask isolate fewer (differencing)', () => {
    let published = 0;
    fc.assert(
      fc.property(worlds, fc.array(fc.array(fc.integer({ min: -2, max: 2 }), { maxLength: 40 })), (world, factors) => {
        const totals = publish(world);
        published += totals.length;
        expect(attack(totals, world, factors)).toBeUndefined();
      }),
      { numRuns: 300 },
    );
    expect(published).toBeGreaterThan(300);
  });

  it('is attacked by what does isolate a platform where totals are made the simple way', () => {
    const naive = attack(publishDistinct(SHARED), SHARED, []);
    expect([...(naive?.keys() ?? [])]).toEqual(['any/matched/5']);
    expect(publish(SHARED)).toHaveLength(2);
    expect(attack(publish(SHARED), SHARED, [])).toBeUndefined();
  });
});
