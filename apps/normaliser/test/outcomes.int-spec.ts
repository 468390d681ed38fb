import { createHash, randomUUID } from 'node:crypto';
import type { Principal } from '#libs/access';
import { OutcomePeriods } from '../src/count-outcomes/outcome-periods.js';
import { COMPLETE, NormaliserRig, type RigAgency } from './normaliser-rig.js';

interface Outcomes {
  periods: { from: string; totals: { cell: string; rows: number; answers: number }[] }[];
  more: boolean;
  named: { platform_id: string; name: string; cell: string; rows: number; count?: number }[];
}

const WEEK_MS = 7 * 86_400_000;
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('outcomes', () => {
  let rig: NormaliserRig;
  let agency: RigAgency;
  let other: RigAgency;
  const platforms: string[] = [];
  let weeks = 0;

  beforeAll(async () => {
    rig = await NormaliserRig.start();
    await rig.channel('everyone');
    agency = await rig.agency('Agency A', 'NZ');
    other = await rig.agency('Agency B', 'FR');
    for (let index = 0; index < 8; index += 1) {
      const id = await rig.platform(`Platform ${index}`, 'NO');
      platforms.push(id);
      // The first four are two companies', the others are groups of their own.
      if (index < 4)
        await rig.database.query('UPDATE directory.organisation SET corporate_group = $2 WHERE id = $1', [
          ...[id, `group-${index % 2}`],
        ]);
    }
  }, 600_000);

  afterAll(() => rig.stop());

  /** Has digests asserted, as if two hours ago: counts are over whole hours. @returns the advisory and its rows */
  const assert = async (by: RigAgency, ...texts: string[]): Promise<{ advisory: string; rows: string[] }> => {
    const asserted = await assertNow(by, ...texts);
    await rig.database.query(
      `UPDATE normaliser.assertion SET since = since - interval '2 hours' WHERE advisory_id = $1`,
      [asserted.advisory],
    );
    return asserted;
  };
  const assertNow = async (by: RigAgency, ...texts: string[]): Promise<{ advisory: string; rows: string[] }> => {
    const id = await rig.submit(by, `${texts.map(digest).join('\n')}\n`, COMPLETE);
    const story = await rig.story(by.officer, id);
    const rows = await Promise.all(texts.map(async (text) => (await rig.rowsOf('everyone', digest(text)))[0]?.row_id));
    return { advisory: (story.advisories as { id: string }[])[0]?.id ?? '', rows: rows.map(String) };
  };
  const window = (): { from: string; until: string } => {
    const from = Math.floor(Date.now() / 3_600_000) * 3_600_000;
    return { from: new Date(from).toISOString(), until: new Date(from + 3_600_000).toISOString() };
  };
  const sighting = (row_id: string) => ({ kind: 'sighting', channel: 'everyone', row_id, ...window(), count: 3 });
  const opinion = (row_id: string, step: string) => ({ kind: 'opinion', channel: 'everyone', row_id, opinion: step });
  const handled = async (): Promise<number> => {
    const [row] = await rig.database.query<{ n: number }[]>(
      `SELECT coalesce(sum((detail::jsonb->>'counted')::integer + (detail::jsonb->>'named')::integer), 0)::integer AS n
         FROM normaliser.audit WHERE action = 'receive-feedback'`,
    );
    return row?.n ?? 0;
  };
  /** Has platforms answer, and waits until that was counted. */
  const answer = async (who: readonly number[], feedback: { row_id: string; [field: string]: unknown }) => {
    const before = await handled();
    for (const index of who) await rig.answer(platforms[index] ?? '', feedback);
    for (const end = Date.now() + 10_000; (await handled()) < before + who.length;) {
      if (Date.now() > end) throw new Error('not counted after 10 s');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  /** Ends the week in which everything was answered so far. */
  const closeWeek = async (): Promise<void> => {
    // What was taken since the week before is taken to have come a week later.
    await rig.database.query(
      `UPDATE normaliser.outcome SET taken_at = now() + $1 * interval '7 days' WHERE block_id IS NULL AND taken_at <= now()`,
      [weeks],
    );
    weeks += 1;
    const periods = new OutcomePeriods(rig.database, () => new Date(Date.now() + weeks * WEEK_MS));
    while ((await periods.step()) === 'again');
  };
  const outcomes = (advisory: string, principal = agency.officer, query = {}): Promise<Outcomes> =>
    rig.normaliser.request('GET', `/internal/advisories/${advisory}/outcomes`, { principal, query });
  const totals = async (advisory: string, principal = agency.officer): Promise<string[]> =>
    (await outcomes(advisory, principal)).periods.flatMap((period) =>
      period.totals.map(({ cell, rows, answers }) => `${cell} ${rows}/${answers}`),
    );
  const asPlatform = (index: number, role: 'admin' | 'analyst' = 'admin'): Principal => ({
    ...agency.officer,
    ...{ personId: randomUUID(), organisationId: platforms[index] ?? '', organisationKind: 'platform', roles: [role] },
  });

  test('are told when a week has ended, of five platforms of three groups, and never changed by what comes late', async () => {
    const { advisory, rows } = await assert(agency, 'one', 'two');
    const [one = '', two = ''] = rows;
    await answer([0, 1, 2, 3], sighting(one));
    await answer([4, 5, 6], sighting(two));
    await answer([0, 1, 2, 3], opinion(one, 'agree'));
    expect(await totals(advisory)).toEqual([]);
    await closeWeek();
    // Four platforms of two groups are not enough, nor do three that said the same of another row make them seven.
    expect(await totals(advisory)).toEqual([]);
    await answer([4], sighting(one));
    await answer([4], opinion(one, 'disagree'));
    expect(await totals(advisory)).toEqual([]);
    await closeWeek();
    expect(await totals(advisory)).toEqual(['matched 1/5']);
    const told = await outcomes(advisory);
    expect(told.periods).toHaveLength(1);
    await answer([5], sighting(one));
    await answer([0, 1, 2, 3, 4], sighting(one));
    await closeWeek();
    expect(await outcomes(advisory)).toEqual(told);
    expect(JSON.stringify(told)).not.toMatch(new RegExp(platforms.join('|')));
    // Who changed its mind before it was counted counts as it thinks now.
    await answer([4], opinion(one, 'agree'));
    await closeWeek();
    expect(await totals(advisory)).toEqual(['opinion-agree 1/5', 'matched 1/5']);
    const [first] = (await outcomes(advisory)).periods;
    const { periods } = await outcomes(advisory, agency.officer, { before: first?.from.slice(0, 10) });
    expect(periods).toEqual(told.periods);
  });

  test('of an advisory of another agency, or of none, are refused in the same words; platforms have none', async () => {
    const { advisory } = await assert(agency, 'own');
    const refusals = await Promise.all(
      [advisory, randomUUID()].map((id) => outcomes(id, other.officer).catch((thrown: unknown) => String(thrown))),
    );
    expect(refusals[0]).toBe(refusals[1]);
    await expect(outcomes(advisory, other.officer)).rejects.toThrow(
      expect.objectContaining({ code: 'TOC_ACCESS_NOT_FOUND' }),
    );
    await expect(outcomes(advisory, asPlatform(0))).rejects.toThrow(
      expect.objectContaining({ code: 'TOC_ACCESS_FORBIDDEN' }),
    );
  });

  test('count only for words that stood: what was answered on the word of another agency is not told (I17)', async () => {
    const first = await assert(other, 'shared');
    const [row = ''] = first.rows;
    await answer([0, 1, 2, 4, 5], sighting(row));
    const late = await assert(agency, 'shared');
    await answer([0, 1, 2, 4, 5], opinion(row, 'neutral'));
    await closeWeek();
    expect(await totals(first.advisory, other.officer)).toEqual(['matched 1/5', 'opinion-neutral 1/5']);
    expect(await totals(late.advisory)).toEqual(['opinion-neutral 1/5']);
    // What was counted before the word stood is not told either, however late it is said.
    const { advisory, rows } = await assertNow(agency, 'new');
    for (const index of [0, 1, 2, 4, 5]) await rig.answer(platforms[index] ?? '', sighting(rows[0] ?? ''));
    await answer([0, 1, 2, 4, 5], opinion(rows[0] ?? '', 'agree'));
    await closeWeek();
    expect(await totals(advisory)).toEqual(['opinion-agree 1/5']);
  });

  test('of advisories that share rows, of colluding agencies, cannot be subtracted to isolate a platform', async () => {
    const narrow = await assert(agency, 'x');
    const wide = await assert(other, 'x', 'y');
    const [x = '', y = ''] = wide.rows;
    await answer([0, 1, 2, 4, 5], sighting(x));
    await answer([6], sighting(y));
    await closeWeek();
    expect(await totals(narrow.advisory)).toEqual(['matched 1/5']);
    // The sixth platform, which saw y alone, is in no total.
    expect(await totals(wide.advisory, other.officer)).toEqual(['matched 1/5']);
    await answer([7], sighting(x));
    await closeWeek();
    expect(await totals(narrow.advisory)).toEqual(['matched 1/5']);
  });

  test('are shown by name for an advisory where a platform lets them, until it ends that', async () => {
    const { advisory, rows } = await assert(agency, 'named', 'before');
    const [row = '', before = ''] = rows;
    await answer([0, 1, 2, 4, 5], sighting(before));
    await closeWeek();
    await answer([6], sighting(row));
    const path = `/internal/namings/${advisory}`;
    await expect(rig.forPlatforms.request('POST', path, { principal: asPlatform(6, 'analyst') })).rejects.toThrow(
      expect.objectContaining({ code: 'TOC_ACCESS_FORBIDDEN' }),
    );
    const begun = await rig.forPlatforms.request<object>('POST', path, { principal: asPlatform(6) });
    expect(await rig.forPlatforms.request('POST', path, { principal: asPlatform(6) })).toEqual(begun);
    // Whether there is such an advisory is told by nothing.
    const none = randomUUID();
    expect(
      Object.keys(
        await rig.forPlatforms.request<object>('POST', `/internal/namings/${none}`, { principal: asPlatform(6) }),
      ),
    ).toEqual(Object.keys(begun));
    expect((await outcomes(advisory)).named).toEqual([]);
    await answer([6], sighting(row));
    await answer([6], opinion(row, 'agree'));
    await rig.forPlatforms.request('POST', path, { principal: asPlatform(0) });
    // What is in a total already is never named: the others of that total would be four.
    await rig.answer(platforms[0] ?? '', sighting(before));
    // Nor is what else it says about that row.
    await rig.answer(platforms[0] ?? '', opinion(before, 'agree'));
    await answer([0, 1, 2, 4], sighting(row));
    await closeWeek();
    expect((await outcomes(advisory)).named.map(({ name, cell, rows: n, count }) => [name, cell, n, count])).toEqual([
      ['Platform 0', 'matched', 1, 3],
      ['Platform 6', 'matched', 1, 3],
      ['Platform 6', 'opinion-agree', 1, undefined],
    ]);
    // Who is named counts in no total: three others are left.
    expect(await totals(advisory)).toEqual(['matched 1/5']);
    await rig.forPlatforms.request('POST', `${path}/end`, { principal: asPlatform(6) });
    expect((await outcomes(advisory)).named.map(({ name }) => name)).toEqual(['Platform 0']);
    // Who was named comes into no total of that row afterwards: everybody who saw the name would know one of the five.
    await answer([5, 6], sighting(row));
    await answer([1, 2, 4, 5, 6], opinion(row, 'neutral'));
    await closeWeek();
    expect(await totals(advisory)).toEqual(['matched 1/5']);
    await answer([7], sighting(row));
    await closeWeek();
    expect(await totals(advisory)).toEqual(['matched 1/5', 'matched 1/5']);
    expect(await rig.forPlatforms.request('GET', '/internal/namings', { principal: asPlatform(6) })).toMatchObject({
      namings: [{ advisory_id: none }],
    });
    const audit = await rig.database.query<{ action: string }[]>(
      'SELECT action FROM normaliser.audit WHERE subject = $1 ORDER BY id',
      [`platform/${platforms[6]}`],
    );
    expect(audit.map(({ action }) => action)).toEqual(['name-answers', 'name-answers', 'end-naming-answers']);
  });

  test('no total, and no block, is of fewer than five platforms of three groups, and each change left one audit row', async () => {
    const blocks = await rig.database.query<{ platforms: number; members: number; groups: number }[]>(
      `SELECT b.platforms, count(DISTINCT o.platform_id)::integer AS members,
              count(DISTINCT coalesce(g.corporate_group, g.id::text))::integer AS groups
         FROM normaliser.outcome_block b JOIN normaliser.outcome o ON o.block_id = b.id
         JOIN directory.organisation g ON g.id = o.platform_id GROUP BY b.id`,
    );
    expect(blocks.length).toBeGreaterThan(5);
    for (const { platforms: told, members, groups } of blocks) {
      expect(told).toBe(members);
      expect(members).toBeGreaterThanOrEqual(5);
      expect(groups).toBeGreaterThanOrEqual(3);
    }
    const [row] = await rig.database.query<{ orphans: number }[]>(
      `SELECT count(*)::integer AS orphans FROM (
         SELECT xmin FROM normaliser.outcome_block
         UNION SELECT xmin FROM normaliser.outcome_period UNION SELECT xmin FROM normaliser.named_answer) c
        WHERE NOT EXISTS (SELECT FROM normaliser.audit a WHERE a.xmin::text = c.xmin::text)`,
    );
    expect(row?.orphans).toBe(0);
  });
});
