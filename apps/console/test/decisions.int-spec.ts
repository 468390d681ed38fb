import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConsoleRig, type Actor, type Answered, type Told } from './console-rig.js';
import type { Asked } from './peer-stand-in.js';

describe('decisions of two operators', () => {
  let rig: ConsoleRig;
  let one: Actor;
  let two: Actor;

  beforeAll(async () => {
    rig = await ConsoleRig.start();
    [one, two] = rig.operators;
  });
  afterAll(() => rig.stop());
  beforeEach(() => {
    rig.peers.asked.length = 0;
    rig.peers.answer = () => ({ status: 200, json: {} });
  });

  const propose = (action: string, subject: object, by = one): Promise<Answered> =>
    rig.call(by, 'POST', '/v1/proposals', { action, subject, reason: 'as agreed on the phone' });
  const confirm = (id: string, by = two): Promise<Answered> => rig.call(by, 'POST', `/v1/proposals/${id}/confirmation`);
  const stopsInForce = (): Promise<object[]> =>
    rig.rows('SELECT scope, subject FROM directory.stop WHERE lifted_at IS NULL');
  async function done(id: string): Promise<Told> {
    for (const deadline = Date.now() + 60_000; ; await sleep(50)) {
      const proposal = await rig.operate('GET', `/v1/proposals/${id}`);
      if (proposal.state === 'done') return proposal;
      if (Date.now() > deadline) throw new Error(`the proposal is still ${proposal.state}`);
    }
  }

  it('stop publishing at once, and lift the stop, each by two', async () => {
    const channel = await rig.openChannel();
    const { body: proposal } = await propose('stop', { scope: 'channel', id: channel });
    expect(await confirm(proposal.id, one)).toMatchObject({ status: 403, body: { code: 'TOC_ACCESS_SECOND_PERSON' } });
    expect(await stopsInForce()).toEqual([]);
    const { body } = await confirm(proposal.id);
    expect(body).toMatchObject({ state: 'done', proposed_by: one.personId, confirmed_by: two.personId });
    expect(await stopsInForce()).toEqual([{ scope: 'channel', subject: channel }]);
    expect((await confirm(proposal.id)).body.code).toBe('TOC_REQUEST_CONFLICT');

    const { body: lifting } = await propose('lift-stop', { stop: proposal.id }, two);
    const { body: twice } = await propose('lift-stop', { stop: proposal.id }, two);
    expect((await confirm(lifting.id, one)).body.state).toBe('done');
    expect(await stopsInForce()).toEqual([]);
    expect((await confirm(twice.id, one)).body.code).toBe('TOC_REQUEST_CONFLICT');
    expect((await propose('lift-stop', { stop: proposal.id })).status).toBe(409);
    expect(await rig.auditOf(`channel/${channel}`)).toMatchObject([
      { action: 'open-channel' },
      { action: 'propose-stop', actor: one.personId, reason: 'as agreed on the phone' },
      { action: 'confirm-stop', actor: two.personId },
    ]);
  });

  it('stop everything, or an agency that is there', async () => {
    expect((await propose('stop', { scope: 'agency', id: randomUUID() })).status).toBe(409);
    const agency = await rig.admitOrganisation('agency');
    for (const subject of [{ scope: 'everything' }, { scope: 'agency', id: agency }]) {
      await confirm((await propose('stop', subject)).body.id);
    }
    expect(await stopsInForce()).toEqual([
      { scope: 'everything', subject: null },
      { scope: 'agency', subject: agency },
    ]);
  });

  it('are confirmed once, however many confirm at the same moment', async () => {
    const { body } = await propose('stop', { scope: 'everything' });
    const answers = await Promise.all([1, 2, 3, 4].map(() => confirm(body.id)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    const rows = await rig.rows('SELECT 1 FROM directory.stop WHERE id = $1', [body.id]);
    expect(rows).toHaveLength(1);
  });

  it('record and end the permission of a third party to submit its list', async () => {
    const agency = await rig.admitOrganisation('agency');
    const subject = { agency, list: 'some-list', terms: 'agreement 12 of 2026' };
    const permissions = async (): Promise<unknown> =>
      (await rig.operate('GET', `/v1/organisations/${agency}`)).list_permissions;
    for (const wrong of [{ list: 'Some List' }, { terms: '' }, { terms: 'x'.repeat(401) }, { until: 'soon' }])
      expect((await propose('permit-list', { ...subject, ...wrong })).status).toBe(400);
    expect((await propose('permit-list', { ...subject, agency: randomUUID() })).status).toBe(409);
    expect((await propose('permit-list', { agency, list: 'some-list' })).status).toBe(400);

    const { body } = await propose('permit-list', subject);
    expect(await confirm(body.id, one)).toMatchObject({ status: 403 });
    expect(await permissions()).toEqual([]);
    expect((await confirm(body.id)).body).toMatchObject({ state: 'done', outcome: { list: 'some-list' } });
    expect(await permissions()).toEqual([{ list: 'some-list', terms: 'agreement 12 of 2026', until: null }]);
    const until = '2027-01-01T00:00:00Z';
    await confirm((await propose('permit-list', { ...subject, until })).body.id);
    expect(await permissions()).toEqual([{ list: 'some-list', terms: 'agreement 12 of 2026', until }]);

    const end = (reason = '?reason=it%20ended'): Promise<Answered> =>
      rig.call(one, 'DELETE', `/v1/organisations/${agency}/list-permissions/some-list${reason}`);
    expect((await end('')).status).toBe(400);
    expect(await end()).toMatchObject({ status: 200, body: { list_permissions: [] } });
    expect((await end()).status).toBe(404);
    expect(await rig.auditOf(`organisation/${agency}`)).toContainEqual(
      expect.objectContaining({ action: 'end-list-permission', actor: one.personId, reason: 'it ended' }),
    );
  });

  it('lapse after a week', async () => {
    const { body } = await propose('stop', { scope: 'everything' });
    await rig.rows(`UPDATE directory.proposal SET proposed_at = now() - interval '8 days' WHERE id = $1`, [body.id]);
    expect((await confirm(body.id)).body.code).toBe('TOC_REQUEST_CONFLICT');
    expect((await rig.operate('GET', `/v1/proposals/${body.id}`)).state).toBe('lapsed');
    const open = await rig.operate('GET', '/v1/proposals?open=true');
    expect(open.proposals.map(({ id }: { id: string }) => id)).not.toContain(body.id);
  });

  it('have intake purge, and go on asking while it does not answer', async () => {
    const submission = randomUUID();
    const { body } = await propose('purge', { submission });
    let tries = 0;
    rig.peers.answer = () => {
      tries += 1;
      if (tries === 1) return undefined;
      return tries === 2 ? { status: 500, json: { code: 'TOC_FAULT' } } : { status: 200, json: {} };
    };
    expect((await confirm(body.id)).body).toMatchObject({ state: 'confirmed', done_at: null });
    expect(await done(body.id)).toMatchObject({ outcome: { result: 'done' } });
    // Intake destroys bytes and key, then the normaliser what it keeps in words.
    expect(tries).toBe(4);
    expect(rig.peers.asked.at(-1)).toMatchObject({
      service: 'normaliser',
      path: `/internal/submissions/${submission}/purge`,
    });
    const asked = rig.peers.asked.at(-2);
    expect(asked).toMatchObject({
      service: 'intake',
      method: 'POST',
      path: `/internal/submissions/${submission}/purge`,
      principal: { personId: two.personId, organisationKind: 'operator', roles: ['operator'] },
      json: {
        proposal_id: body.id,
        proposed_by: one.personId,
        confirmed_by: two.personId,
        reason: 'as agreed on the phone',
      },
    });
    expect(await rig.auditOf(`submission/${submission}`)).toMatchObject([
      { action: 'propose-purge' },
      { action: 'confirm-purge' },
      { action: 'carry-out-purge', actor: 'service:console' },
    ]);
  });

  it('keep a refusal as the outcome, and keep no other waiting', async () => {
    const channel = await rig.openChannel();
    const advisory = randomUUID();
    rig.peers.answer = ({ service, path }: Asked) => {
      if (service === 'normaliser')
        return { status: 409, json: { code: 'TOC_REQUEST_CONFLICT', detail: 'a rebuild is under way' } };
      return {
        status: 202,
        json: path.includes('/retractions') ? { submission_id: 'the-submission', more: 'left out' } : {},
      };
    };
    const rebuild = (await propose('rebuild', { channel })).body.id;
    const retract = (await propose('retract', { advisory, reason: 'wrong-person' })).body.id;
    await Promise.all([confirm(rebuild), confirm(retract)]);
    expect((await done(rebuild)).outcome).toEqual({
      result: 'refused',
      code: 'TOC_REQUEST_CONFLICT',
      detail: 'a rebuild is under way',
    });
    expect((await done(retract)).outcome).toEqual({ result: 'done', submission_id: 'the-submission' });
    expect(rig.peers.asked.find(({ service }) => service === 'intake')).toMatchObject({
      path: `/internal/advisories/${advisory}/retractions`,
      json: { proposal_id: retract, retraction: { reason: 'wrong-person' } },
    });
    expect(rig.peers.asked.find(({ service }) => service === 'normaliser')?.json).toMatchObject({
      channel,
      proposal_id: rebuild,
    });
  });
});

describe('what other services decide', () => {
  let rig: ConsoleRig;
  let approver: Actor;

  beforeAll(async () => {
    rig = await ConsoleRig.start();
    approver = await rig.admit('agency', ['approver']);
  });
  afterAll(() => rig.stop());

  it('holds are asked for in the name of the person, and answered in the words of the normaliser', async () => {
    const id = randomUUID();
    rig.peers.answer = ({ method }) =>
      method === 'GET'
        ? { status: 200, json: { holds: [{ id }], more: false } }
        : { status: 403, json: { code: 'TOC_ACCESS_SECOND_PERSON', detail: 'somebody else has to do this' } };
    expect((await rig.call(approver, 'GET', `/v1/holds?after=${id}`)).body).toEqual({ holds: [{ id }], more: false });
    expect(rig.peers.asked.at(-1)).toMatchObject({
      service: 'normaliser',
      path: `/internal/holds?state=open&after=${id}`,
      principal: { personId: approver.personId, organisationId: approver.organisationId },
    });
    expect((await rig.call(approver, 'POST', `/v1/holds/${id}/release`, {})).status).toBe(400);
    const refused = await rig.call(approver, 'POST', `/v1/holds/${id}/release`, { reason: 'looked at it' });
    expect(refused).toMatchObject({ status: 403, body: { code: 'TOC_ACCESS_SECOND_PERSON' } });
    expect(rig.peers.asked.at(-1)).toMatchObject({
      path: `/internal/holds/${id}/release`,
      json: { reason: 'looked at it' },
    });
  });

  it('dead letters are gathered from every service, and one that is silent hides only its own', async () => {
    rig.peers.answer = ({ service }) =>
      service === 'delivery'
        ? undefined
        : { status: 200, json: { dead_letters: [{ id: 'a', code: 'TOC_EVENT_MALFORMED' }] } };
    expect(await rig.operate('GET', '/v1/dead-letters')).toEqual({
      dead_letters: [{ id: 'a', code: 'TOC_EVENT_MALFORMED', service: 'normaliser' }],
      unavailable: ['delivery'],
    });
    const id = randomUUID();
    rig.peers.answer = ({ service }) =>
      service === 'delivery'
        ? { status: 200, json: { id } }
        : { status: 404, json: { code: 'TOC_ACCESS_NOT_FOUND', detail: '' } };
    expect(await rig.operate('POST', `/v1/dead-letters/${id}/replay`)).toEqual({ id, service: 'delivery' });
    rig.peers.answer = () => ({ status: 404, json: { code: 'TOC_ACCESS_NOT_FOUND', detail: '' } });
    expect((await rig.call(rig.operators[0], 'GET', `/v1/dead-letters/${id}`)).status).toBe(404);
  });
});
