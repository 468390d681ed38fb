import { randomUUID } from 'node:crypto';
import { ConsoleRig, type Actor, type Answered } from './console-rig.js';

const day = (ahead: number): string => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
const PLATFORM = {
  review_staff_countries: ['NO', 'IE'],
  terms_url: 'https://forum.example/terms',
  appeals_url: 'https://forum.example/appeals',
  reporting_url: 'https://forum.example/report',
  notices_to: 'feeds@forum.example',
};
const CSEA = { country: 'NO', legal_ground: 'Example Act, s 2' };
const AGENCY = { mandate: 'Example Act, s 1', oversight_body: 'Example Commissioner', night_desk: 'night' };
const COMMON = {
  legal_entity: { name: 'Example AS', registration_number: '123', country: 'NO' },
  agreement: { reference: 'A-1', sha256: 'a'.repeat(64), signed_on: '2026-01-31' },
  review_on: day(300),
  reason: 'for this test',
};

describe('admissions', () => {
  let rig: ConsoleRig;
  let sponsor: string;
  let admin: Actor;

  beforeAll(async () => {
    rig = await ConsoleRig.start();
    sponsor = await rig.admitOrganisation('agency');
    admin = await rig.admit('platform', ['admin']);
  });
  afterAll(() => rig.stop());

  const propose = (id: string, said: object, by = rig.operators[0]): Promise<Answered> =>
    rig.call(by, 'POST', `/v1/organisations/${id}/admission`, { ...COMMON, sponsor, ...said });
  const confirm = (id: string, by = rig.operators[1]): Promise<Answered> =>
    rig.call(by, 'POST', `/v1/proposals/${id}/confirmation`);
  const admit = async (id: string, said: object): Promise<void> => {
    const { body } = await propose(id, said);
    expect((await confirm(body.id)).status).toBe(200);
  };
  const organisation = (id: string) => rig.operate('GET', `/v1/organisations/${id}`);
  const revisionOf = async (subscription: string): Promise<number> =>
    (await rig.operate('GET', `/v1/subscriptions/${subscription}`)).revision;
  const subscribe = async (by: Actor): Promise<string> => {
    const given = { connector: 'kafka', channels: [await rig.openChannel()], settings: {} };
    return (await rig.call(by, 'POST', '/v1/subscriptions', given)).body.id;
  };
  const listed = async (id: string): Promise<object | undefined> => {
    const { admissions } = (await rig.operate('GET', '/v1/admissions?due=true')) as unknown as {
      admissions: { organisation_id: string }[];
    };
    return admissions.find(({ organisation_id }) => organisation_id === id);
  };

  it('are decided by two, the proposer never, and shown to the second with all that is said', async () => {
    const id = admin.organisationId;
    expect(await listed(id)).toMatchObject({ basis: 'none', standing: 'match-only', due: true, review_on: null });
    const { status, body } = await propose(id, { platform: { ...PLATFORM, csea_authority: CSEA } });
    expect([status, body.state]).toEqual([201, 'open']);
    expect(await rig.operate('GET', `/v1/proposals/${body.id}`)).toMatchObject({
      admission: { sponsor, platform: { appeals_url: PLATFORM.appeals_url, csea_authority: CSEA } },
    });
    expect((await confirm(body.id, rig.operators[0])).body.code).toBe('TOC_ACCESS_SECOND_PERSON');
    expect(await organisation(id)).toMatchObject({ receives_csea: false, notices_to: null });
    expect((await confirm(body.id)).status).toBe(200);
    expect(await listed(id)).toBeUndefined();
    expect(await organisation(id)).toMatchObject({
      ...{ receives_csea: true, notices_to: 'feeds@forum.example', standing: 'match-only' },
    });
    const own = await rig.call(admin, 'GET', `/v1/organisations/${id}/admission`);
    expect(own.body).toMatchObject({
      ...{ basis: 'decided', due: false, review_on: COMMON.review_on },
      ...{ proposed_by: rig.operators[0].personId, confirmed_by: rig.operators[1].personId },
      said: { legal_entity: COMMON.legal_entity, agreement: COMMON.agreement },
    });
    expect((await rig.auditOf(`organisation/${id}`)).map(({ action }) => action)).toEqual([
      'admit-organisation',
      'propose-admit',
      'confirm-admit',
    ]);
  });

  it('ask agencies for other things than platforms, and refuse what makes no sense', async () => {
    const desks = [{ id: 'night', name: 'Night desk' }];
    const agency = await rig.admitOrganisation('agency', { desks });
    const platform = await rig.admitOrganisation('platform');
    const refused: [string, object, number][] = [
      [agency, {}, 400],
      [agency, { platform: PLATFORM }, 400],
      [agency, { agency: { ...AGENCY, night_desk: 'none' } }, 400],
      [agency, { agency: { ...AGENCY, mandate: undefined } }, 400],
      [platform, { agency: AGENCY }, 400],
      [platform, { platform: { ...PLATFORM, terms_url: 'http://forum.example/' } }, 400],
      [platform, { platform: { ...PLATFORM, notices_to: 'two words@forum.example' } }, 400],
      [platform, { platform: { ...PLATFORM, csea_authority: { country: 'NO' } } }, 400],
      [platform, { platform: PLATFORM, sponsor: platform }, 400],
      [platform, { platform: PLATFORM, sponsor: randomUUID() }, 400],
      [platform, { platform: PLATFORM, sponsor: rig.operators[0].organisationId }, 400],
      [platform, { platform: PLATFORM, review_on: day(400) }, 400],
      [platform, { platform: PLATFORM, review_on: day(-1) }, 400],
      [platform, { platform: PLATFORM, review_on: '2026-02-30' }, 400],
      [platform, { platform: PLATFORM, agreement: { ...COMMON.agreement, signed_on: day(2) } }, 400],
      [platform, { platform: PLATFORM, agreement: { ...COMMON.agreement, sha256: 'A'.repeat(64) } }, 400],
      [platform, { platform: { ...PLATFORM, owner: 'a person' } }, 400],
      [randomUUID(), { platform: PLATFORM }, 404],
    ];
    for (const [id, said, status] of refused) expect([said, (await propose(id, said)).status]).toEqual([said, status]);
    const direct = { action: 'admit', subject: { organisation: platform }, reason: 'for this test' };
    expect((await rig.call(rig.operators[0], 'POST', '/v1/proposals', direct)).status).toBe(400);
    // For the first agency the operators vouch.
    await admit(agency, { agency: AGENCY, sponsor: rig.operators[0].organisationId });
    expect(await listed(agency)).toBeUndefined();
  });

  it('are due when their day has come, and cut nobody off by it', async () => {
    const id = await rig.admitOrganisation('platform');
    await admit(id, { platform: PLATFORM });
    const before = await rig.figure('tocsin_admissions_due');
    await rig.rows(`UPDATE directory.admission SET review_on = current_date WHERE organisation_id = $1`, [id]);
    expect(await listed(id)).toMatchObject({ basis: 'decided', due: true });
    expect(await rig.figure('tocsin_admissions_due')).toBe(before + 1);
    expect(await organisation(id)).toMatchObject({ state: 'active' });
    await admit(id, { platform: PLATFORM });
    expect(await rig.figure('tocsin_admissions_due')).toBe(before);
    expect(await rig.rows('SELECT 1 FROM directory.admission WHERE organisation_id = $1', [id])).toHaveLength(2);
  });

  it('begin with match-only; the full standing is decided by two after an admission, and delivers anew', async () => {
    const other = await rig.admit('platform', ['admin']);
    const { organisationId: id } = other;
    const subscription = await subscribe(other);
    expect(await organisation(id)).toMatchObject({ standing: 'match-only', receives_csea: false });
    const raise = {
      action: 'change-standing',
      subject: { organisation: id, standing: 'full' },
      reason: 'for this test',
    };
    expect((await rig.call(rig.operators[0], 'POST', '/v1/proposals', raise)).status).toBe(409);
    await admit(id, { platform: PLATFORM });
    expect(await revisionOf(subscription)).toBe(1);
    await rig.decide('change-standing', raise.subject);
    expect(await organisation(id)).toMatchObject({ standing: 'full' });
    expect(await revisionOf(subscription)).toBe(2);
    expect((await rig.call(rig.operators[0], 'POST', '/v1/proposals', raise)).status).toBe(409);
    await rig.decide('change-standing', { organisation: id, standing: 'match-only' });
    // A ground to be told of abuse material comes and goes with admissions, and delivers anew as well.
    await admit(id, { platform: { ...PLATFORM, csea_authority: CSEA } });
    expect([(await organisation(id)).receives_csea, await revisionOf(subscription)]).toEqual([true, 4]);
    await admit(id, { platform: PLATFORM });
    expect([(await organisation(id)).receives_csea, await revisionOf(subscription)]).toEqual([false, 5]);
  });

  it('a suspension is one operator’s, with a reason; two reinstate', async () => {
    const id = await rig.admitOrganisation('platform');
    const suspend = (more: object): Promise<Answered> =>
      rig.call(rig.operators[0], 'PATCH', `/v1/organisations/${id}`, { state: 'suspended', ...more });
    expect((await suspend({})).status).toBe(400);
    expect((await suspend({ reason: 'inquiry' })).body.state).toBe('suspended');
    const proposal = await rig.operate('POST', '/v1/proposals', {
      ...{ action: 'reinstate', subject: { organisation: id }, reason: 'cleared' },
    });
    expect((await confirm(proposal.id, rig.operators[0])).body.code).toBe('TOC_ACCESS_SECOND_PERSON');
    expect((await organisation(id)).state).toBe('suspended');
    expect((await confirm(proposal.id)).status).toBe(200);
    expect((await organisation(id)).state).toBe('active');
    const again = { action: 'reinstate', subject: { organisation: id }, reason: 'cleared' };
    expect((await rig.call(rig.operators[0], 'POST', '/v1/proposals', again)).status).toBe(409);
  });
});
