import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Consumer, type Kafka } from 'kafkajs';
import { sharedAddresses } from '#libs/testing';
import { numbered, promised, quietLogger, until } from '../contract/contract-setting.js';
import {
  createKafkaClient,
  directKafkaCredentials,
  type KafkaClient,
  type KafkaConnection,
  type KafkaCredentials,
  platformGrants,
} from '../index.js';

// kafkajs gives the broker's error name, or only its message, depending on the call.
const TOPIC_REFUSED = /TOPIC_AUTHORIZATION_FAILED|not authorized to access topics/i;
// A platform brings a client of its own: here kafkajs as it comes, with its retries cut short.
const PLATFORM_RETRY = { retries: 2, initialRetryTime: 50, maxRetryTime: 200 };

let connection: KafkaConnection;
let client: KafkaClient;
let credentials: KafkaCredentials;
const readers: Consumer[] = [];

beforeAll(async () => {
  const { bootstrap, adminUser, adminPassword } = (await sharedAddresses()).kafka;
  const sasl = { mechanism: 'scram-sha-512' as const, username: adminUser, password: adminPassword };
  connection = { brokers: [bootstrap], clientId: 'credentials', sasl };
  client = createKafkaClient(connection, { logger: quietLogger() });
  credentials = directKafkaCredentials(connection, quietLogger());
});
afterEach(async () => {
  await Promise.all(readers.splice(0).map((reader) => reader.disconnect()));
});
afterAll(() => client.close());

const newPassword = () => randomBytes(24).toString('base64url');

function connectAs(username: string, password: string): Kafka {
  return new kafkajs.Kafka({
    brokers: [...connection.brokers],
    clientId: 'platform',
    sasl: { mechanism: 'scram-sha-512', username, password },
    retry: PLATFORM_RETRY,
    logLevel: kafkajs.logLevel.NOTHING,
  });
}

/** A platform as it is provisioned: a user, a topic of its own with records in it, and the grants. */
async function aPlatform() {
  const name = `platform-${randomUUID().slice(0, 8)}`;
  const topic = `tocsin.platform.${name}.v1`;
  const password = newPassword();
  await client.admin().ensureTopic({ topic, partitions: 2 });
  await client.producer().send([{ topic, records: numbered(10, { keys: 5 }) }]);
  await credentials.ensureUser(name, password);
  await credentials.allow(name, platformGrants(topic, `${name}.`));
  return { name, topic, password, kafka: connectAs(name, password) };
}

/** Reads the topic in the group until stopped; tells what came and what went wrong. */
async function reading(kafka: Kafka, topic: string, groupId: string) {
  const read: string[] = [];
  const crashes: string[] = [];
  const consumer = kafka.consumer({
    groupId,
    retry: { ...PLATFORM_RETRY, restartOnFailure: () => Promise.resolve(false) },
  });
  readers.push(consumer);
  consumer.on(consumer.events.CRASH, ({ payload }) => crashes.push(payload.error.message));
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    eachMessage: promised(({ message }) => {
      read.push(String(message.value));
    }),
  });
  return { read, crashes };
}

/** The name of the error that Kafka answers with. */
async function refusalOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'nothing was refused';
  } catch (error) {
    const told: unknown = error instanceof kafkajs.KafkaJSAggregateError ? error.errors[0] : error;
    return told instanceof Error && 'type' in told ? String(told.type) : String(told);
  }
}

async function withAdminOf<T>(kafka: Kafka, call: (admin: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await call(admin);
  } finally {
    await admin.disconnect();
  }
}

describe('credentials of a platform', () => {
  it('let it read its own topic, in groups of its own', async () => {
    const { name, topic, kafka } = await aPlatform();
    const reader = await reading(kafka, topic, `${name}.moderation`);
    await until('all is read', () => reader.read.length === 10);
    expect(reader.crashes).toEqual([]);
  });

  it('let it see, read, write, create and join nothing else', async () => {
    const { name, topic, password, kafka } = await aPlatform();
    const other = await aPlatform();
    const foreignGroup = await reading(kafka, topic, `${other.name}.moderation`);
    await until('the group is refused', () => foreignGroup.crashes.length === 1);
    expect(foreignGroup.read).toEqual([]);

    expect(await refusalOf(reading(kafka, other.topic, `${name}.moderation`))).toMatch(TOPIC_REFUSED);
    expect(await withAdminOf(kafka, (admin) => admin.listTopics())).toEqual([topic]);
    expect(await withAdminOf(kafka, (admin) => admin.listGroups())).toEqual({ groups: [] });

    const producer = kafka.producer();
    await producer.connect();
    const message = { key: 'k', value: 'v' };
    expect(await refusalOf(producer.send({ topic, messages: [message] }))).toMatch(TOPIC_REFUSED);
    expect(await refusalOf(producer.send({ topic: other.topic, messages: [message] }))).toMatch(TOPIC_REFUSED);
    await producer.disconnect();

    const newTopic = { topic: `${topic}.more`, numPartitions: 1, replicationFactor: 1 };
    await withAdminOf(kafka, async (admin) => {
      expect(await refusalOf(admin.createTopics({ topics: [newTopic] }))).toMatch(TOPIC_REFUSED);
      expect(await refusalOf(admin.deleteTopics({ topics: [topic] }))).toMatch(TOPIC_REFUSED);
    });
    const sasl = { mechanism: 'scram-sha-512' as const, username: name, password };
    const asPlatform = directKafkaCredentials({ ...connection, sasl }, quietLogger());
    await expect(asPlatform.ensureUser(other.name, newPassword())).rejects.toMatchObject({ family: 'fault' });
    await expect(asPlatform.allow(name, platformGrants(other.topic, name))).rejects.toMatchObject({ family: 'fault' });
  });

  it('cut off a consumer that stays connected, within 5 s of being removed', async () => {
    const { name, topic, kafka } = await aPlatform();
    const staying = await aPlatform();
    const [reader, other] = await Promise.all([
      reading(kafka, topic, `${name}.g`),
      reading(staying.kafka, staying.topic, `${staying.name}.g`),
    ]);
    await until('both read', () => reader.read.length === 10 && other.read.length === 10);

    await credentials.removeUser(name);
    const removed = performance.now();
    // A fetch that waits at the broker is answered once more, so the first record after a removal may still arrive.
    await toAll([topic, staying.topic], 'at the removal');
    await sleep(250);
    await toAll([topic, staying.topic], 'after the removal');
    await until('the consumer has failed', () => reader.crashes.length === 1, 5_000);
    expect(performance.now() - removed).toBeLessThan(5_000);
    expect(reader.crashes[0]).toMatch(/authoriz/i);
    await until('the other platform goes on', () => other.read.includes('after the removal'));
    await sleep(500);
    expect(reader.read).not.toContain('after the removal');
    expect(await refusalOf(kafka.admin().connect())).toMatch(/authentication/i);
  });

  it('cut off a connected consumer of a quiet topic when only its grants are revoked', async () => {
    const { name, topic, kafka } = await aPlatform();
    const reader = await reading(kafka, topic, `${name}.g`);
    await until('it reads', () => reader.read.length === 10);
    await credentials.revokeAll(name);
    // It asks again when its fetch, which waits up to 5 s, comes back empty.
    await until('the consumer has failed', () => reader.crashes.length === 1, 8_000);
    await toAll([topic], 'after the removal');
    await sleep(500);
    expect(reader.read).toHaveLength(10);
    expect(await credentials.listGrants(name)).toEqual([]);
    expect(await credentials.listUsers()).toContain(name);
  });

  async function toAll(topics: string[], value: string): Promise<void> {
    const records = [0, 1].map((partition) => ({ key: value, value, partition }));
    await client.producer().send(topics.map((topic) => ({ topic, records })));
  }
});

describe('administration of credentials', () => {
  it('may be repeated, lists what there is, and takes away what is no longer granted', async () => {
    const { name, topic } = await aPlatform();
    const grants = platformGrants(topic, `${name}.`);
    await credentials.allow(name, grants);
    const listed = await credentials.listGrants(name);
    const inOrder = (list: typeof grants) =>
      list.map((grant) => ({ ...grant, operations: [...grant.operations].sort() }));
    expect(listed.toSorted((a, b) => b.resource.localeCompare(a.resource))).toEqual(inOrder(grants));
    await credentials.allow(name, [{ resource: 'topic', name: topic, pattern: 'literal', operations: ['write'] }]);
    expect(await credentials.listGrants(name)).toEqual([
      { resource: 'topic', name: topic, pattern: 'literal', operations: ['write'] },
    ]);
    await credentials.removeUser(name);
    await credentials.removeUser(name);
    expect(await credentials.listUsers()).not.toContain(name);
    expect(await credentials.listGrants(name)).toEqual([]);
  });

  it('replaces a password: the new one is taken, the old one no longer', async () => {
    const { name, password } = await aPlatform();
    const renewed = newPassword();
    await credentials.ensureUser(name, renewed);
    const taken = connectAs(name, renewed).admin();
    await taken.connect();
    await taken.disconnect();
    expect(await refusalOf(connectAs(name, password).admin().connect())).toMatch(/authentication/i);
  });

  it.each(['', 'a b', 'User:x', 'x'.repeat(65), '*'])('refuses the name "%s"', async (name) => {
    const expected = { code: 'TOC_REQUEST_PARAMETER' };
    await expect(credentials.ensureUser(name, newPassword())).rejects.toMatchObject(expected);
    await expect(credentials.revokeAll(name)).rejects.toMatchObject(expected);
    await expect(credentials.removeUser(name)).rejects.toMatchObject(expected);
    await expect(credentials.allow(name, [])).rejects.toMatchObject(expected);
    await expect(credentials.listGrants(name)).rejects.toMatchObject(expected);
  });

  it.each(['short', 'has a blank in its middle', 'grüße-grüße-grüße'])(
    'refuses the password "%s"',
    async (password) => {
      await expect(credentials.ensureUser('somebody', password)).rejects.toMatchObject({
        code: 'TOC_REQUEST_PARAMETER',
      });
      expect(await credentials.listUsers()).not.toContain('somebody');
    },
  );

  it('is unavailable, and says so, when no broker answers', async () => {
    const nowhere = directKafkaCredentials({ ...connection, brokers: ['127.0.0.1:1'] }, quietLogger());
    await expect(nowhere.listUsers()).rejects.toMatchObject({ code: 'TOC_KAFKA_UNAVAILABLE' });
    await expect(nowhere.listGrants('somebody')).rejects.toMatchObject({ code: 'TOC_KAFKA_UNAVAILABLE' });
  });
});
