import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import { sharedAddresses } from '#libs/testing';
import { freePort } from '../free-port.js';
import { startKafka, type EmbeddedKafka } from './start-kafka.js';

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, Kafka, logLevel, ResourcePatternTypes } = kafkajs;
const admin = { name: 'admin', password: 'with "quotes", \\ and é' };
const reader = { name: 'reader', password: 'reader-password' };
const stranger = { name: 'stranger', password: 'stranger-password' };

let dataDir: string;
let kafka: EmbeddedKafka;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tocsin kafka '));
  kafka = await start(dataDir);
});
afterAll(async () => {
  await kafka.stop();
  await rm(dataDir, { recursive: true, force: true });
});

describe('Kafka as a child process', () => {
  it('lets the admin in with SCRAM and nobody with a wrong password', async () => {
    const { brokers } = await asAdmin(kafka, (one) => one.describeCluster());
    expect(brokers).toEqual([{ nodeId: 1, host: '127.0.0.1', port: kafka.port }]);
    const impostor = client(kafka, { ...admin, password: 'wrong' }).admin();
    await expect(impostor.connect()).rejects.toMatchObject({ name: 'KafkaJSSASLAuthenticationError' });
  });

  it('lets a user do what an ACL allows, and another user nothing', async () => {
    await makeTopic(kafka, 'allowed');
    await produce(kafka, 'allowed', ['one']);
    await asAdmin(kafka, (one) => one.createAcls({ acl: allowReading('allowed', reader.name) }));

    expect(await consume(kafka, 'allowed', 1, reader)).toEqual(['one']);
    await expect(consume(kafka, 'allowed', 1, stranger)).rejects.toMatchObject({ type: 'TOPIC_AUTHORIZATION_FAILED' });
    await expect(produce(kafka, 'allowed', ['two'], reader)).rejects.toMatchObject({
      type: 'TOPIC_AUTHORIZATION_FAILED',
    });
    await expect(produce(kafka, 'made-by-sending', ['one'])).rejects.toThrow('does not host this topic-partition');
  });

  it('keeps every acknowledged record through kill -9, with its users and ACLs', async () => {
    await makeTopic(kafka, 'kept');
    await asAdmin(kafka, (one) => one.createAcls({ acl: allowReading('kept', reader.name) }));
    const acknowledged: string[] = [];
    const producer = client(kafka, admin).producer({ idempotent: true });
    await producer.connect();
    let killed: Promise<void> | undefined;
    try {
      for (let number = 0; ; number += 1) {
        const value = `record ${number}`;
        await producer.send({ topic: 'kept', acks: -1, messages: [{ value }] });
        acknowledged.push(value);
        // In the middle of a send.
        if (acknowledged.length === 50)
          killed = new Promise((resolve) => setImmediate(resolve)).then(() => kafka.kill9());
      }
    } catch {
      await killed;
    } finally {
      await producer.disconnect();
    }
    expect(acknowledged.length).toBeGreaterThan(10);

    const before = kafka.pid;
    await kafka.restart();
    expect(kafka.pid).not.toBe(before);
    const found = await consume(kafka, 'kept', acknowledged.length, reader);
    expect(found).toEqual(expect.arrayContaining(acknowledged));
  });

  it('reuses what an earlier start left, on other ports, and takes new passwords for its users', async () => {
    await makeTopic(kafka, 'reused');
    await produce(kafka, 'reused', ['from before']);
    await kafka.stop();
    const renewed = { ...reader, password: 'another password' };
    kafka = await start(dataDir, [renewed]);
    await asAdmin(kafka, (one) => one.createAcls({ acl: allowReading('reused', reader.name) }));
    expect(await consume(kafka, 'reused', 1, renewed)).toEqual(['from before']);
    await expect(client(kafka, reader).admin().connect()).rejects.toThrow();
  });

  it('runs twice side by side, neither seeing the other', async () => {
    const other = await start(join(dataDir, 'beside'));
    try {
      await makeTopic(other, 'only-beside');
      const [here, there] = [
        await asAdmin(kafka, (one) => one.listTopics()),
        await asAdmin(other, (one) => one.listTopics()),
      ];
      expect(here).not.toContain('only-beside');
      expect(there).toEqual(['only-beside']);
    } finally {
      await other.stop();
    }
  });
});

async function start(folder: string, users = [reader, stranger]): Promise<EmbeddedKafka> {
  const { jarsDir, java } = await sharedAddresses();
  return startKafka({
    dataDir: folder,
    port: await freePort(),
    controllerPort: await freePort(),
    jarsDir,
    java,
    adminUser: admin.name,
    adminPassword: admin.password,
    users,
    overrides: { 'broker.session.timeout.ms': 3000, 'broker.heartbeat.interval.ms': 500 },
  });
}

function client(broker: EmbeddedKafka, account: { name: string; password: string }): kafkajs.Kafka {
  return new Kafka({
    brokers: [broker.bootstrap],
    sasl: { mechanism: 'scram-sha-512', username: account.name, password: account.password },
    retry: { retries: 2, initialRetryTime: 50 },
    logLevel: logLevel.NOTHING,
  });
}

async function asAdmin<Result>(broker: EmbeddedKafka, work: (one: kafkajs.Admin) => Promise<Result>): Promise<Result> {
  const one = client(broker, admin).admin();
  await one.connect();
  try {
    return await work(one);
  } finally {
    await one.disconnect();
  }
}

function makeTopic(broker: EmbeddedKafka, topic: string): Promise<boolean> {
  return asAdmin(broker, (one) => one.createTopics({ topics: [{ topic, numPartitions: 1 }] }));
}

async function produce(broker: EmbeddedKafka, topic: string, values: string[], account = admin): Promise<void> {
  const producer = client(broker, account).producer();
  await producer.connect();
  try {
    await producer.send({ topic, acks: -1, messages: values.map((value) => ({ value })) });
  } finally {
    await producer.disconnect();
  }
}

async function consume(broker: EmbeddedKafka, topic: string, count: number, account = admin): Promise<string[]> {
  for (const until = Date.now() + 30_000; ;) {
    try {
      return await consumeOnce(broker, topic, count, account);
    } catch (thrown) {
      // A broker that has just started reads its groups first.
      if ((thrown as { type?: unknown }).type !== 'GROUP_LOAD_IN_PROGRESS' || Date.now() > until) throw thrown;
      await sleep(200);
    }
  }
}

async function consumeOnce(
  broker: EmbeddedKafka,
  topic: string,
  count: number,
  account: typeof admin,
): Promise<string[]> {
  const consumer = client(broker, account).consumer({ groupId: `${account.name}-group` });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    const found: string[] = [];
    await new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
      const eachMessage = async ({ message }: kafkajs.EachMessagePayload): Promise<void> => {
        found.push(String(message.value));
        if (found.length >= count) resolve();
      };
      consumer.run({ eachMessage }).catch(reject);
    });
    return found;
  } finally {
    await consumer.disconnect();
  }
}

function allowReading(topic: string, user: string): kafkajs.AclEntry[] {
  const resources = [
    { resourceType: AclResourceTypes.TOPIC, resourceName: topic, resourcePatternType: ResourcePatternTypes.LITERAL },
    {
      resourceType: AclResourceTypes.GROUP,
      resourceName: `${user}-`,
      resourcePatternType: ResourcePatternTypes.PREFIXED,
    },
  ];
  return resources.map((resource) => ({
    ...resource,
    principal: `User:${user}`,
    host: '*',
    operation: AclOperationTypes.READ,
    permissionType: AclPermissionTypes.ALLOW,
  }));
}
