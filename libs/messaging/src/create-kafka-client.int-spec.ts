import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedKafka, freePort, startKafka } from '#libs/embedded';
import { sharedAddresses } from '#libs/testing';
import { Collected, numbered, quietLogger, until, upTo } from './contract/contract-setting.js';
import { describeKafkaClient } from './contract/describe-kafka-client.js';
import type { KafkaConnection } from './kafka-client.js';
import { createKafkaClient } from './create-kafka-client.js';

const admin = { username: 'admin', password: 'password-of-the-contract' };

let dataDir: string;
let kafka: EmbeddedKafka;
let connection: KafkaConnection;
let isDown = false;

// A broker of its own, since the contract kills it.
beforeAll(async () => {
  const { jarsDir, java } = await sharedAddresses();
  dataDir = await mkdtemp(join(tmpdir(), 'tocsin-contract-'));
  kafka = await startKafka({
    dataDir,
    jarsDir,
    java,
    port: await freePort(),
    controllerPort: await freePort(),
    adminUser: admin.username,
    adminPassword: admin.password,
    overrides: { 'broker.session.timeout.ms': 3_000, 'broker.heartbeat.interval.ms': 500 },
  });
  connection = { brokers: [kafka.bootstrap], clientId: 'contract', sasl: { mechanism: 'scram-sha-512', ...admin } };
});

afterAll(async () => {
  await kafka.stop();
  await rm(dataDir, { recursive: true, force: true });
});

describeKafkaClient('the clients behind the port', {
  broker: () => ({
    connection,
    kill9: async () => {
      isDown = true;
      await kafka.kill9();
    },
    restart: async () => {
      if (isDown) await kafka.restart();
      isDown = false;
    },
  }),
  createClient: createKafkaClient,
});

describe('a kafkajs consumer', () => {
  it('leaves its group only when the next one, for other topics, is about to join: the group is never empty', async () => {
    const steps: string[] = [];
    const debug = (_: object, message: string): void => {
      if (/: (Starting|Stopped)$/.test(message)) steps.push(message);
    };
    const client = createKafkaClient(connection, { logger: { ...quietLogger(), debug } });
    const [one, two] = [`handed.${randomUUID()}.v1`, `handed.${randomUUID()}.v1`];
    for (const topic of [one, two]) await client.admin().ensureTopic({ topic, partitions: 1 });
    const collected = new Collected();
    const consumer = client.consumer({ groupId: `handed-${randomUUID()}` });
    try {
      consumer.subscribe([one]);
      consumer.start(collected.take);
      await until('it consumes', () => consumer.health().state === 'consuming');
      consumer.subscribe([one, two]);
      await client.producer().send([
        { topic: one, records: numbered(5) },
        { topic: two, records: numbered(5, { from: 5 }) },
      ]);
      await until('both are read', () => collected.distinct.length === 10);
      expect(collected.distinct).toEqual(upTo(10));
      await until('the first has left', () => steps.length >= 3);
      expect(steps).toEqual(['kafkajs: Starting', 'kafkajs: Starting', 'kafkajs: Stopped']);
    } finally {
      await client.close();
    }
  });
});
