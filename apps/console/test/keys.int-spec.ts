import type { Role } from '#libs/persistence';
import { ConsoleRig, type Actor } from './console-rig.js';

/** What stands behind the prefix and the id; it may hold underscores itself. */
const secretIn = (key: string): string => key.slice('tcn_'.length + 16 + 1);

describe('keys', () => {
  let rig: ConsoleRig;
  let officer: Actor;
  const alive = async (key: string): Promise<boolean> =>
    (await rig.call({ key }, 'GET', '/v1/channels')).status === 200;

  beforeAll(async () => {
    rig = await ConsoleRig.start();
    officer = await rig.admit('agency', ['officer']);
  });
  afterAll(() => rig.stop());

  it('are shown once and never again, and only a hash of them is kept', async () => {
    const analyst = await rig.admitPerson(await rig.admitOrganisation('platform'), 'analyst');
    const { body, headers } = await rig.call(rig.operators[0], 'POST', `/v1/people/${analyst.personId}/keys`, {});
    expect(body.key).toMatch(/^tcn_/);
    expect(headers.get('cache-control')).toBe('no-store');
    const listed = await rig.operate('GET', `/v1/people/${analyst.personId}/keys`);
    expect(listed.keys.map((key: { id: string }) => key.id)).toEqual(expect.arrayContaining([analyst.keyId, body.id]));
    expect(JSON.stringify(listed)).not.toContain(secretIn(body.key));
    const [dump] = await rig.rows<{ text: string }>('SELECT string_agg(t::text, $1) AS text FROM directory.api_key t', [
      ' ',
    ]);
    expect(dump?.text).not.toContain(secretIn(body.key));
    const rows = await rig.auditOf(`person/${analyst.personId}`);
    expect(rows.at(-1)).toMatchObject({ actor: rig.operators[0].personId, action: 'issue-key' });
    expect(JSON.stringify(rows)).not.toContain(secretIn(body.key));
  });

  it('are rotated by their owner, with an overlap in which both are good', async () => {
    const path = `/v1/people/${officer.personId}/keys`;
    const unnamed = await rig.call(officer, 'POST', path, {});
    expect(unnamed).toMatchObject({ status: 400, body: { code: 'TOC_REQUEST_PARAMETER' } });
    const { status, body } = await rig.call(officer, 'POST', path, { replaces: officer.keyId, overlap_hours: 1 });
    expect(status).toBe(201);
    expect(Date.parse(body.replaced.expires_at) - Date.now()).toBeLessThanOrEqual(3_600_000);
    expect([await alive(officer.key), await alive(body.key)]).toEqual([true, true]);
    const again = await rig.call({ key: body.key }, 'POST', path, { replaces: body.id, overlap_hours: 0 });
    expect(again.body.replaced.state).toBe('revoked');
    expect([await alive(body.key), await alive(again.body.key)]).toEqual([false, true]);
    officer = { ...officer, keyId: again.body.id, key: again.body.key };
  });

  it('rotated by their owner live no longer than they were given', async () => {
    const { personId } = officer;
    const expires_at = new Date(Date.now() + 3_600_000).toISOString();
    const short = await rig.issueKey(personId, { expires_at });
    const heir = await rig.call({ key: short.key }, 'POST', `/v1/people/${personId}/keys`, { replaces: short.keyId });
    expect(heir.body.expires_at).toBe(expires_at);
    expect(heir.body.replaced.expires_at).toBe(expires_at);
  });

  it('end at once when revoked, and say so twice without a second audit row', async () => {
    const other = await rig.admitPerson(officer.organisationId, 'officer');
    expect(await alive(other.key)).toBe(true);
    const revoke = () =>
      rig.call(rig.operators[1], 'POST', `/v1/keys/${other.keyId}/revocation`, { reason: 'lost laptop' });
    expect((await revoke()).body.state).toBe('revoked');
    expect(await alive(other.key)).toBe(false);
    expect((await revoke()).status).toBe(200);
    const rows = await rig.auditOf(`person/${other.personId}`);
    expect(rows.filter(({ action }) => action === 'revoke-key')).toEqual([
      expect.objectContaining({ actor: rig.operators[1].personId, reason: 'lost laptop' }),
    ]);
  });

  it('end with their person, and with their organisation', async () => {
    const agency = await rig.admitOrganisation('agency');
    const [one, two] = [await rig.admitPerson(agency, 'officer'), await rig.admitPerson(agency, 'approver')];
    await rig.operate('PATCH', `/v1/people/${one.personId}`, { state: 'left', reason: 'moved on' });
    expect([await alive(one.key), await alive(two.key)]).toEqual([false, true]);
    await rig.decide('release-organisation', { organisation: agency });
    expect(await alive(two.key)).toBe(false);
    const issue = await rig.call(rig.operators[0], 'POST', '/v1/proposals', {
      action: 'issue-key',
      subject: { person: two.personId },
      reason: 'come back',
    });
    expect(issue).toMatchObject({ status: 409, body: { code: 'TOC_REQUEST_CONFLICT' } });
  });

  it.each<[string, 'agency' | 'platform', Role]>([
    ['an officer', 'agency', 'officer'],
    ['an approver', 'agency', 'approver'],
    ['a platform’s admin', 'platform', 'admin'],
  ])('for %s are issued by two operators, and revoked by one', async (_, kind, role) => {
    const [one, two] = rig.operators;
    const organisation = await rig.admitOrganisation(kind);
    const given = { name: 'new here', roles: [role] };
    const { id } = await rig.operate('POST', `/v1/organisations/${organisation}/people`, given);
    const alone = await rig.call(one, 'POST', `/v1/people/${id}/keys`, {});
    expect(alone).toMatchObject({ status: 403, body: { code: 'TOC_ACCESS_SECOND_PERSON' } });
    const proposed = await rig.operate('POST', '/v1/proposals', {
      action: 'issue-key',
      subject: { person: id },
      reason: 'met in person',
    });
    expect((await rig.operate('GET', `/v1/people/${id}/keys`)).keys).toEqual([]);
    const path = `/v1/proposals/${proposed.id}`;
    expect(await rig.call(one, 'POST', `${path}/confirmation`)).toMatchObject({
      status: 403,
      body: { code: 'TOC_ACCESS_SECOND_PERSON' },
    });
    const { status, body, headers } = await rig.call(two, 'POST', `${path}/confirmation`);
    expect([status, headers.get('cache-control'), body.state]).toEqual([200, 'no-store', 'done']);
    expect(await alive(body.key)).toBe(true);
    // Shown once: neither the proposal nor an audit row has it.
    const rows = await rig.auditOf(`person/${id}`);
    expect(rows.map(({ action, actor }) => [action, actor])).toEqual([
      ['admit-person', one.personId],
      ['propose-issue-key', one.personId],
      ['confirm-issue-key', two.personId],
    ]);
    const shown = await rig.operate('GET', path);
    expect(shown.outcome).toEqual({ result: 'done', key: body.outcome.key });
    expect(JSON.stringify([shown, rows])).not.toContain(secretIn(body.key));
    expect((await rig.call(two, 'POST', `${path}/confirmation`)).status).toBe(409);
    const revocation = { reason: 'lost laptop' };
    expect((await rig.call(one, 'POST', `/v1/keys/${String(body.outcome.key)}/revocation`, revocation)).status).toBe(
      200,
    );
    expect(await alive(body.key)).toBe(false);
  });

  it('are no way round: whoever has one already is given such a role by two operators as well', async () => {
    const [one, two] = rig.operators;
    const platform = await rig.admitOrganisation('platform');
    const analyst = await rig.admitPerson(platform, 'analyst');
    const change = (json: object) => rig.call(one, 'PATCH', `/v1/people/${analyst.personId}`, json);
    for (const roles of [['admin'], ['analyst', 'admin']]) {
      expect(await change({ roles, reason: 'trying' })).toMatchObject({
        status: 403,
        body: { code: 'TOC_ACCESS_SECOND_PERSON' },
      });
    }
    const mayManage = async (by: { key: string } = analyst): Promise<number> =>
      (await rig.call(by, 'POST', `/v1/platforms/${platform}/kafka-credentials`)).status;
    expect(await mayManage()).toBe(403);
    // What one operator issued alone, and may have kept, is worth nothing once the role is given.
    await rig.decide('grant-role', { person: analyst.personId, role: 'admin' });
    expect(await mayManage()).toBe(401);
    const admin = await rig.issueKey(analyst.personId);
    expect(await mayManage(admin)).toBe(409);
    expect(await rig.auditOf(`person/${analyst.personId}`)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ action: 'propose-grant-role', actor: one.personId }),
        expect.objectContaining({ action: 'confirm-grant-role', actor: two.personId }),
      ]),
    );
    await expect(rig.decide('grant-role', { person: analyst.personId, role: 'admin' })).rejects.toThrow('409');
    await expect(rig.decide('grant-role', { person: analyst.personId, role: 'officer' })).rejects.toThrow('400');
    // Taking a role away is one operator's, at once.
    expect((await change({ roles: ['analyst'], reason: 'moved on' })).status).toBe(200);
    expect(await mayManage(admin)).toBe(403);
  });

  it('for a fellow operator are issued by nobody: one person would be two', async () => {
    const [one, two] = rig.operators;
    const refused = await rig.call(one, 'POST', `/v1/people/${two.personId}/keys`, {});
    expect(refused).toMatchObject({ status: 403, body: { code: 'TOC_ACCESS_SECOND_PERSON' } });
    for (const [action, more] of [
      ['issue-key', {}],
      ['grant-role', { role: 'officer' }],
    ] as const) {
      const subject = { person: two.personId, ...more };
      const proposed = await rig.call(one, 'POST', '/v1/proposals', { action, subject, reason: 'trying' });
      expect(proposed).toMatchObject({ status: 403, body: { code: 'TOC_ACCESS_FORBIDDEN' } });
    }
    const admitted = await rig.call(one, 'POST', `/v1/organisations/${one.organisationId}/people`, {
      name: 'third',
      roles: ['officer'],
    });
    expect(admitted).toMatchObject({ status: 403, body: { code: 'TOC_ACCESS_FORBIDDEN' } });
    const promoted = await rig.call(one, 'PATCH', `/v1/people/${two.personId}`, {
      roles: ['officer'],
      reason: 'trying',
    });
    expect(promoted.status).toBe(403);
    const rotated = await rig.call(one, 'POST', `/v1/people/${one.personId}/keys`, {
      replaces: one.keyId,
      overlap_hours: 1,
    });
    expect(rotated.status).toBe(201);
  });

  it('are counted: nobody has more than ten live ones', async () => {
    const person = await rig.admitPerson(await rig.admitOrganisation('platform'), 'analyst');
    const issue = () => rig.call(rig.operators[0], 'POST', `/v1/people/${person.personId}/keys`, {});
    const answers = await Promise.all(Array.from({ length: 12 }, issue));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(9);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(3);
  });
});
