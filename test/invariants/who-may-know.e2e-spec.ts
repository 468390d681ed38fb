import { ApiClient, ProblemAnswer } from '../../tools/local-exchange/api-client.js';
import { CELLULE, digestOf, ExchangeUnderTest, HARBOUR } from '../exchange-under-test.js';

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
        `/v1/submissions?${new URLSearchParams({ harm: 'tvec', context: 'manifesto', legal_basis: 'x', nature: 'information', valid_for: '3', contact_desk: 'night-desk', ...unmarked }).toString()}`,
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
          `/v1/submissions/preview?${new URLSearchParams({ harm: 'tvec', context: 'manifesto', legal_basis: 'x', nature: 'information', valid_for: '3', tlp: 'green', contact_desk: 'permanence' }).toString()}`,
          value,
          { 'content-type': 'text/plain' },
        );
    const { leaves: _known, ...ofKnown } = await preview(known);
    const { leaves: _new, ...ofNew } = await preview(digestOf('never seen'));
    expect(ofKnown).toEqual(ofNew);
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
