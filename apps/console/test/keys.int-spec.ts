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
    const { body, headers } = await rig.call(rig.operators[0], 'POST', `/v1/people/${officer.personId}/keys`, {});
    expect(body.key).toMatch(/^tcn_/);
    expect(headers.get('cache-control')).toBe('no-store');
    const listed = await rig.operate('GET', `/v1/people/${officer.personId}/keys`);
    expect(listed.keys.map((key: { id: string }) => key.id)).toEqual(expect.arrayContaining([officer.keyId, body.id]));
    expect(JSON.stringify(listed)).not.toContain(secretIn(body.key));
    const [dump] = await rig.rows<{ text: string }>('SELECT string_agg(t::text, $1) AS text FROM directory.api_key t', [
      ' ',
    ]);
    expect(dump?.text).not.toContain(secretIn(body.key));
    const rows = await rig.auditOf(`person/${officer.personId}`);
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
    const short = await rig.operate('POST', `/v1/people/${personId}/keys`, { expires_at });
    const heir = await rig.call({ key: short.key }, 'POST', `/v1/people/${personId}/keys`, { replaces: short.id });
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
    await rig.operate('PATCH', `/v1/organisations/${agency}`, { state: 'left', reason: 'dissolved' });
    expect(await alive(two.key)).toBe(false);
    const issue = await rig.call(rig.operators[0], 'POST', `/v1/people/${two.personId}/keys`, {});
    expect(issue).toMatchObject({ status: 409, body: { code: 'TOC_REQUEST_CONFLICT' } });
  });

  it('for a fellow operator are issued by nobody: one person would be two', async () => {
    const [one, two] = rig.operators;
    const refused = await rig.call(one, 'POST', `/v1/people/${two.personId}/keys`, {});
    expect(refused).toMatchObject({ status: 403, body: { code: 'TOC_ACCESS_SECOND_PERSON' } });
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
    const person = await rig.admitPerson(officer.organisationId, 'officer');
    const issue = () => rig.call(rig.operators[0], 'POST', `/v1/people/${person.personId}/keys`, {});
    const answers = await Promise.all(Array.from({ length: 12 }, issue));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(9);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(3);
  });
});
