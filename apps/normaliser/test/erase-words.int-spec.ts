import { createHash, randomUUID } from 'node:crypto';
import type { Principal } from '#libs/access';
import { COMPLETE, NormaliserRig, type RigAgency } from './normaliser-rig.js';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const list = (...texts: string[]): string => texts.map((text) => `${digest(text)}\n`).join('');
const RED = 'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1';

describe('what a submission says in words', () => {
  let rig: NormaliserRig;
  let agency: RigAgency;
  let operator: Principal;

  beforeAll(async () => {
    rig = await NormaliserRig.start();
    await rig.channel('everyone');
    await rig.channel('closed');
    agency = await rig.agency('Agency A', 'NZ');
    operator = { ...agency.officer, personId: randomUUID(), organisationKind: 'operator', roles: ['operator'] };
    operator.organisationId = randomUUID();
    await rig.database.query(
      `INSERT INTO directory.protected_list (id, title, version, judges, entries) VALUES ('news', 'News', 1, 'any-hit', '{news.example}')`,
    );
  });

  afterAll(() => rig.stop());

  /** Tables of the normaliser in which a word stands, published records aside. */
  const tablesWith = async (word: string): Promise<string[]> => {
    const tables = await rig.database.query<{ name: string }[]>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'normaliser' ORDER BY 1`,
    );
    const found: string[] = [];
    for (const { name } of tables) {
      const hits = await rig.database.query<object[]>(
        `SELECT 1 FROM normaliser.${name} t WHERE t::text LIKE $1 OR t::text LIKE $2 LIMIT 1`,
        [`%${word}%`, `%${Buffer.from(word).toString('hex')}%`],
      );
      if (hits.length > 0) found.push(name);
    }
    return found;
  };

  const purge = async (id: string): Promise<void> => {
    rig.destroy(id);
    await rig.normaliser.request('POST', `/internal/submissions/${id}/purge`, { principal: operator, json: {} });
  };

  const complete = (id: string, patch: object): Promise<unknown> =>
    rig.normaliser.request('POST', `/internal/submissions/${id}/completion`, {
      principal: agency.officer,
      json: patch,
    });

  test('is not kept while it waits, and ends with a purge', async () => {
    const bulletin = { title: 'a zebra', what_is_happening: 'zebra' };
    const { legal_basis: _basis, ...incomplete } = COMPLETE;
    const id = await rig.submit(agency, 'https://news.example/ibex\n', { ...incomplete, bulletin });
    await rig.story(agency.officer, id, ['held']);
    expect(await tablesWith('zebra')).toEqual([]);
    await complete(id, { legal_basis: 'the walrus act' });
    const held = await rig.story(agency.officer, id, ['held']);
    expect(held.holds).toEqual([expect.objectContaining({ reason: 'protected-list' })]);
    expect(await tablesWith('walrus')).toEqual(['job', 'statement']);
    expect(await tablesWith('ibex')).toEqual(['hold']);
    await purge(id);
    expect(await rig.story(agency.officer, id)).toMatchObject({
      state: 'refused',
      problem: { code: 'TOC_SUBMISSION_PURGED' },
      holds: [],
    });
    expect(await tablesWith('ibex')).toEqual([]);
    // The bulletin was published, and is live until it is taken back.
    expect(await tablesWith('walrus')).toEqual(['statement']);
    expect(await tablesWith('zebra')).toEqual(['bulletin']);
    const [advisory] = held.advisories as { id: string }[];
    const retraction = { kind: 'retraction' as const, format: 'tocsin-retraction', advisory_id: advisory?.id };
    await rig.story(agency.officer, await rig.submit(agency, '{}', { reason: 'issued-in-error' }, retraction));
    await purge(id);
    expect([await tablesWith('walrus'), await tablesWith('zebra')]).toEqual([[], []]);
    // The same words can be said again.
    const again = await rig.submit(agency, list('again'), { ...COMPLETE, legal_basis: 'the walrus act' });
    expect(await rig.story(agency.officer, again)).toMatchObject({ state: 'settled' });
  });

  test('ends for what is being worked on, too', async () => {
    const lines = Array.from({ length: 20_000 }, (_, line) => `worked ${line}`);
    const id = await rig.submit(agency, list(...lines), COMPLETE);
    await rig.story(agency.officer, id, ['working']);
    await purge(id);
    const { counts } = await rig.story(agency.officer, id, ['refused']);
    expect(counts.read).toBeLessThan(20_000);
    const [row] = await rig.database.query<{ asserted: number }[]>(
      `SELECT coalesce(sum((counts->>'asserted')::integer), 0)::integer AS asserted FROM normaliser.chunk WHERE submission_id = $1`,
      [id],
    );
    expect(counts.asserted).toBe(row?.asserted);
  });

  const spilling = (name: string): string => {
    const indicator = (number: number, more: object = {}): object => ({
      type: 'indicator',
      spec_version: '2.1',
      id: `indicator--${randomUUID()}`,
      created: '2026-01-01T00:00:00.000Z',
      modified: '2026-01-01T00:00:00.000Z',
      pattern_type: 'stix',
      pattern: `[file:hashes.'SHA-256' = '${digest(`${name} ${number}`)}']`,
      valid_from: '2026-01-01T00:00:00.000Z',
      ...more,
    });
    const objects = Array.from({ length: 150 }, (_, number) => indicator(number));
    objects.push(indicator(150, { object_marking_refs: [RED] }));
    return JSON.stringify({ type: 'bundle', id: `bundle--${randomUUID()}`, objects });
  };

  test('ends with a spill that is found late, wherever it was said', async () => {
    const document = spilling('spilled');
    const parameters = { ...COMPLETE, legal_basis: 'the puffin act', bulletin: { title: 'a puffin' } };
    const id = await rig.submit(agency, document, parameters, { format: 'stix21' });
    expect(await rig.story(agency.officer, id, ['refused', 'settled', 'held'])).toMatchObject({
      state: 'refused',
      problem: { code: 'TOC_SUBMISSION_ABOVE_LEVEL' },
    });
    expect(rig.spills).toEqual([id]);
    expect(await tablesWith('puffin')).toEqual([]);
    const withdrawn = (await rig.records('everyone')).filter(({ type }) => type === 'withdrawal');
    expect(withdrawn.length).toBeGreaterThanOrEqual(101);
    // So do the values, while what they were marked with holds lower markings still.
    const value = digest('spilled 3');
    expect(await tablesWith(value)).toEqual([]);
    const lower = await rig.submit(agency, list('spilled 3'), { ...COMPLETE, tlp: 'clear' });
    expect(await rig.story(agency.officer, lower)).toMatchObject({ state: 'held', counts: { held: 1 } });
    await rig.story(agency.officer, await rig.submit(agency, list('spilled 3'), COMPLETE), ['settled']);
    expect((await rig.records('everyone')).at(-1)).toMatchObject({ type: 'row', generation: 2, signal: { value } });
  });

  test('ends with a spill whose bytes were destroyed when the work broke off', async () => {
    rig.lostAnswers = 1;
    const id = await rig.submit(agency, spilling('broken off'), COMPLETE, { format: 'stix21' });
    expect(await rig.story(agency.officer, id)).toMatchObject({
      state: 'refused',
      problem: { code: 'TOC_SUBMISSION_ABOVE_LEVEL' },
    });
    expect(rig.spills.filter((spill) => spill === id)).toHaveLength(2);
    expect(await live(id)).toBe(0);
    expect(await tablesWith(digest('broken off 3'))).toEqual([]);
  });

  test('ends with bytes that are found destroyed', async () => {
    await rig.story(agency.officer, await rig.submit(agency, list('strict'), { ...COMPLETE, tlp: 'amber' }));
    const id = await rig.submit(agency, list('gone', 'strict'), { ...COMPLETE, legal_basis: 'the gannet act' });
    const [hold] = (await rig.story(agency.officer, id, ['held'])).holds as { id: string }[];
    const decide = { principal: agency.approver, json: { reason: 'agreed' } };
    rig.destroy(id);
    await rig.normaliser.request('POST', `/internal/holds/${hold?.id}/release`, decide);
    expect(await rig.story(agency.officer, id, ['refused'])).toMatchObject({
      problem: { code: 'TOC_SUBMISSION_PURGED' },
    });
    expect(await live(id)).toBe(0);
    expect([await tablesWith('gannet'), await tablesWith(digest('gone'))]).toEqual([[], []]);
  });

  /** How much is asserted by the advisories that a submission wrote. */
  const live = async (id: string): Promise<number> => {
    const [row] = await rig.database.query<{ said: number }[]>(
      `SELECT count(*)::integer AS said FROM normaliser.assertion
        WHERE advisory_id IN (SELECT advisory_id FROM normaliser.advisory_reading WHERE submission_id = $1)`,
      [id],
    );
    return row?.said ?? 0;
  };

  test('of a completion is gone when the submission has settled', async () => {
    const { harm: _harm, ...incomplete } = COMPLETE;
    const id = await rig.submit(agency, list('settled'), incomplete);
    await rig.story(agency.officer, id, ['held']);
    await complete(id, { harm: ['tvec/otter'] });
    await rig.story(agency.officer, id, ['settled']);
    expect(await tablesWith('tvec/otter')).toEqual(['statement']);
    const [job] = await rig.database.query<object[]>(
      'SELECT parameters, completion FROM normaliser.job WHERE submission_id = $1',
      [id],
    );
    expect(job).toEqual({ parameters: null, completion: null });
  });

  test('a purge leaves live rows as they are', async () => {
    const id = await rig.submit(agency, list('lives on'), { ...COMPLETE, legal_basis: 'the heron act' });
    await rig.story(agency.officer, id, ['settled']);
    await purge(id);
    expect(await rig.story(agency.officer, id)).toMatchObject({ state: 'settled' });
    const other = await rig.agency('Agency B', 'FR');
    await rig.story(other.officer, await rig.submit(other, list('lives on'), COMPLETE), ['settled']);
    const rows = (await rig.records('everyone')).filter(
      ({ signal }) => (signal as { value?: string } | undefined)?.value === digest('lives on'),
    );
    expect(JSON.stringify(rows.at(-1))).toContain('the heron act');
  });
});
