import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedKafka, freePort, startKafka } from '#libs/embedded';
import { sharedAddresses } from '#libs/testing';
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
