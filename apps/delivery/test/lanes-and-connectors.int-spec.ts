import { randomUUID } from 'node:crypto';
import { InternalSigner, type InternalIssuer } from '#libs/access';
import { platformTopic, platformTopicPlan } from '#libs/events';
import type { RunningService } from '#libs/runtime';
import { startKafkaReceiver } from '../../../tools/receivers/kafka-receiver.js';
import { liveRow, rowIds, withdrawnRow } from '#libs/testing';
import { Exchange, eventually } from './exchange.js';

let exchange: Exchange;
let service: RunningService;
const channels: Record<string, string> = {};
const channelOf = (name: string): string => channels[name] ?? '';

beforeAll(async () => {
  exchange = await Exchange.open('lanes');
  for (const name of ['bulk', 'taken', 'to-kafka', 'session', 'letters'])
    channels[name] = await exchange.channel({ partitions: 1 });
  channels.urgent = await exchange.channel({ priority: 'emergency' });
  service = await exchange.startDelivery({ TOCSIN_DELIVERY_SLOTS: '2', TOCSIN_DELIVERY_EMERGENCY_SLOTS: '2' });
}, 60_000);

afterAll(() => exchange.close());

async function ask(
  method: string,
  path: string,
  roles = ['operator'] as const,
  issuer: InternalIssuer = 'console',
): Promise<{ status: number; body: unknown }> {
  const token = await InternalSigner.open(exchange.keysDir, issuer).sign('delivery', {
    ...{ personId: randomUUID(), organisationId: randomUUID(), organisationKind: 'operator', organisationName: 'O' },
    ...{ country: 'NL', roles: [...roles], keyId: 'k' },
  });
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`http://127.0.0.1:${service.port}${path}`, { method, headers });
  return { status: answer.status, body: await answer.json() };
}

describe('the emergency lane', () => {
  it('goes on while more receivers hang than there are slots, in either lane', async () => {
    const [bulk, urgent] = [channelOf('bulk'), channelOf('urgent')];
    const hanging = await Promise.all(Array.from({ length: 6 }, () => exchange.platform([bulk, urgent])));
    const sound = await exchange.platform([urgent]);
    for (const { receiver } of hanging) receiver.behave({ slowMs: 120_000 });
    const ids = hanging.map(({ subscriptionId }) => subscriptionId);
    const underWay = async (channel: string): Promise<number> => {
      const sql = `SELECT count(DISTINCT subscription_id)::integer AS count FROM delivery.disclosure d
        WHERE channel_id = $1 AND subscription_id = ANY ($2)`;
      return (await exchange.database.query<{ count: number }[]>(sql, [channel, ids]))[0]?.count ?? 0;
    };
    /** Nobody has given up on any of them yet, so that every request to them is still under way. */
    const allHang = async (): Promise<void> => {
      const ended = await exchange.database.query<object[]>(
        `SELECT subscription_id FROM delivery.endpoint WHERE subscription_id = ANY ($1)`,
        [ids],
      );
      expect(ended).toEqual([]);
    };
    await exchange.publish(
      bulk,
      rowIds(50).map((id) => liveRow(bulk, id)),
    );
    await eventually(async () => expect(await underWay(bulk)).toBeGreaterThanOrEqual(2), 60_000);
    const [first = '', second = ''] = rowIds(2);
    await exchange.publish(urgent, [liveRow(urgent, first)]);
    await sound.receiver.waitFor((state) => state.row(urgent, first)?.state === 'live', 60_000);
    await allHang();
    await eventually(async () => expect(await underWay(urgent)).toBe(6), 60_000);
    await exchange.publish(urgent, [liveRow(urgent, second)]);
    await sound.receiver.waitFor((state) => state.row(urgent, second)?.state === 'live', 60_000);
    await allHang();
    for (const { receiver } of hanging) receiver.behave({ slowMs: 0 });
    for (const { receiver } of hanging) await receiver.waitFor((state) => state.counts().live === 52, 90_000);
  }, 240_000);
});

describe('a request that hangs', () => {
  it('keeps nobody from being delivered to anew, though its own channel is taken away', async () => {
    const channel = channelOf('taken');
    const hanging = await exchange.platform([channel]);
    hanging.receiver.behave({ slowMs: 120_000 });
    await exchange.publish(channel, [liveRow(channel, rowIds(1)[0] ?? '')]);
    const begun = `SELECT id FROM delivery.disclosure WHERE subscription_id = $1`;
    await eventually(async () =>
      expect(await exchange.database.query(begun, [hanging.subscriptionId])).toHaveLength(1),
    );
    await exchange.change(hanging.subscriptionId, `channels = '{}', revision = 2`);
    // Nothing was received, so nothing is to be said about the channel any more.
    await exchange.database.query(`DELETE FROM delivery.cursor WHERE subscription_id = $1`, [hanging.subscriptionId]);
    const newcomer = await exchange.platform([channel]);
    await newcomer.receiver.waitFor((state) => state.counts().live === 1, 60_000);
    const ended = `SELECT subscription_id FROM delivery.endpoint WHERE subscription_id = $1`;
    expect(await exchange.database.query(ended, [hanging.subscriptionId])).toEqual([]);
    hanging.receiver.behave({ slowMs: 0 });
  });
});

describe('a platform on Kafka', () => {
  it('finds rows and withdrawals in its own topic, each with the revision', async () => {
    const channel = channelOf('to-kafka');
    const platformId = await exchange.organisation('platform');
    const admin = exchange.kafka.admin();
    await admin.ensureTopic({ ...platformTopicPlan(platformId), partitions: 1 });
    await admin.close();
    const subscriptionId = randomUUID();
    await exchange.database.query(
      `INSERT INTO directory.subscription (id, platform_id, connector, channels, settings, sealed_secrets, revision)
       VALUES ($1, $2, 'kafka', $3, '{}', $4, 4)`,
      [subscriptionId, platformId, [channel], exchange.sealed(subscriptionId)],
    );
    const setUser = (state: 'granted' | 'revoked') =>
      exchange.database.query(
        `INSERT INTO directory.kafka_user (platform_id, name, state) VALUES ($1, $2, $3)
         ON CONFLICT (platform_id) DO UPDATE SET state = excluded.state`,
        [platformId, `user-of-${platformId}`, state],
      );
    await setUser('granted');
    const { bootstrap, adminUser: username, adminPassword: password } = exchange.addresses.kafka;
    const receiver = await startKafkaReceiver({
      ...{ brokers: [bootstrap], topic: platformTopic(platformId), groupId: `reader-${platformId}` },
      credentials: { username, password },
    });
    exchange.onClose(() => receiver.close());
    const ids = rowIds(30);
    await exchange.publish(
      channel,
      ids.map((id) => liveRow(channel, id)),
    );
    await receiver.waitFor((state) => state.counts().live === 30, 60_000);
    await exchange.publish(channel, [withdrawnRow(channel, ids[3] ?? '', 2)]);
    await receiver.waitFor((state) => state.row(channel, ids[3] ?? '')?.state === 'withdrawn', 60_000);
    expect(new Set(receiver.arrivals.map(({ revision }) => revision))).toEqual(new Set([4]));

    // A suspended platform keeps its user: no content is written to its topic, and withdrawals are.
    const [later = ''] = rowIds(1);
    const suspend = (state: string): Promise<unknown> =>
      exchange.database.query('UPDATE directory.organisation SET state = $2 WHERE id = $1', [platformId, state]);
    await suspend('suspended');
    await exchange.publish(channel, [liveRow(channel, later), withdrawnRow(channel, ids[5] ?? '', 2)]);
    await receiver.waitFor((state) => state.row(channel, ids[5] ?? '')?.state === 'withdrawn', 60_000);
    expect(receiver.row(channel, later)).toBeUndefined();
    await suspend('active');
    await receiver.waitFor((state) => state.row(channel, later)?.state === 'live', 60_000);

    // Nobody can read it any more: a withdrawal is not counted as sent, and goes when somebody can.
    await setUser('revoked');
    await exchange.publish(channel, [withdrawnRow(channel, ids[4] ?? '', 2)]);
    type Walk = { walk: string; lag: number; withheld?: string };
    const owed = async (): Promise<Walk | undefined> => {
      const { body } = await ask('GET', `/internal/subscriptions/status?platform=${platformId}`);
      return (body as Walk[]).find(({ walk }) => walk === 'withdrawals');
    };
    await eventually(async () => expect(await owed()).toMatchObject({ lag: 1, withheld: 'no-reader' }));
    expect(receiver.row(channel, ids[4] ?? '')?.state).toBe('live');
    await setUser('granted');
    await receiver.waitFor((state) => state.row(channel, ids[4] ?? '')?.state === 'withdrawn', 60_000);
    await eventually(async () => expect(await owed()).toMatchObject({ lag: 0 }));
    expect(await owed()).not.toHaveProperty('withheld');
  });
});

describe('operating delivery', () => {
  it('owns its subscriptions again after the session that owns them was lost', async () => {
    const channel = channelOf('session');
    const { receiver } = await exchange.platform([channel]);
    const [before = '', after = ''] = rowIds(2);
    await exchange.publish(channel, [liveRow(channel, before)]);
    await receiver.waitFor((state) => state.counts().live === 1, 60_000);
    const sql = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = 'tocsin-delivery-ownership' AND datname = current_database()`;
    expect(await exchange.database.query(sql)).toEqual([{ pg_terminate_backend: true }]);
    await exchange.publish(channel, [liveRow(channel, after)]);
    await receiver.waitFor((state) => state.counts().live === 2, 60_000);
  });

  it('shows dead letters to operators and tries them again', async () => {
    const channel = channelOf('letters');
    const [row = ''] = rowIds(1);
    const { key, value, headers } = liveRow(channel, row);
    await exchange.publish(channel, [{ key, value, headers: { ...headers, version: 'x' } }]);
    let id = '';
    await eventually(async () => {
      const { status, body } = await ask('GET', '/internal/dead-letters');
      expect({ status, body }).toMatchObject({
        status: 200,
        body: { dead_letters: [{ source: `tocsin.channel.${channel}.v1`, code: 'TOC_EVENT_MALFORMED' }] },
      });
      expect(JSON.stringify(body)).not.toContain('host.example');
      id = String(Object(body).dead_letters[0].id);
    });
    expect(await ask('POST', `/internal/dead-letters/${id}/replay`)).toMatchObject({
      status: 422,
      body: { code: 'TOC_EVENT_MALFORMED' },
    });
    // As if this version of the service could read what it could not before.
    await exchange.database.query(`UPDATE delivery.dead_letter SET headers = jsonb_set(headers, '{version}', '"1"')`);
    expect(await ask('POST', `/internal/dead-letters/${id}/replay`)).toMatchObject({
      status: 200,
      body: { replayed_at: expect.any(String) },
    });
    await exchange.fed(channel, 1);
    expect(await ask('GET', '/internal/dead-letters', ['officer'] as never)).toMatchObject({ status: 403 });
  });

  it('refuses whoever has no service token, and tells its figures', async () => {
    const status = await fetch(
      `http://127.0.0.1:${service.port}/internal/subscriptions/status?platform=${randomUUID()}`,
    );
    expect(status.status).toBe(401);
    // Of the services only the console has a reason to ask.
    expect(await ask('GET', '/internal/dead-letters', ['operator'], 'intake')).toMatchObject({ status: 401 });
    expect(
      await ask('GET', `/internal/subscriptions/status?platform=${randomUUID()}`, ['operator'], 'intake'),
    ).toMatchObject({
      status: 401,
    });
    const metrics = await (await fetch(`http://127.0.0.1:${service.opsPort}/metrics`)).text();
    for (const name of [
      'delivery_seconds_bucket',
      'delivery_attempts_total',
      'delivery_oldest_undelivered_seconds',
      'delivery_cursor_age_seconds',
      'delivery_endpoints_paused',
      'delivery_parked_records',
      'consumer_lag_records',
      'dead_letters',
    ]) {
      expect(metrics).toContain(`tocsin_${name}`);
    }
    expect((await fetch(`http://127.0.0.1:${service.opsPort}/readyz`)).status).toBe(200);
  });
});
