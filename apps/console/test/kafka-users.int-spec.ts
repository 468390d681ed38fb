import { setTimeout as sleep } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import { kafkaAccess } from '#libs/connectors';
import { channelTopic, platformTopic } from '#libs/events';
import { directKafkaCredentials, type KafkaCredentials } from '#libs/messaging';
import { createLogger } from '#libs/runtime';
import { ConsoleRig, type Actor } from './console-rig.js';
import { connectAs, PlatformConsumer, SteadyWriter, type PlatformCredentials } from './platform-consumer.js';

const CUT_OFF_WITHIN_MS = 5_000;

describe('Kafka users of platforms', () => {
  let rig: ConsoleRig;
  let cluster: Kafka;
  let credentials: KafkaCredentials;
  let bootstrap: string;
  let channel: string;

  beforeAll(async () => {
    rig = await ConsoleRig.start();
    const { kafka } = rig.addresses;
    bootstrap = kafka.bootstrap;
    cluster = connectAs(bootstrap, kafka.adminUser, kafka.adminPassword);
    const sasl = { mechanism: 'scram-sha-512' as const, username: kafka.adminUser, password: kafka.adminPassword };
    credentials = directKafkaCredentials(
      { brokers: [bootstrap], clientId: 'test', sasl },
      createLogger('test', 'silent'),
    );
    channel = await rig.openChannel();
  });
  afterAll(() => rig.stop());

  const path = (platformId: string): string => `/v1/platforms/${platformId}/kafka-credentials`;
  const usersOf = async (platformId: string): Promise<string[]> =>
    (await credentials.listUsers()).filter((name) => name.startsWith(kafkaAccess(platformId).user));
  const eventually = async (what: () => Promise<boolean>, withinMs: number): Promise<number> => {
    const started = Date.now();
    while (!(await what())) {
      if (Date.now() - started > withinMs) throw new Error(`not so within ${withinMs} ms`);
      await sleep(25);
    }
    return Date.now() - started;
  };

  async function subscribedPlatform(): Promise<Actor> {
    const admin = await rig.admit('platform', ['admin']);
    const given = { connector: 'kafka', channels: [channel], settings: {} };
    const { status, body } = await rig.call(admin, 'POST', '/v1/subscriptions', given);
    expect([status, body.hand_over.topic]).toEqual([201, platformTopic(admin.organisationId)]);
    return admin;
  }

  async function issue(admin: Actor): Promise<PlatformCredentials> {
    const { status, body } = await rig.call(admin, 'POST', path(admin.organisationId));
    if (status !== 201) throw new Error(`issuing answered ${status}: ${JSON.stringify(body)}`);
    return body;
  }

  /** Cuts off somebody who reads without a pause; returns after how many milliseconds the last record came. */
  async function cutOff(consumer: PlatformConsumer, topic: string, act: () => Promise<unknown>): Promise<number> {
    const writer = SteadyWriter.start(cluster, topic);
    try {
      await consumer.reads(consumer.read.length + 20);
      const asked = Date.now();
      await act();
      await sleep(CUT_OFF_WITHIN_MS + 1_000);
      const last = consumer.read.at(-1)?.at ?? asked;
      return Math.max(0, last - asked);
    } finally {
      await writer.stop();
    }
  }

  it('come with topics for every channel and every Kafka platform', async () => {
    const admin = await subscribedPlatform();
    const later = await rig.openChannel();
    const wanted = [channelTopic(channel), channelTopic(later), platformTopic(admin.organisationId)];
    const admins = cluster.admin();
    await admins.connect();
    try {
      // That of a channel is there when the channel is: its first advisory may follow at once.
      expect(await admins.listTopics()).toContain(channelTopic(later));
      await eventually(async () => {
        const topics = await admins.listTopics();
        return wanted.every((topic) => topics.includes(topic));
      }, 60_000);
    } finally {
      await admins.disconnect();
    }
  });

  it('need a Kafka subscription, of which a platform has one', async () => {
    const none = await rig.admit('platform', ['admin']);
    expect((await rig.call(none, 'POST', path(none.organisationId))).body.code).toBe('TOC_REQUEST_CONFLICT');
    const admin = await subscribedPlatform();
    const second = await rig.call(admin, 'POST', '/v1/subscriptions', {
      connector: 'kafka',
      channels: [channel],
      settings: {},
    });
    expect(second.status).toBe(409);
  });

  it('read their own topic in groups of their own, and may do nothing else', async () => {
    const [admin, neighbour] = [await subscribedPlatform(), await subscribedPlatform()];
    const [own, other] = [await issue(admin), await issue(neighbour)];
    const consumer = await PlatformConsumer.start(bootstrap, own);
    const producer = cluster.producer();
    await producer.connect();
    await producer.send({ topic: own.topic, messages: [{ key: 'a', value: 'for you' }] });
    await consumer.reads(1);
    await consumer.stop();
    await producer.disconnect();

    const kafka = connectAs(bootstrap, own.username, own.password);
    const admins = kafka.admin();
    await admins.connect();
    expect(await admins.listTopics()).toEqual([own.topic]);
    await expect(admins.createTopics({ topics: [{ topic: `${own.topic}x` }] })).rejects.toThrow();
    await expect(admins.deleteTopics({ topics: [own.topic] })).rejects.toThrow();
    expect(
      (await admins.listGroups()).groups.map(({ groupId }) => groupId).filter((id) => !id.startsWith(own.group_prefix)),
    ).toEqual([]);
    await admins.disconnect();
    const writer = kafka.producer();
    await writer.connect();
    await expect(writer.send({ topic: own.topic, messages: [{ value: 'x' }] })).rejects.toThrow();
    await writer.disconnect();
    for (const forbidden of [
      { ...own, topic: other.topic },
      { ...own, topic: channelTopic(channel) },
      { ...own, group_prefix: other.group_prefix },
    ]) {
      const intruder = await PlatformConsumer.start(bootstrap, forbidden, 'intruder').catch(() => undefined);
      await sleep(1_000);
      expect(intruder?.read ?? []).toEqual([]);
      await intruder?.stop();
    }
  });

  it('never have their password kept', async () => {
    const admin = await subscribedPlatform();
    const { password, username } = await issue(admin);
    const read = await rig.call(admin, 'GET', path(admin.organisationId));
    expect(read.body).toMatchObject({ username, state: 'granted', mechanism: 'SCRAM-SHA-512' });
    const [dump] = await rig.rows<{ text: string }>(`
      SELECT (SELECT string_agg(t::text, ' ') FROM directory.kafka_user t) || (SELECT string_agg(t::text, ' ') FROM directory.audit t) AS text`);
    expect(dump?.text).toContain(username);
    expect(JSON.stringify([dump, read.body])).not.toContain(password);
  });

  it('are cut off while connected: revoked by the platform', async () => {
    const admin = await subscribedPlatform();
    const own = await issue(admin);
    const consumer = await PlatformConsumer.start(bootstrap, own);
    const revoke = () => rig.call(admin, 'DELETE', `${path(admin.organisationId)}?reason=key+was+published`);
    const after = await cutOff(consumer, own.topic, async () => {
      expect((await revoke()).body).toMatchObject({ state: 'revoked', removed: true });
    });
    process.stderr.write(`cut off ${after} ms after the revocation was asked for\n`);
    expect(after).toBeLessThan(CUT_OFF_WITHIN_MS);
    expect(await usersOf(admin.organisationId)).toEqual([]);
    await consumer.stop();
    await expect(PlatformConsumer.start(bootstrap, own)).rejects.toThrow();
    expect((await revoke()).status).toBe(200);
    expect((await rig.auditOf(`organisation/${admin.organisationId}`)).map(({ action }) => action)).toEqual([
      'admit-organisation',
      'issue-kafka-credentials',
      'revoke-kafka-credentials',
    ]);
  });

  it('stay when the platform is suspended, so that withdrawals reach it, and no new ones are issued', async () => {
    const admin = await subscribedPlatform();
    const own = await issue(admin);
    await rig.operate('PATCH', `/v1/organisations/${admin.organisationId}`, { state: 'suspended', reason: 'inquiry' });
    await sleep(1_000);
    expect(await usersOf(admin.organisationId)).toEqual([own.username]);
    expect((await rig.call(admin, 'POST', path(admin.organisationId))).body.code).toBe('TOC_REQUEST_CONFLICT');
    await rig.operate('PATCH', `/v1/organisations/${admin.organisationId}`, {
      ...{ state: 'suspended', cut_off: true, reason: 'its key is in wrong hands' },
    });
    await eventually(async () => (await usersOf(admin.organisationId)).length === 0, 10_000);
  });

  it('are cut off while connected: the platform was suspended and cut off', async () => {
    const admin = await subscribedPlatform();
    const own = await issue(admin);
    const consumer = await PlatformConsumer.start(bootstrap, own);
    const suspend = { state: 'suspended', cut_off: true, reason: 'inquiry' };
    const after = await cutOff(consumer, own.topic, () =>
      rig.operate('PATCH', `/v1/organisations/${admin.organisationId}`, suspend),
    );
    process.stderr.write(`cut off ${after} ms after the suspension was asked for\n`);
    expect(after).toBeLessThan(CUT_OFF_WITHIN_MS);
    expect(await usersOf(admin.organisationId)).toEqual([]);
    await consumer.stop();
    expect((await rig.call(admin, 'POST', path(admin.organisationId))).body.code).toBe('TOC_REQUEST_CONFLICT');
  });

  it('are cut off while connected: two operators let the platform go', async () => {
    const admin = await subscribedPlatform();
    const own = await issue(admin);
    const consumer = await PlatformConsumer.start(bootstrap, own);
    const after = await cutOff(consumer, own.topic, () =>
      rig.decide('release-organisation', { organisation: admin.organisationId, leave_policy: 'delete-all' }),
    );
    process.stderr.write(`cut off ${after} ms after two operators let it go\n`);
    expect(after).toBeLessThan(CUT_OFF_WITHIN_MS);
    expect(await usersOf(admin.organisationId)).toEqual([]);
    await consumer.stop();
  });

  it('are replaced by new ones, and what was connected stays cut off', async () => {
    const admin = await subscribedPlatform();
    const old = await issue(admin);
    const thief = await PlatformConsumer.start(bootstrap, old, 'thief');
    let fresh = old;
    const after = await cutOff(thief, old.topic, async () => (fresh = await issue(admin)));
    process.stderr.write(`cut off ${after} ms after new credentials were asked for\n`);
    expect(after).toBeLessThan(CUT_OFF_WITHIN_MS);
    expect(await usersOf(admin.organisationId)).toEqual([fresh.username]);
    const owner = await PlatformConsumer.start(bootstrap, fresh, 'owner');
    await owner.reads(1);
    await Promise.all([owner.stop(), thief.stop()]);
  });

  it('issued and revoked at the same moment end as the directory says', async () => {
    const admin = await subscribedPlatform();
    await issue(admin);
    const suspend = { state: 'suspended', cut_off: true, reason: 'race' };
    await Promise.all([
      ...[1, 2, 3].map(() => rig.call(admin, 'POST', path(admin.organisationId))),
      rig.operate('PATCH', `/v1/organisations/${admin.organisationId}`, suspend),
      rig.call(admin, 'POST', path(admin.organisationId)),
    ]);
    await eventually(async () => (await usersOf(admin.organisationId)).length === 0, 60_000);
    await sleep(1_000);
    expect(await usersOf(admin.organisationId)).toEqual([]);
  });

  it('keep nobody else waiting, however often one platform asks while its turn does not come', async () => {
    const [admin, neighbour] = [await subscribedPlatform(), await subscribedPlatform()];
    const turn = rig.database.createQueryRunner();
    await turn.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [`kafka-user/${admin.organisationId}`]);
    const asked = Array.from({ length: 40 }, () => rig.call(admin, 'POST', path(admin.organisationId)));
    try {
      await eventually(async () => {
        const [count] = await rig.rows<{ issued: number }>(
          `SELECT count(*)::integer AS issued FROM directory.audit WHERE action = 'issue-kafka-credentials' AND subject = $1`,
          [`organisation/${admin.organisationId}`],
        );
        return count?.issued === asked.length;
      }, 60_000);
      await issue(neighbour);
      const suspend = { state: 'suspended', cut_off: true, reason: 'asks too often' };
      await rig.operate('PATCH', `/v1/organisations/${admin.organisationId}`, suspend);
    } finally {
      await turn.query('SELECT pg_advisory_unlock_all()');
      await turn.release();
    }
    const answers = await Promise.all(asked);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([409]));
    expect(await usersOf(admin.organisationId)).toEqual([]);
  });

  it('are compared at the start: surplus ones go, grants come back, strangers stay', async () => {
    const [kept, gone] = [await subscribedPlatform(), await subscribedPlatform()];
    const [keptUser, goneUser] = [await issue(kept), await issue(gone)];
    await rig.stopService();
    const stray = `${kafkaAccess(kept.organisationId).user}-deadbeef`;
    const stranger = 'platform-0198c0de-0000-7000-8000-0000000000ff-deadbeef';
    for (const name of [stray, stranger]) await credentials.ensureUser(name, 'a-password-long-enough');
    await credentials.revokeAll(keptUser.username);
    await rig.rows(`UPDATE directory.kafka_user SET state = 'revoked' WHERE platform_id = $1`, [gone.organisationId]);
    expect(await usersOf(gone.organisationId)).toEqual([goneUser.username]);
    await rig.startService();
    const took = await eventually(async () => (await usersOf(gone.organisationId)).length === 0, 10_000);
    process.stderr.write(`a user revoked while the console was down was gone ${took} ms after its start\n`);
    await eventually(async () => (await usersOf(kept.organisationId)).join() === keptUser.username, 10_000);
    await eventually(async () => (await credentials.listGrants(keptUser.username)).length === 2, 10_000);
    expect(await credentials.listUsers()).toContain(stranger);
    await credentials.removeUser(stranger);
  });
});
