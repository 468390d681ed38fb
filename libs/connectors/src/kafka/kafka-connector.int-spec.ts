import { randomBytes, randomUUID } from 'node:crypto';
import kafkajs, { type KafkaMessage } from 'kafkajs';
import {
  createKafkaClient,
  directKafkaCredentials,
  fromRecordParts,
  platformGrants,
  type KafkaClient,
  type KafkaConnection,
  type MessagingLogger,
} from '#libs/messaging';
import {
  anOutgoingBatch,
  anOutgoingRecord,
  describeConnector,
  sharedAddresses,
  uniqueName,
  type ContractReceiver,
} from '#libs/testing';
import { startKafkaReceiver } from '../../../../tools/receivers/kafka-receiver.js';
import type { ConnectorContext } from '../connector.js';
import { kafka, kafkaAccess } from './index.js';

const silent: MessagingLogger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

async function cluster(): Promise<KafkaConnection> {
  const { bootstrap, adminUser, adminPassword } = (await sharedAddresses()).kafka;
  const sasl = { mechanism: 'scram-sha-512' as const, username: adminUser, password: adminPassword };
  return { brokers: [bootstrap], clientId: 'connector-spec', sasl };
}

/** A context whose topic port is a real producer with a deadline, as delivery's is. */
function contextOver(client: KafkaClient, topicOf = (topic: string) => topic): ConnectorContext {
  const producer = client.producer();
  return {
    topics: {
      produce: (topic, records) => producer.send([{ topic: topicOf(topic), records }], AbortSignal.timeout(10_000)),
    },
    egress: {
      post: () => Promise.reject(new Error('Kafka is not HTTP')),
      request: () => Promise.reject(new Error('Kafka is not HTTP')),
    },
    signing: { ed25519: () => [], publicKeys: () => [] },
    now: () => new Date(),
    randomBytes,
  };
}

/** Everything that a topic of one partition holds now. */
async function readAll(connection: KafkaConnection, client: KafkaClient, topic: string): Promise<KafkaMessage[]> {
  const end = (await client.admin().offsets(topic))?.[0]?.endOffset ?? 0n;
  if (end === 0n) return [];
  const { Kafka, logLevel } = kafkajs;
  const consumer = new Kafka({
    brokers: [...connection.brokers],
    sasl: connection.sasl && { ...connection.sasl, mechanism: 'scram-sha-512' },
    logLevel: logLevel.NOTHING,
  }).consumer({ groupId: uniqueName('read-all'), maxWaitTimeInMs: 50 });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  const messages: KafkaMessage[] = [];
  await new Promise<void>((resolve, reject) => {
    const eachMessage = ({ message }: { message: KafkaMessage }): Promise<void> => {
      messages.push(message);
      if (BigInt(message.offset) + 1n >= end) resolve();
      return Promise.resolve();
    };
    consumer.run({ eachMessage }).catch(reject);
  });
  await consumer.disconnect();
  return messages;
}

async function start(): Promise<ContractReceiver> {
  const connection = await cluster();
  const client = createKafkaClient(connection, { logger: silent });
  const topic = uniqueName('connector-contract');
  await client.admin().ensureTopic({ topic, partitions: 1 });
  return {
    settings: {},
    context: contextOver(client, () => topic),
    trust: () => undefined,
    taken: async () =>
      (await readAll(connection, client, topic)).map(({ key, headers, value }) => ({
        sameAtRepeat: JSON.stringify({ key: String(key), headers, value: String(value) }),
        records: [{ eventId: String(headers?.ce_id), body: String(value) }],
      })),
    faults: { vanish: () => client.admin().deleteTopic(topic) },
    stop: async () => {
      await client.admin().deleteTopic(topic);
      await client.close();
    },
  };
}

describeConnector(kafka, start);

describe('a platform on Kafka', () => {
  it('reads its own topic, and nothing else, with what it was handed', async () => {
    const connection = await cluster();
    const client = createKafkaClient(connection, { logger: silent });
    const credentials = directKafkaCredentials(connection, silent);
    const platformId = uniqueName('picturebook');
    const { topic, groupPrefix, user } = kafkaAccess(platformId);
    const password = randomBytes(18).toString('base64url');
    await client.admin().ensureTopic({ topic, partitions: 3, configs: { 'cleanup.policy': 'compact' } });
    await credentials.ensureUser(user, password);
    await credentials.allow(user, platformGrants(topic, groupPrefix));
    const asPlatform = { brokers: [...connection.brokers], credentials: { username: user, password } };
    const receiver = await startKafkaReceiver({ ...asPlatform, topic, groupId: `${groupPrefix}spec` });
    try {
      const [kept, ended] = [anOutgoingRecord(), anOutgoingRecord()];
      const withdrawal = anOutgoingRecord({ kind: 'withdrawal', rowId: ended.rowId, version: 2 });
      const context = contextOver(client);
      const deliver = (records: Parameters<typeof anOutgoingBatch>[0]): ReturnType<typeof kafka.deliver> =>
        kafka.deliver(anOutgoingBatch(records, { platformId }), {}, {}, context);
      expect(await deliver([kept, ended])).toMatchObject({ outcome: 'sent' });
      expect(await deliver([withdrawal])).toMatchObject({ outcome: 'sent' });
      expect(await deliver([ended])).toMatchObject({ outcome: 'sent' });
      await receiver.waitFor((state) => state.counts().arrived === 4, 20_000);
      expect(receiver.row('everyone', kept.rowId)).toMatchObject({ state: 'live', version: 1, revision: 1 });
      expect(receiver.row('everyone', ended.rowId)).toMatchObject({ state: 'withdrawn', version: 2 });
      const elsewhere = { ...asPlatform, topic, groupId: `someone-else-${randomUUID()}` };
      await expect(startKafkaReceiver(elsewhere)).rejects.toThrow(/group coordinator|authorized/i);
    } finally {
      await receiver.close();
      await credentials.removeUser(user);
      await client.admin().deleteTopic(topic);
      await client.close();
    }
  });

  it('gets CloudEvents that the binding reads', async () => {
    const connection = await cluster();
    const client = createKafkaClient(connection, { logger: silent });
    const topic = uniqueName('connector-events');
    await client.admin().ensureTopic({ topic, partitions: 1 });
    const record = anOutgoingRecord();
    await kafka.deliver(
      anOutgoingBatch([record]),
      {},
      {},
      contextOver(client, () => topic),
    );
    const [message] = await readAll(connection, client, topic);
    const headers = Object.fromEntries(
      Object.entries(message?.headers ?? {}).map(([name, value]) => [name, Buffer.from(String(value))]),
    );
    expect(fromRecordParts({ headers, value: message?.value ?? null })).toMatchObject({
      id: record.eventId,
      source: 'urn:tocsin:channel:everyone',
      type: 'tocsin.row',
      time: '2026-01-02T03:04:05.000Z',
      datacontenttype: 'application/json',
      data: Buffer.from(record.body),
    });
    await client.admin().deleteTopic(topic);
    await client.close();
  });
});
