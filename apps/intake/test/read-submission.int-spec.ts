import { createHash, randomUUID } from 'node:crypto';
import { IntakeRig, type RigPerson } from './intake-rig.js';
import { notFound } from './normaliser-stand-in.js';

const DOCUMENT = `${createHash('sha256').update('a').digest('hex')}\n`;

describe('reading submissions', () => {
  let rig: IntakeRig;
  let officer: RigPerson;
  let approver: RigPerson;
  let other: RigPerson;
  let operator: RigPerson;
  let platform: RigPerson;

  beforeAll(async () => {
    rig = await IntakeRig.start();
    await rig.channel('everyone');
    const agency = await rig.organisation('agency', 'Agency A', ['everyone']);
    officer = await rig.person(agency, 'officer');
    approver = await rig.person(agency, 'approver');
    other = await rig.person(await rig.organisation('agency', 'Agency B', ['everyone']), 'officer');
    operator = await rig.person(await rig.organisation('operator', 'Operator'), 'operator');
    platform = await rig.person(await rig.organisation('platform', 'Platform'), 'admin');
  });
  afterAll(() => rig.stop());
  beforeEach(() => {
    rig.normaliser.answer = () => ({ status: 404, json: notFound() });
    rig.normaliser.asked.length = 0;
  });

  const submit = async (by = officer): Promise<string> => {
    const { json } = await rig.call(by, 'POST', '/v1/submissions', DOCUMENT);
    return String(json.id);
  };

  it('tells the receipt and that it is accepted while the normaliser has not heard of it', async () => {
    const receipt = (await rig.call(officer, 'POST', '/v1/submissions', DOCUMENT)).json;
    const { status, json } = await rig.call(officer, 'GET', String(receipt.status_url));
    expect(status).toBe(200);
    expect(json).toEqual({ ...receipt, bytes_state: 'kept' });
  });

  it('tells the story as the normaliser tells it to this person', async () => {
    const id = await submit();
    const story = { id, state: 'settled', counts: { read: 1, asserted: 1 }, channels: ['everyone'], holds: [] };
    rig.normaliser.answer = () => ({ status: 200, json: story });
    const { json } = await rig.call(approver, 'GET', `/v1/submissions/${id}`);
    expect(json).toMatchObject({ ...story, format: 'value-list', bytes: DOCUMENT.length, bytes_state: 'kept' });
    expect(rig.normaliser.asked).toEqual([
      expect.objectContaining({
        method: 'GET',
        path: `/internal/submissions/${id}`,
        principal: expect.objectContaining({ personId: approver.personId, roles: ['approver'] }) as unknown,
      }),
    ]);
  });

  it.each([
    ['does not answer', () => undefined],
    ['is broken', () => ({ status: 500, json: {} })],
  ])('gives the receipt inside the problem when the normaliser %s', async (_, answer) => {
    const id = await submit();
    rig.normaliser.answer = answer;
    const { status, json } = await rig.call(officer, 'GET', `/v1/submissions/${id}`);
    expect(status).toBe(503);
    expect(json).toMatchObject({
      code: 'TOC_PEER_UNAVAILABLE',
      retryable: true,
      submission_id: id,
      format: 'value-list',
      sha256: createHash('sha256').update(DOCUMENT).digest('hex'),
      bytes: DOCUMENT.length,
    });
  });

  it('tells nobody else that there is such a submission', async () => {
    const id = await submit();
    const absent = await rig.call(other, 'GET', `/v1/submissions/${randomUUID()}`);
    for (const path of [id, 'no-uuid', `${id}%00`]) {
      const { status, json } = await rig.call(other, 'GET', `/v1/submissions/${path}`);
      expect({ status, ...json, instance: '' }).toMatchObject({ status: 404, code: absent.json.code });
    }
    const seen = await rig.call(other, 'GET', `/v1/submissions/${id}`);
    expect({ ...seen.json, instance: '' }).toEqual({ ...absent.json, instance: '' });
    expect(rig.normaliser.asked).toEqual([]);
    for (const path of [id, randomUUID()]) {
      expect((await rig.call(platform, 'GET', `/v1/submissions/${path}`)).status).toBe(403);
    }
    expect((await rig.call(operator, 'GET', `/v1/submissions/${randomUUID()}`)).status).toBe(404);
    expect((await rig.call(operator, 'GET', `/v1/submissions/${id}`)).status).toBe(200);
  });

  it('takes no key that is wrong, expired, revoked or of somebody who left', async () => {
    const id = await submit();
    const read = async (person: RigPerson): Promise<number> =>
      (await rig.call(person, 'GET', `/v1/submissions/${id}`)).status;
    const fresh = (): Promise<RigPerson> => rig.person(officer.organisationId, 'officer');
    const keyId = ({ key }: RigPerson): string => key.split('_')[1] ?? '';
    const [revoked, expired, gone] = [await fresh(), await fresh(), await fresh()];
    for (const person of [revoked, expired, gone]) expect(await read(person)).toBe(200);
    await rig.database.query('UPDATE directory.api_key SET revoked_at = now() WHERE id = $1', [keyId(revoked)]);
    await rig.database.query('UPDATE directory.api_key SET expires_at = now() WHERE id = $1', [keyId(expired)]);
    await rig.database.query(`UPDATE directory.person SET state = 'left' WHERE id = $1`, [gone.personId]);
    for (const person of [revoked, expired, gone]) expect(await read(person)).toBe(401);
    for (const key of ['', 'nonsense', `${officer.key.slice(0, -1)}~`, officer.key.replace(/.{43}$/, 'A'.repeat(43))]) {
      expect(await read({ ...officer, key })).toBe(401);
    }
    expect(await read(officer)).toBe(200);
  });

  it('lists the submissions of the agency, newest first, page by page', async () => {
    const agency = await rig.organisation('agency', 'Agency C', ['everyone']);
    const [first, second] = [await rig.person(agency, 'officer'), await rig.person(agency, 'approver')];
    const ids: string[] = [];
    for (const by of [first, second, first, second, first]) ids.unshift(await submit(by));
    await submit(other);
    rig.normaliser.answer = ({ query }) => ({
      status: 200,
      json: (query.get('ids') ?? '')
        .split(',')
        .slice(1)
        .map((id) => ({ id, state: 'settled', settled_at: null })),
    });
    const page = async (
      query: string,
      by = first,
    ): Promise<{ submissions: Record<string, unknown>[]; more: boolean }> =>
      (await rig.call(by, 'GET', `/v1/submissions${query}`)).json as never;
    const whole = await page('');
    expect(whole.submissions.map(({ id }) => id)).toEqual(ids);
    expect(whole.submissions.map(({ state }) => state)).toEqual(['accepted', ...Array<string>(4).fill('settled')]);
    expect(whole.more).toBe(false);
    const head = await page('?limit=2');
    const tail = await page(`?limit=3&after=${ids[1]}`, second);
    expect([head.more, tail.more]).toEqual([true, false]);
    expect([...head.submissions, ...tail.submissions].map(({ id }) => id)).toEqual(ids);
    expect((await page(`?after=${await submit(other)}`)).submissions).toEqual([]);
    rig.normaliser.answer = () => undefined;
    const withoutStates = await page('?limit=1');
    expect(withoutStates.submissions).toHaveLength(1);
    expect(withoutStates.submissions[0]).not.toHaveProperty('state');
  });

  it.each(['?limit=0', '?limit=201', '?limit=x', '?after=x', '?order=up'])('refuses a page %s', async (query) => {
    const { status, json } = await rig.call(officer, 'GET', `/v1/submissions${query}`);
    expect([status, json.code]).toEqual([400, 'TOC_REQUEST_PARAMETER']);
  });

  it('lists nothing for those who submit nothing', async () => {
    expect((await rig.call(operator, 'GET', '/v1/submissions')).status).toBe(403);
    expect((await rig.call(platform, 'GET', '/v1/submissions')).status).toBe(403);
  });

  it('serves what it offers as OpenAPI', async () => {
    const { json } = await rig.call(officer, 'GET', '/openapi.json');
    expect(Object.keys(json.paths as object)).toEqual(
      expect.arrayContaining(['/v1/submissions', '/v1/submissions/{id}', '/v1/advisories/{id}/retractions']),
    );
    expect(Object.keys(json.paths as object).filter((path) => path.startsWith('/internal'))).toEqual([]);
  });
});
