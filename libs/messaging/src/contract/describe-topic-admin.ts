import { randomUUID } from 'node:crypto';
import { type ContractSetting, numbered, until } from './contract-setting.js';
import { withClient } from './topic-of-test.js';

/** What topic administration owes. */
export function describeTopicAdmin(setting: ContractSetting): void {
  describe('topic administration', () => {
    it('makes a topic as wanted, once, and brings its configuration up to date', () =>
      withClient(setting, async ({ client }) => {
        const admin = client.admin();
        const topic = `contract.${randomUUID()}.v1`;
        const wanted = {
          topic,
          partitions: 3,
          configs: { 'cleanup.policy': 'compact', 'max.compaction.lag.ms': '86400000' },
        };
        expect(await admin.ensureTopic(wanted)).toBe('created');
        expect(await admin.ensureTopic(wanted)).toBe('unchanged');
        expect(await admin.offsets(topic)).toHaveLength(3);
        const changed = { ...wanted, configs: { 'max.compaction.lag.ms': '3600000' } };
        expect(await admin.ensureTopic(changed)).toBe('altered');
        expect(await admin.ensureTopic(changed)).toBe('unchanged');
        expect(await admin.ensureTopic({ ...wanted, configs: { 'cleanup.policy': 'compact' } })).toBe('unchanged');
      }));

    it('never changes the number of partitions', () =>
      withClient(setting, async ({ client, newTopic }) => {
        const topic = await newTopic(2);
        await expect(client.admin().ensureTopic({ topic, partitions: 4 })).rejects.toMatchObject({ family: 'fault' });
        expect(await client.admin().offsets(topic)).toHaveLength(2);
      }));

    it('takes a configuration that Kafka does not know for a fault', () =>
      withClient(setting, async ({ client }) => {
        const wanted = { topic: `contract.${randomUUID()}.v1`, partitions: 1, configs: { 'cleanup.policy': 'burn' } };
        await expect(client.admin().ensureTopic(wanted)).rejects.toMatchObject({ family: 'fault' });
      }));

    it('waits for brokers when more replicas are wanted than brokers are up', () =>
      withClient(setting, async ({ client }) => {
        const wanted = { topic: `contract.${randomUUID()}.v1`, partitions: 1, replicationFactor: 2 };
        await expect(client.admin().ensureTopic(wanted)).rejects.toMatchObject({ code: 'TOC_KAFKA_UNAVAILABLE' });
      }));

    it('answers several who make the same topic at the same moment', () =>
      withClient(setting, async ({ client }) => {
        const wanted = {
          topic: `contract.${randomUUID()}.v1`,
          partitions: 3,
          configs: { 'cleanup.policy': 'compact' },
        };
        const outcomes = await Promise.all([1, 2, 3, 4, 5].map(() => client.admin().ensureTopic(wanted)));
        expect(outcomes.sort()).toEqual(['created', ...Array.from({ length: 4 }, () => 'unchanged')]);
      }));

    it('lists and deletes topics, and answers for one that is not there', () =>
      withClient(setting, async ({ client, newTopic, group }) => {
        const admin = client.admin();
        const topic = await newTopic();
        expect(await admin.listTopics()).toContain(topic);
        await admin.deleteTopic(topic);
        await until('it is gone', async () => !(await admin.listTopics()).includes(topic));
        await admin.deleteTopic(topic);
        expect(await admin.offsets(topic)).toBeNull();
        expect(await admin.lag(group, topic)).toEqual(new Map());
      }));

    it('tells how far a group lags', () =>
      withClient(setting, async ({ client, newTopic, group }) => {
        const topic = await newTopic();
        await client.producer().send([{ topic, records: numbered(10) }]);
        expect(await client.admin().lag(group, topic)).toEqual(new Map([[0, 10n]]));
        const consumer = client.consumer({ groupId: group });
        consumer.subscribe([topic]);
        let committed = '';
        consumer.start(async (delivery) => {
          committed = await delivery.commit(4n);
        });
        await until('something is committed', () => committed === 'committed');
        expect(await client.admin().lag(group, topic)).toEqual(new Map([[0, 6n]]));
      }));
  });
}
