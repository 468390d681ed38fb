import { uniqueName } from '#libs/testing';
import { anyText, textLike, ConsoleRig } from './console-rig.js';

const DEFAULTS = {
  nature: 'information',
  legal_basis: 'Police Act § 2',
  tlp: 'green',
  contact_desk: 'duty',
  valid_for: 30,
};
const DESKS = [{ id: 'duty', name: 'Duty desk', email: 'duty@agency.example' }];

describe('the directory', () => {
  let rig: ConsoleRig;

  beforeAll(async () => {
    rig = await ConsoleRig.start();
  });
  afterAll(() => rig.stop());

  const post = (path: string, json: unknown) => rig.call(rig.operators[0], 'POST', path, json);
  const patch = (path: string, json: unknown) => rig.call(rig.operators[0], 'PATCH', path, json);

  describe('organisations', () => {
    it('are admitted with desks, standing defaults and default channels', async () => {
      const channel = await rig.openChannel();
      const given = {
        kind: 'agency',
        name: uniqueName('agency'),
        country: 'NO',
        desks: DESKS,
        defaults: DEFAULTS,
        default_channels: [channel],
      };
      const { status, body } = await post('/v1/organisations', given);
      expect([status, body]).toEqual([
        201,
        {
          id: anyText,
          platform_kind: null,
          state: 'active',
          signals_a_day: null,
          review_one_in: 0,
          licences: [],
          corporate_group: null,
          list_permissions: [],
          standing: null,
          receives_csea: false,
          notices_to: null,
          ...given,
        },
      ]);
      expect(await rig.operate('GET', `/v1/organisations/${body.id}`)).toEqual(body);
      expect((await post('/v1/organisations', given)).body.code).toBe('TOC_REQUEST_CONFLICT');
      expect(await rig.auditOf(`organisation/${body.id}`)).toMatchObject([
        { action: 'admit-organisation', actor: rig.operators[0].personId },
      ]);
    });

    it.each([
      [{ kind: 'platform', name: 'x', country: 'NO' }, 400],
      [{ kind: 'agency', name: 'x', country: 'NO', platform_kind: 'video' }, 400],
      [{ kind: 'platform', name: 'x', country: 'NO', platform_kind: 'video', defaults: {} }, 400],
      [{ kind: 'operator', name: 'x', country: 'NO' }, 400],
      [{ kind: 'agency', name: 'x', country: 'no' }, 400],
      [{ kind: 'agency', name: 'two\nlines', country: 'NO' }, 400],
      [{ kind: 'agency', name: 'x\0', country: 'NO' }, 400],
      [{ kind: 'agency', name: 'x', country: 'NO', colour: 'blue' }, 400],
      [{ kind: 'agency', name: 'x', country: 'NO', desks: null }, 400],
      [{ kind: 'agency', name: 'x', country: 'NO', desks: [...DESKS, ...DESKS] }, 400],
      [{ kind: 'agency', name: 'x', country: 'NO', defaults: { nature: 'referral' } }, 400],
      [{ kind: 'agency', name: 'x', country: 'NO', defaults: { nature: 'order-notice', legal_basis: 'Order 7' } }, 400],
      [{ kind: 'agency', name: 'x', country: 'NO', defaults: { legal_basis: 'Order 7' } }, 400],
      [{ kind: 'agency', name: 'x', country: 'NO', defaults: { nature: 'information', legal_basis: '\ud800' } }, 400],
      [{ kind: 'agency', name: 'x', country: 'NO', default_channels: ['no-such-channel'] }, 422],
      [[], 400],
      ['text', 400],
    ])('are refused when they do not make sense: %j', async (given, status) => {
      const answer = await post('/v1/organisations', given);
      expect(answer.status).toBe(status);
      expect(await rig.rows(`SELECT 1 FROM directory.organisation WHERE name = 'x'`)).toEqual([]);
    });

    it('change by one audit row each, and their state with a reason only', async () => {
      const id = await rig.admitOrganisation('agency', { desks: DESKS, defaults: DEFAULTS });
      expect((await patch(`/v1/organisations/${id}`, { desks: [] })).status).toBe(400);
      expect((await patch(`/v1/organisations/${id}`, { state: 'suspended' })).status).toBe(400);
      expect((await patch(`/v1/organisations/${id}`, { state: 'suspended', reason: 'inquiry' })).body.state).toBe(
        'suspended',
      );
      const alone = await patch(`/v1/organisations/${id}`, { state: 'active', reason: 'cleared' });
      expect([alone.status, alone.body.code]).toEqual([403, 'TOC_ACCESS_SECOND_PERSON']);
      await rig.decide('reinstate', { organisation: id });
      expect((await patch(`/v1/organisations/${id}`, { defaults: { tlp: 'amber' }, desks: [] })).body.defaults).toEqual(
        { tlp: 'amber' },
      );
      expect((await patch(`/v1/organisations/${id}`, { state: 'left', reason: 'dissolved' })).status).toBe(400);
      await rig.decide('release-organisation', { organisation: id });
      expect((await rig.operate('GET', `/v1/organisations/${id}`)).state).toBe('left');
      expect((await patch(`/v1/organisations/${id}`, { state: 'active', reason: 'back' })).status).toBe(409);
      const rows = await rig.auditOf(`organisation/${id}`);
      expect(rows.map(({ action, reason }) => [action, reason])).toEqual([
        ['admit-organisation', null],
        ['suspend-organisation', 'inquiry'],
        ['propose-reinstate', 'for this test'],
        ['confirm-reinstate', 'for this test'],
        ['change-organisation', null],
        ['propose-release-organisation', 'for this test'],
        ['confirm-release-organisation', 'for this test'],
      ]);
      expect(JSON.parse(rows[4]?.detail ?? '')).toEqual({ changed: ['desks', 'defaults'] });
    });

    it('of the operators are out of reach', async () => {
      const { organisationId } = rig.operators[0];
      const answer = await post('/v1/proposals', {
        action: 'release-organisation',
        subject: { organisation: organisationId },
        reason: 'sabotage',
      });
      expect(answer).toMatchObject({ status: 403, body: { code: 'TOC_ACCESS_FORBIDDEN' } });
    });

    it('have people whose roles fit, each name once', async () => {
      const platform = await rig.admitOrganisation('platform');
      const admit = (name: string, ...roles: string[]) => post(`/v1/organisations/${platform}/people`, { name, roles });
      expect((await admit('a', 'admin')).status).toBe(201);
      expect((await admit('a', 'admin')).body.code).toBe('TOC_REQUEST_CONFLICT');
      expect((await admit('b', 'officer')).status).toBe(400);
      expect((await admit('b')).status).toBe(400);
      expect((await admit('b', 'operator')).status).toBe(400);
    });
  });

  describe('channels', () => {
    it('never change their rule, and their id is used once', async () => {
      const id = await rig.openChannel({ countries: ['NO'] });
      expect((await post('/v1/channels', { id, title: 'again', audience: {}, highest_tlp: 'red' })).status).toBe(409);
      for (const method of ['PATCH', 'PUT'] as const) {
        expect((await rig.call(rig.operators[0], method, `/v1/channels/${id}`, { audience: {} })).status).toBe(404);
      }
      await rig.decide('close-channel', { channel: id });
      const again = { action: 'close-channel', subject: { channel: id }, reason: 'replaced' };
      expect((await post('/v1/proposals', again)).status).toBe(409);
      expect((await rig.auditOf(`channel/${id}`)).map(({ action }) => action)).toEqual([
        'open-channel',
        'propose-close-channel',
        'confirm-close-channel',
      ]);
      expect((await post('/v1/channels', { id, title: 'again', audience: {}, highest_tlp: 'red' })).status).toBe(409);
    });

    it.each([
      { audience: { countries: ['Norway'] } },
      { audience: { countries: [] } },
      { audience: { members: ['0198c0de-0000-7000-8000-00000000000a'] } },
      { audience: { everybody: true } },
      { highest_tlp: 'white' },
      { priority: 'urgent' },
      { id: 'Upper' },
      { id: 'x/../y' },
    ])('are refused when they do not make sense: %j', async (more) => {
      const given = { id: uniqueName('channel'), title: 'x', audience: {}, highest_tlp: 'clear', ...more };
      expect((await post('/v1/channels', given)).status).toBe(400);
    });

    it('are shown to a platform when they admit it, without the rule; to an agency with rule and reach', async () => {
      const [inside, outside] = [
        await rig.admit('platform', ['admin']),
        await rig.admit('platform', ['admin'], { country: 'SE' }),
      ];
      const officer = await rig.admit('agency', ['officer']);
      const audience = { members: [inside.organisationId], countries: ['NO'] };
      const id = await rig.openChannel(audience, { priority: 'emergency', drill: true });
      await rig.call(inside, 'POST', '/v1/subscriptions', { connector: 'kafka', channels: [id], settings: {} });
      const listed = async (by: typeof inside) =>
        (await rig.call(by, 'GET', '/v1/channels')).body.channels.find((channel: { id: string }) => channel.id === id);
      const shown = {
        id,
        title: `Channel ${id}`,
        highest_tlp: 'amber',
        priority: 'emergency',
        drill: true,
        state: 'open',
      };
      expect(await listed(inside)).toEqual(shown);
      expect(await listed(outside)).toBeUndefined();
      expect(await listed(officer)).toEqual({ ...shown, audience, platforms: { admitted: 1, subscribed: 1 } });
      await rig.operate('PATCH', `/v1/organisations/${inside.organisationId}`, {
        state: 'suspended',
        reason: 'inquiry',
      });
      expect(await listed(officer)).toMatchObject({ platforms: { admitted: 0, subscribed: 0 } });
    });
  });

  describe('protected lists', () => {
    it('begin with those that are committed', async () => {
      const { protected_lists } = await rig.operate('GET', '/v1/protected-lists');
      expect(protected_lists).toMatchObject([
        { id: 'benign-digests', judges: 'digest', version: 1, size: 8 },
        { id: 'emergency-services', judges: 'any-hit', version: 1 },
        { id: 'encyclopaedias', judges: 'any-hit', version: 1 },
        { id: 'link-shorteners', judges: 'any-hit', version: 1 },
        { id: 'news-and-archives', judges: 'any-hit', version: 1 },
        { id: 'popular-hosts', judges: 'whole-host', version: 1 },
      ]);
    });

    it('are replaced as a whole, by version', async () => {
      const id = uniqueName('list');
      const put = (query: string, json: unknown) =>
        rig.call(rig.operators[0], 'PUT', `/v1/protected-lists/${id}?${query}`, json);
      const misp = { name: 'Sites', type: 'hostname', list: ['b.example', 'A.example'], version: 3 };
      expect((await put('judges=any-hit', misp)).status).toBe(400);
      expect((await put('reason=from+MISP', misp)).status).toBe(400);
      expect((await put('reason=from+MISP&judges=any-hit&replaces_version=0', misp)).body).toEqual({
        id,
        title: 'Sites',
        judges: 'any-hit',
        version: 1,
        size: 2,
      });
      const own = { title: 'Sites', judges: 'any-hit', entries: ['a.example', 'b.example', 'c.example'] };
      const answers = await Promise.all([1, 2, 3].map(() => put('reason=own+form&replaces_version=1', own)));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
      expect(await rig.operate('GET', `/v1/protected-lists/${id}`)).toEqual({ id, version: 2, size: 3, ...own });
      expect((await rig.auditOf(`protected-list/${id}`)).map(({ reason }) => reason)).toEqual([
        'from MISP',
        'own form',
      ]);
    });

    it('protect less only when two operators say so', async () => {
      const [one, two] = rig.operators;
      const list = uniqueName('list');
      const path = `/v1/protected-lists/${list}`;
      const content = (...entries: string[]) => ({ title: 'Sites', judges: 'any-hit', entries });
      const put = (json: object) => rig.call(one, 'PUT', `${path}?reason=by+one`, json);
      const propose = (json: object, reason = 'gone from the web') =>
        rig.call(one, 'POST', '/v1/proposals', {
          action: 'replace-protected-list',
          subject: { list },
          content: json,
          reason,
        });
      const confirm = (id: string, by = two) => rig.call(by, 'POST', `/v1/proposals/${id}/confirmation`);
      expect((await put(content('a.example', 'b.example'))).status).toBe(200);
      expect((await put(content('a.example', 'b.example', 'c.example'))).status).toBe(200);
      const narrower = [
        content('a.example', 'b.example'),
        { ...content('a.example', 'b.example', 'c.example'), judges: 'whole-host' },
      ];
      for (const less of narrower) {
        expect(await put(less)).toMatchObject({ status: 403, body: { code: 'TOC_ACCESS_SECOND_PERSON' } });
      }
      const { body: proposal } = await propose(content('d.example', 'a.example', 'b.example'));
      expect(proposal).toMatchObject({
        state: 'open',
        subject: { list, judges: 'any-hit', replaces_version: '2', added: '1', removed: '1' },
      });
      const { list_change } = await rig.operate('GET', `/v1/proposals/${proposal.id}`);
      expect(list_change).toEqual({ title: 'Sites', judges: 'any-hit', added: ['d.example'], removed: ['c.example'] });
      expect((await rig.operate('GET', path)).version).toBe(2);
      expect((await confirm(proposal.id, one)).body.code).toBe('TOC_ACCESS_SECOND_PERSON');
      expect((await confirm(proposal.id)).body).toMatchObject({ state: 'done', outcome: { version: 3, size: 3 } });
      expect(await rig.operate('GET', path)).toMatchObject({
        version: 3,
        entries: ['a.example', 'b.example', 'd.example'],
      });
      expect((await rig.auditOf(`protected-list/${list}`)).slice(-2)).toMatchObject([
        { action: 'propose-replace-protected-list', actor: one.personId },
        { action: 'confirm-replace-protected-list', actor: two.personId, reason: 'gone from the web' },
      ]);
      // What was put in force is kept by the list; the proposal does not keep it again.
      expect((await rig.operate('GET', `/v1/proposals/${proposal.id}`)).list_change).toBeUndefined();
      const kept = await rig.rows('SELECT 1 FROM directory.proposal WHERE id = $1 AND content IS NOT NULL', [
        proposal.id,
      ]);
      expect(kept).toEqual([]);
    });

    it('are not replaced by a decision about an older version', async () => {
      const [one, two] = rig.operators;
      const list = uniqueName('list');
      const content = (...entries: string[]) => ({ title: 'Sites', judges: 'any-hit', entries });
      const path = `/v1/protected-lists/${list}?reason=by+one`;
      await rig.operate('PUT', path, content('a.example', 'b.example'));
      const { id } = await rig.operate('POST', '/v1/proposals', {
        action: 'replace-protected-list',
        subject: { list },
        content: content('a.example'),
        reason: 'not ours',
      });
      await rig.operate('PUT', path, content('a.example', 'b.example', 'c.example'));
      expect((await rig.call(two, 'POST', `/v1/proposals/${id}/confirmation`)).body.code).toBe('TOC_REQUEST_CONFLICT');
      expect((await rig.operate('GET', `/v1/proposals/${id}`)).state).toBe('open');
      expect(await rig.operate('GET', `/v1/protected-lists/${list}`)).toMatchObject({ version: 2, size: 3 });
      const strange = {
        action: 'stop',
        subject: { scope: 'everything' },
        content: content('a.example'),
        reason: 'mixed up',
      };
      expect((await rig.call(one, 'POST', '/v1/proposals', strange)).status).toBe(400);
      const empty = { action: 'replace-protected-list', subject: { list }, reason: 'nothing given' };
      expect((await rig.call(one, 'POST', '/v1/proposals', empty)).status).toBe(400);
    });
  });

  it('tells what was done, by subject and page by page', async () => {
    const id = await rig.openChannel();
    await rig.decide('close-channel', { channel: id });
    const { rows } = await rig.operate('GET', `/v1/audit?subject=channel/${id}`);
    expect(rows).toMatchObject([
      {
        action: 'confirm-close-channel',
        reason: 'for this test',
        actor: rig.operators[1].personId,
        commitment: textLike(/^[0-9a-f]{64}$/),
      },
      { action: 'propose-close-channel', actor: rig.operators[0].personId },
      { action: 'open-channel', detail: { audience: {}, highestTlp: 'amber' } },
    ]);
    const newest = rows[0]?.id;
    const page = await rig.operate('GET', `/v1/audit?before=${newest}&limit=1`);
    expect(page.rows).toHaveLength(1);
    expect(Number(page.rows[0]?.id)).toBeLessThan(Number(newest));
    expect((await rig.call(rig.operators[0], 'GET', '/v1/audit?limit=0')).status).toBe(400);
  });

  it('cannot be rewritten by the console itself where it tells what was done', async () => {
    const [privileges] = await rig.rows(`
      SELECT has_table_privilege('tocsin_console', 'directory.audit', 'INSERT') AS add,
        has_table_privilege('tocsin_console', 'directory.audit', 'UPDATE, DELETE, TRUNCATE') AS rewrite`);
    expect(privileges).toEqual({ add: true, rewrite: false });
  });

  it.each([
    ['/v1/channels/%00', 'GET'],
    ['/v1/organisations/not-an-id', 'GET'],
    ['/v1/keys/%F0%9F%92%A9/revocation', 'POST'],
    ['/v1/audit?subject=%00', 'GET'],
    ['/v1/audit?subject=a&subject=b', 'GET'],
    ['/v1/proposals?open=perhaps', 'GET'],
  ] as const)('answers %s with a clear problem', async (path, method) => {
    const { status, body } = await rig.call(
      rig.operators[0],
      method,
      path,
      method === 'POST' ? { reason: 'because' } : undefined,
    );
    expect([400, 404]).toContain(status);
    expect(body.code).toMatch(/^TOC_(REQUEST|ACCESS)_/);
  });
});
