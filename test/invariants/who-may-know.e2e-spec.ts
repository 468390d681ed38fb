import { randomUUID } from 'node:crypto';
import { ApiClient, ProblemAnswer } from '../../tools/local-exchange/api-client.js';
import { CELLULE, digestOf, ExchangeUnderTest, HARBOUR, type Told } from '../exchange-under-test.js';

async function codeOf(call: Promise<unknown>): Promise<string | undefined> {
  return call.then(
    () => undefined,
    (thrown: unknown) => (thrown instanceof ProblemAnswer ? thrown.problem.code : String(thrown)),
  );
}

describe('who may know what', () => {
  let under: ExchangeUnderTest;
  beforeAll(async () => void (under = await ExchangeUnderTest.start('who-may-know')));
  afterAll(() => under.stop());

  test('a marking takes channels away; nobody else receives the row (I5)', async () => {
    const value = digestOf('releasable to France only');
    const id = await under.submit(value, { channels: 'everyone,france', releasable_to: 'FR' });
    const told = await under.told(id);
    expect(told).toMatchObject({ state: 'settled', channels: ['france'] });
    await under.until(async () => (await under.liveValues('Pinegrove Forum')).has(value), 'live in France');
    for (const platform of ['Framehub', 'Slowpoke Pictures', 'Streamvale'])
      expect(await under.liveValues(platform)).not.toContain(value);
  });

  test('no marking means nobody (I5)', async () => {
    const { tlp: _tlp, ...unmarked } = { tlp: '' };
    const id = await under
      .officer()
      .send<{ id: string }>(
        'POST',
        `/v1/submissions?${new URLSearchParams({ harm: 'tvec', context: 'manifesto', legal_basis: 'x', nature: 'information', origin: 'own-finding', valid_for: '3', contact_desk: 'night-desk', ...unmarked }).toString()}`,
        digestOf('unmarked'),
        { 'content-type': 'text/plain' },
      );
    expect(await under.told(id.id)).toMatchObject({
      state: 'held',
      holds: [expect.objectContaining({ reason: 'missing-fields' })],
    });
  });

  test('a marking above the level of the deployment is refused and nothing is kept (I5, I15)', async () => {
    expect(await codeOf(under.submit(digestOf('red'), { tlp: 'red' }))).toBe('TOC_SUBMISSION_ABOVE_LEVEL');
    expect(await codeOf(under.submit(`${digestOf('red banner')}\nTLP:RED\n`, { format: 'value-list' }))).toBe(
      'TOC_SUBMISSION_ABOVE_LEVEL',
    );
    const { rows } = await under.database.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM intake.part p WHERE NOT EXISTS (SELECT FROM intake.submission s WHERE s.id = p.submission_id)',
    );
    expect(rows[0]?.n).toBe(0);
  });

  test('another agency’s submission is as absent as one that never was (I17)', async () => {
    const id = await under.submit(digestOf('private'));
    await under.told(id);
    const theirs = await codeOf(under.officer(CELLULE).call('GET', `/v1/submissions/${id}`));
    const absent = await codeOf(
      under.officer(CELLULE).call('GET', '/v1/submissions/01900000-0000-7000-8000-000000000000'),
    );
    expect([theirs, absent]).toEqual(['TOC_ACCESS_NOT_FOUND', 'TOC_ACCESS_NOT_FOUND']);
  });

  test('a preview of what another agency asserted equals the preview of something new (I17)', async () => {
    const known = digestOf('known to the other agency');
    await under.told(await under.submit(known));
    const preview = (value: string): Promise<Record<string, unknown>> =>
      under
        .officer(CELLULE)
        .send(
          'POST',
          `/v1/submissions/preview?${new URLSearchParams({ harm: 'tvec', context: 'manifesto', legal_basis: 'x', nature: 'information', origin: 'own-finding', valid_for: '3', tlp: 'green', contact_desk: 'permanence' }).toString()}`,
          value,
          { 'content-type': 'text/plain' },
        );
    const { leaves: _known, ...ofKnown } = await preview(known);
    const { leaves: _new, ...ofNew } = await preview(digestOf('never seen'));
    expect(ofKnown).toEqual(ofNew);
  });

  /** A receipt without what is another for every submission. */
  async function receiptOf(id: string, organisation: string): Promise<unknown> {
    const { advisories, ...told } = (await under.told(id, organisation)) as Told & Record<string, unknown>;
    for (const own of ['id', 'received_at', 'settled_at', 'sha256', 'status_url']) delete told[own];
    const holds = told.holds.map(({ id: _id, ...hold }) => hold);
    return { ...told, holds, advisories: advisories.map(({ id: _id, ...advisory }) => advisory) };
  }

  test('the receipts of what another agency asserted equal those of something new, to the retraction (I17)', async () => {
    const [known, fresh] = [digestOf('said by the other agency'), digestOf('said by nobody')];
    await under.told(await under.submit(known));
    const ofKnown = await under.submit(known, {}, CELLULE);
    const ofFresh = await under.submit(fresh, {}, CELLULE);
    expect(await receiptOf(ofKnown, CELLULE)).toEqual(await receiptOf(ofFresh, CELLULE));
    const retractions: unknown[] = [];
    for (const id of [ofKnown, ofFresh]) {
      const [advisory] = (await under.told(id, CELLULE)).advisories;
      const path = `/v1/advisories/${advisory?.id}/retractions`;
      const receipt = await under.officer(CELLULE).call<{ id: string }>('POST', path, { reason: 'issued-in-error' });
      expect(Object.keys(receipt)).not.toContain('rows');
      retractions.push(await receiptOf(receipt.id, CELLULE));
    }
    expect(retractions[0]).toEqual(retractions[1]);
    // One is still said by the other agency, the other by nobody: platforms know, the agency is not told.
    await under.until(async () => !(await under.liveValues('Framehub')).has(fresh), 'withdrawn');
    expect(await under.liveValues('Framehub')).toContain(known);
  });

  test('what waits on a protected list is told to no agency that may not read it (I17)', async () => {
    const host = 'wikipedia.org';
    const parameters = { signal_type: 'domain', channels: 'france', releasable_to: 'FR' };
    const told = await under.told(await under.submit(host, parameters, CELLULE), CELLULE);
    expect(told.holds).toEqual([expect.objectContaining({ reason: 'protected-list', state: 'open' })]);
    const hold = told.holds[0]?.id ?? '';
    const approver = under.officer(HARBOUR, 'approver');
    const { holds } = await approver.call<{ holds: { id: string }[] }>('GET', '/v1/holds');
    expect(holds.map(({ id }) => id)).not.toContain(hold);
    const absent = '01900000-0000-7000-8000-000000000000';
    for (const verb of ['release', 'refusal']) {
      const answers = [hold, absent].map((id) =>
        codeOf(approver.call('POST', `/v1/holds/${id}/${verb}`, { reason: 'x' })),
      );
      expect(await Promise.all(answers)).toEqual(['TOC_ACCESS_NOT_FOUND', 'TOC_ACCESS_NOT_FOUND']);
    }
    // A hit on a list says the same whether another agency has it waiting or not.
    const receipts: unknown[] = [];
    for (const value of [host, 'wikiquote.org'])
      receipts.push(await receiptOf(await under.submit(value, { signal_type: 'domain' }), HARBOUR));
    expect(receipts[0]).toMatchObject({ state: 'held', counts: { held: 1 } });
    expect(receipts[0]).toEqual(receipts[1]);
  });

  test('forbidden matter that only the normaliser can see: bytes and key destroyed, what was said taken back (I15)', async () => {
    const values = Array.from({ length: 1500 }, (_, line) => digestOf(`spilled ${line}`));
    const [made, red] = ['2026-01-05T10:00:00.000Z', `marking-definition--${randomUUID()}`];
    const common = (type: string, id = `${type}--${randomUUID()}`) => ({
      type,
      spec_version: '2.1',
      id,
      created: made,
    });
    // The definition of a label is no mark by itself; the one object that has it is the last.
    const definition = { ...common('marking-definition', red), definition_type: 'tlp', definition: { tlp: 'red' } };
    const indicators = values.map((value, line) => ({
      ...common('indicator'),
      modified: made,
      pattern: `[file:hashes.'SHA-256' = '${value}']`,
      pattern_type: 'stix',
      valid_from: made,
      ...(line === values.length - 1 && { object_marking_refs: [red] }),
    }));
    const bundle = { type: 'bundle', id: `bundle--${randomUUID()}`, objects: [definition, ...indicators] };
    const id = await under.submit(JSON.stringify(bundle), { format: 'stix21' });
    expect(await under.told(id)).toMatchObject({
      state: 'refused',
      bytes_state: 'purged',
      problem: { code: 'TOC_SUBMISSION_ABOVE_LEVEL' },
      counts: { asserted: 0 },
    });
    const { rows } = await under.database.query<{ parts: number; keys: number; asserted: number; chunks: number }>(
      `SELECT (SELECT count(*) FROM intake.part WHERE submission_id = $1)::int AS parts,
              (SELECT count(*) FROM intake.submission_key WHERE submission_id = $1)::int AS keys,
              (SELECT count(*) FROM normaliser.assertion a JOIN normaliser.advisory_reading r USING (advisory_id)
                WHERE r.submission_id = $1)::int AS asserted,
              (SELECT count(*) FROM normaliser.audit WHERE subject = $2 AND action = 'assert-document')::int AS chunks`,
      [id, `submission/${id}`],
    );
    expect(rows[0]).toMatchObject({ parts: 0, keys: 0, asserted: 0 });
    // Something had been said by then, and whoever was told is told that it is not.
    expect(rows[0]?.chunks).toBeGreaterThan(0);
    const spilled = new Set(values);
    const { rows: said } = await under.database.query<{ withdrawn: boolean }>(
      `SELECT r.withdrawal IS NOT NULL AS withdrawn FROM normaliser.channel_row r
         JOIN normaliser.past_marking p USING (row_id) JOIN normaliser.statement s ON s.id = p.statement_id
         JOIN normaliser.advisory_reading d USING (advisory_id) WHERE d.submission_id = $1`,
      [id],
    );
    expect(said.length).toBeGreaterThan(0);
    expect(said.every(({ withdrawn }) => withdrawn)).toBe(true);
    const { rows: kept } = await under.database.query<object>('SELECT 1 FROM normaliser.signal WHERE value = ANY($1)', [
      values,
    ]);
    expect(kept).toEqual([]);
    await under.until(
      async () => [...(await under.liveValues('Framehub'))].every((value) => !spilled.has(value)),
      'nothing of it live',
    );
  });

  test('only its owner retracts an advisory (I10)', async () => {
    const value = digestOf('owned');
    const told = await under.told(await under.submit(value));
    const [advisory] = told.advisories;
    const path = `/v1/advisories/${advisory?.id}/retractions`;
    expect(await codeOf(under.officer(CELLULE).call('POST', path, { reason: 'issued-in-error' }))).toBe(
      'TOC_ACCESS_NOT_FOUND',
    );
    expect(
      await codeOf(
        new ApiClient(under.exchange.url('intake'), under.exchange.key('Framehub', 'admin')).call('POST', path, {
          reason: 'issued-in-error',
        }),
      ),
    ).toMatch(/^TOC_ACCESS_/);
    expect(await codeOf(under.officer(HARBOUR).call('POST', path, { reason: 'issued-in-error' }))).toBeUndefined();
  });

  test('what leaves holds only fields that an officer wrote as releasable (I7)', async () => {
    const value = digestOf('allow-list');
    const file = 'secret-source-name.csv';
    const form = new FormData();
    form.set(
      'parameters',
      new Blob(
        [
          JSON.stringify({
            harm: ['tvec'],
            context: 'manifesto',
            legal_basis: 'Act',
            nature: 'information',
            origin: 'own-finding',
            valid_for: 3,
            tlp: 'green',
            contact_desk: 'night-desk',
            format: 'csv-list',
          }),
        ],
        { type: 'application/json' },
      ),
    );
    form.set('file', new Blob([`sha256,source note\n${value},seen by agent 7\n`]), file);
    const { id } = await under.officer().send<{ id: string }>('POST', '/v1/submissions', form);
    await under.told(id);
    await under.until(async () => (await under.liveValues('Framehub')).has(value), 'live');
    const text = JSON.stringify((await under.table('Framehub')).find(({ record }) => record.signal?.value === value));
    expect(text).not.toContain('agent 7');
    expect(text).not.toContain('secret-source');
    expect(text).not.toContain('officer of');
  });

  test('a retraction reaches a platform that is no longer entitled, and no content does (I4, I5)', async () => {
    const before = digestOf('told before the suspension');
    const after = digestOf('published after the suspension');
    const told = await under.told(await under.submit(before));
    await under.until(
      async () => (await under.liveValues('Slowpoke Pictures')).has(before),
      'live at the slow platform',
    );
    const id = under.exchange.file.state.organisations['Slowpoke Pictures'];
    await under.operator().call('PATCH', `/v1/organisations/${id}`, { state: 'suspended', reason: 'for this test' });
    await under.told(await under.submit(after));
    await under.until(async () => (await under.liveValues('Framehub')).has(after), 'live elsewhere');
    await under
      .officer()
      .call('POST', `/v1/advisories/${told.advisories[0]?.id}/retractions`, { reason: 'wrong-person' });
    await under.until(
      async () => !(await under.liveValues('Slowpoke Pictures')).has(before),
      'withdrawn at the suspended platform',
    );
    expect(await under.liveValues('Slowpoke Pictures')).not.toContain(after);
    const withdrawal = (await under.table('Slowpoke Pictures')).find(
      ({ state, record }) => state === 'withdrawn' && record.restore === true,
    );
    expect(Object.keys(withdrawal?.record ?? {})).not.toContain('signal');
  });
});
