import { KeyRing } from '#libs/access';
import { openSecrets } from '../src/subscribe/endpoint-secrets.js';
import { anyText, textLike, ConsoleRig, type Actor, type Answered } from './console-rig.js';
import { WebhookReceiver } from './webhook-receiver.js';

describe('subscriptions', () => {
  let rig: ConsoleRig;
  let receiver: WebhookReceiver;
  let admin: Actor;
  let channel: string;

  beforeAll(async () => {
    rig = await ConsoleRig.start();
    receiver = await WebhookReceiver.start();
    admin = await rig.admit('platform', ['admin']);
    channel = await rig.openChannel({ countries: ['NO'] });
  });
  afterAll(async () => {
    await rig.stop();
    await receiver.stop();
  });
  beforeEach(() => {
    receiver.mood = 'willing';
    rig.peers.answer = () => ({ status: 200, json: {} });
  });

  const subscribe = (more: object = {}, by = admin): Promise<Answered> =>
    rig.call(by, 'POST', '/v1/subscriptions', {
      connector: 'webhook',
      channels: [channel],
      settings: { url: receiver.url, signature: 'hmac' },
      ...more,
    });
  const stored = async (id: string) => {
    const sql = 'SELECT sealed_secrets FROM directory.subscription WHERE id = $1';
    const [row] = await rig.rows<{ sealed_secrets: Buffer }>(sql, [id]);
    if (!row) throw new Error('there is no such subscription');
    const secrets = openSecrets(KeyRing.open(rig.keysDir, 'endpoint-secrets'), id, row.sealed_secrets);
    return { row, secrets };
  };

  it('begin with a challenge, hand the secret over once and keep it sealed', async () => {
    const { status, body, headers } = await subscribe({ filter: { types: ['url', 'sha256'] } });
    expect(status).toBe(201);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(receiver.challenges).toHaveLength(1);
    expect(body).toMatchObject({
      platform_id: admin.organisationId,
      revision: 1,
      state: 'active',
      filter: { types: ['sha256', 'url'] },
    });
    expect(body.hand_over).toMatchObject({
      signing_secret: textLike(/^whsec_/),
      public_keys: [anyText],
    });
    const read = await rig.call(admin, 'GET', `/v1/subscriptions/${body.id}`);
    expect(read.body.settings).toMatchObject({ url: receiver.url });
    expect(JSON.stringify(read.body)).not.toContain('whsec_');
    expect((await rig.operate('GET', `/v1/subscriptions/${body.id}`)).settings).toBeUndefined();
    const { row, secrets } = await stored(body.id);
    expect(secrets.current).toBe(body.hand_over.signing_secret);
    expect(row.sealed_secrets.includes(Buffer.from('whsec_'))).toBe(false);
    expect(await rig.auditOf(`subscription/${body.id}`)).toMatchObject([
      { action: 'subscribe', actor: admin.personId },
    ]);
  });

  it('are not kept when the receiver does not prove itself, or may not be reached', async () => {
    const count = () => rig.rows('SELECT count(*) FROM directory.subscription');
    const before = await count();
    receiver.mood = 'unwilling';
    expect((await subscribe()).body.code).toBe('TOC_CONNECTOR_CHALLENGE');
    receiver.mood = 'forgetful';
    expect((await subscribe()).body.code).toBe('TOC_CONNECTOR_CHALLENGE');
    for (const url of ['http://10.0.0.1/hook', 'https://169.254.169.254/latest/', 'http://[::1]:80/']) {
      expect((await subscribe({ settings: { url } })).body.code).toBe('TOC_CONNECTOR_EGRESS');
    }
    expect((await subscribe({ settings: { url: 'ftp://x.example/' } })).body.code).toBe('TOC_CONNECTOR_SETTINGS');
    expect((await subscribe({ connector: 'pigeon' })).status).toBe(400);
    expect(await count()).toEqual(before);
  });

  it('take only open channels that admit the platform, and tell no other from none', async () => {
    const foreign = await rig.openChannel({ countries: ['SE'] });
    const closed = await rig.openChannel();
    await rig.decide('close-channel', { channel: closed });
    const answers = [];
    for (const id of [foreign, closed, 'no-such-channel']) {
      const { status, body } = await subscribe({ channels: [channel, id] });
      expect([status, body.code, body.channels]).toEqual([422, 'TOC_CHANNEL_UNKNOWN', [id]]);
      answers.push(body.detail);
    }
    expect(new Set(answers).size).toBe(1);
    expect(receiver.challenges.length).toBeLessThan(10);
  });

  it('cannot be begun and left without end', async () => {
    const restless = await rig.admit('platform', ['admin']);
    await rig.rows(
      `INSERT INTO directory.subscription (id, platform_id, connector, channels, settings, sealed_secrets, state, leave_policy)
       SELECT gen_random_uuid(), $1, 'webhook', '{}', '{}', '', 'left', 'delete-all' FROM generate_series(1, 100)`,
      [restless.organisationId],
    );
    const given = { connector: 'kafka', channels: [channel], settings: {} };
    const { status, body } = await rig.call(restless, 'POST', '/v1/subscriptions', given);
    expect([status, body.code]).toEqual([409, 'TOC_REQUEST_CONFLICT']);
    await rig.rows(
      `UPDATE directory.subscription SET created_at = now() - interval '25 hours' WHERE platform_id = $1`,
      [restless.organisationId],
    );
    expect((await rig.call(restless, 'POST', '/v1/subscriptions', given)).status).toBe(201);
  });

  it('change by revision, and by nothing when nothing changes', async () => {
    const { id, revision } = (await subscribe()).body;
    const second = await rig.openChannel();
    const change = (changes: object) => rig.call(admin, 'PATCH', `/v1/subscriptions/${id}`, changes);
    expect((await change({ channels: [channel, second] })).body).toMatchObject({
      revision: revision + 1,
      channels: [channel, second],
    });
    expect((await change({ channels: [second, channel] })).body.revision).toBe(revision + 1);
    expect((await change({ filter: { harms: ['csea'], ceilings: ['limit', 'block'] } })).body.revision).toBe(
      revision + 2,
    );
    expect((await change({ filter: { ceilings: ['block', 'limit'], harms: ['csea'] } })).body.revision).toBe(
      revision + 2,
    );
    expect((await change({ channels: [second, 'no-such-channel'] })).body.code).toBe('TOC_CHANNEL_UNKNOWN');
    expect((await change({ channels: [] })).status).toBe(400);
    expect((await change({ connector: 'kafka' })).status).toBe(400);
    expect((await change({ filter: { types: ['smell'] } })).status).toBe(400);
    const rows = await rig.auditOf(`subscription/${id}`);
    expect(rows.map(({ action }) => action)).toEqual(['subscribe', 'change-subscription', 'change-subscription']);
  });

  it('pause and resume, which delivery is told and may be told again', async () => {
    const { id } = (await subscribe()).body;
    expect((await rig.call(admin, 'POST', `/v1/subscriptions/${id}/pause`, { reason: 'maintenance' })).body.state).toBe(
      'paused',
    );
    rig.peers.answer = () => undefined;
    const unheard = await rig.call(admin, 'POST', `/v1/subscriptions/${id}/resume`);
    expect(unheard).toMatchObject({ status: 503, body: { code: 'TOC_PEER_UNAVAILABLE', retryable: true } });
    rig.peers.answer = () => ({ status: 200, json: {} });
    const heard = await rig.call(admin, 'POST', `/v1/subscriptions/${id}/resume`);
    expect(heard).toMatchObject({ status: 200, body: { state: 'active' } });
    expect(rig.peers.asked.at(-1)).toMatchObject({
      service: 'delivery',
      path: `/internal/subscriptions/${id}/resume`,
      principal: { personId: admin.personId },
    });
    const rows = await rig.auditOf(`subscription/${id}`);
    expect(rows.map(({ action }) => action)).toEqual(['subscribe', 'pause-subscription', 'resume-subscription']);
  });

  it('get new secrets beside the old ones, shown once', async () => {
    const { id, hand_over } = (await subscribe()).body;
    const { status, body } = await rig.call(admin, 'POST', `/v1/subscriptions/${id}/secrets`, { overlap_hours: 24 });
    expect(status).toBe(201);
    expect(body.hand_over.signing_secret).not.toBe(hand_over.signing_secret);
    const { secrets } = await stored(id);
    expect(secrets).toMatchObject({ current: body.hand_over.signing_secret, previous: hand_over.signing_secret });
    expect(Date.parse(secrets.previous_until ?? '') - Date.now()).toBeGreaterThan(23 * 3_600_000);
    const signedByUs = (await subscribe({ settings: { url: receiver.url } })).body.id;
    expect(
      (await rig.call(admin, 'POST', `/v1/subscriptions/${signedByUs}/secrets`, { overlap_hours: 1 })).status,
    ).toBe(409);
  });

  it('secrets sealed for one subscription open for no other', async () => {
    const [one, other] = [(await subscribe()).body.id, (await subscribe()).body.id];
    const { row } = await stored(one);
    expect(() => openSecrets(KeyRing.open(rig.keysDir, 'endpoint-secrets'), other, row.sealed_secrets)).toThrow(
      /cannot be opened/,
    );
  });

  it('end for good, saying what becomes of what was received', async () => {
    const { id, revision } = (await subscribe()).body;
    const depart = (json: object) => rig.call(admin, 'POST', `/v1/subscriptions/${id}/departure`, json);
    expect((await depart({ policy: 'delete-all' })).status).toBe(400);
    const departed = await depart({ policy: 'keep-until-expiry', reason: 'service closed' });
    expect(departed.body).toMatchObject({
      ...{ state: 'left', leave_policy: 'keep-until-expiry', revision: revision + 1 },
    });
    // What comes under the next subscription beats what was said under any before it.
    expect((await subscribe()).body.revision).toBe(revision + 2);
    expect((await depart({ policy: 'delete-all', reason: 'once more' })).body.code).toBe('TOC_REQUEST_CONFLICT');
    expect((await rig.call(admin, 'PATCH', `/v1/subscriptions/${id}`, { filter: {} })).status).toBe(409);
    expect((await rig.call(admin, 'POST', `/v1/subscriptions/${id}/resume`)).status).toBe(409);
    expect((await rig.auditOf(`subscription/${id}`)).at(-1)).toMatchObject({
      action: 'end-subscription',
      reason: 'service closed',
    });
  });

  it('tell how far delivery has come, of this subscription alone', async () => {
    const { id } = (await subscribe()).body;
    rig.peers.answer = () => ({
      status: 200,
      json: [
        { subscription_id: id, lag: 3 },
        { subscription_id: 'another', lag: 9 },
      ],
    });
    const { body } = await rig.call(admin, 'GET', `/v1/subscriptions/${id}/status`);
    expect(body).toEqual([{ subscription_id: id, lag: 3 }]);
    expect(rig.peers.asked.at(-1)?.path).toBe(`/internal/subscriptions/status?platform=${admin.organisationId}`);
  });

  it('of a suspended platform can be neither made nor changed, and it leaves with all of them', async () => {
    const other = await rig.admit('platform', ['admin']);
    const { id, revision } = (await subscribe({}, other)).body;
    await rig.operate('PATCH', `/v1/organisations/${other.organisationId}`, { state: 'suspended', reason: 'inquiry' });
    expect((await subscribe({}, other)).body.code).toBe('TOC_REQUEST_CONFLICT');
    expect((await rig.call(other, 'PATCH', `/v1/subscriptions/${id}`, { filter: { types: ['url'] } })).status).toBe(
      409,
    );
    const subject = { organisation: other.organisationId };
    const withoutPolicy = { action: 'release-organisation', subject, reason: 'contract ended' };
    expect((await rig.call(rig.operators[0], 'POST', '/v1/proposals', withoutPolicy)).status).toBe(400);
    await rig.decide('release-organisation', { ...subject, leave_policy: 'delete-all' });
    expect(await rig.operate('GET', `/v1/subscriptions/${id}`)).toMatchObject({
      state: 'left',
      leave_policy: 'delete-all',
      revision: revision + 1,
    });
    const detail: unknown = JSON.parse(
      (await rig.auditOf(`organisation/${other.organisationId}`)).at(-1)?.detail ?? '{}',
    );
    expect(detail).toMatchObject({ from: 'suspended', to: 'left', subscriptions_ended: 1, keys_ended: 1 });
  });
});
