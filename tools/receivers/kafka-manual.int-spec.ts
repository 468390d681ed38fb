import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { connectorById, kafkaAccess, type ConnectorContext } from '#libs/connectors';
import { createKafkaClient, directKafkaCredentials, platformGrants, type MessagingLogger } from '#libs/messaging';
import { anOutgoingBatch, anOutgoingRecord, sharedAddresses, uniqueName } from '#libs/testing';
import { manualLanguages, manualText, startManualProgram } from './manual-program.js';

const silent: MessagingLogger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

describe('the readers in the manual', () => {
  it.each(manualLanguages(['-c', 'import confluent_kafka']))(
    'in %s read the platform’s own topic as its own user',
    async (language) => {
      mkdirSync('var', { recursive: true });
      const { bootstrap, adminUser, adminPassword } = (await sharedAddresses()).kafka;
      const sasl = { mechanism: 'scram-sha-512' as const, username: adminUser, password: adminPassword };
      const connection = { brokers: [bootstrap], clientId: 'manual-spec', sasl };
      const client = createKafkaClient(connection, { logger: silent });
      const credentials = directKafkaCredentials(connection, silent);
      const platformId = uniqueName('picturebook');
      const { topic, groupPrefix, user } = kafkaAccess(platformId);
      const password = randomBytes(18).toString('base64url');
      await client.admin().ensureTopic({ topic, partitions: 1, configs: { 'cleanup.policy': 'compact' } });
      await credentials.ensureUser(user, password);
      await credentials.allow(user, platformGrants(topic, groupPrefix));
      const producer = client.producer();
      const context: ConnectorContext = {
        topics: { produce: (name, records) => producer.send([{ topic: name, records }], AbortSignal.timeout(10_000)) },
        egress: {
          post: () => Promise.reject(new Error('Kafka is not HTTP')),
          request: () => Promise.reject(new Error('Kafka is not HTTP')),
        },
        signing: { ed25519: () => [], publicKeys: () => [] },
        now: () => new Date(),
        randomBytes,
      };
      const program = await startManualProgram(await manualText('kafka.md', language), language, {
        BROKERS: bootstrap,
        TOPIC: topic,
        GROUP: `${groupPrefix}manual`,
        KAFKA_USER: user,
        KAFKA_PASSWORD: password,
      });
      try {
        const record = anOutgoingRecord();
        const withdrawal = anOutgoingRecord({ kind: 'withdrawal', rowId: record.rowId, version: 2 });
        const again = { ...record, version: 3, body: record.body.replace('"version":1', '"version":3') };
        for (const records of [[record], [withdrawal], [record, again]]) {
          const batch = anOutgoingBatch(records, { platformId });
          expect(await connectorById('kafka')?.deliver?.(batch, {}, {}, context)).toMatchObject({ outcome: 'sent' });
        }
        const key = `everyone/${record.rowId}`;
        await program.says(`live ${key} 3`, 30_000);
        const said = program.lines.filter((line) => line.includes(key));
        expect(said).toEqual([`live ${key} 1`, `withdrawn ${key} 2 restore`, `live ${key} 3`]);
      } finally {
        await program.stop();
        await credentials.removeUser(user);
        await client.admin().deleteTopic(topic);
        await client.close();
      }
    },
  );
});
