import { randomBytes, randomUUID } from 'node:crypto';
import type { ReceivedRecord } from '../index.js';
import { Collected, type ContractSetting, numbered, promised, until, upTo } from './contract-setting.js';
import { withClient } from './topic-of-test.js';

/** What a producer owes. */
export function describeProducer(setting: ContractSetting): void {
  describe('a producer', () => {
    it('keeps the order of calls in every partition, also of calls that do not wait for each other', () =>
      withClient(setting, async ({ client, newTopic, group }) => {
        const topic = await newTopic(3);
        const producer = client.producer();
        const sends = upTo(40).map((send) =>
          producer.send([{ topic, records: numbered(100, { from: send * 100, keys: 7 }) }]),
        );
        await Promise.all(sends);
        const collected = new Collected();
        const consumer = client.consumer({ groupId: group });
        consumer.subscribe([topic]);
        consumer.start(collected.take);
        await until('everything is read', () => collected.numbers.length >= 4_000);
        expect(collected.numbers).toHaveLength(4_000);
        for (const numbers of collected.byPartition.values()) {
          expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
        }
        expect(collected.byPartition.size).toBeGreaterThan(1);
      }));

    it('carries keys, values and headers as the bytes they are', () =>
      withClient(setting, async ({ client, newTopic, group }) => {
        const topic = await newTopic(2);
        const bytes = Buffer.from(upTo(256));
        const key = randomBytes(16);
        const headers = { binary: bytes, text: 'grüße ✓', empty: '' };
        await client.producer().send([
          {
            topic,
            records: [
              { key, value: bytes, headers, partition: 1 },
              { key: 'gone', value: null, partition: 1 },
            ],
          },
        ]);
        const read: ReceivedRecord[] = [];
        const consumer = client.consumer({ groupId: group });
        consumer.subscribe([topic]);
        consumer.start(
          promised(({ batch }) => {
            expect(batch.partition).toBe(1);
            read.push(...batch.records);
          }),
        );
        await until('both are read', () => read.length === 2);
        expect(read[0]).toMatchObject({ offset: 0n, key, value: bytes });
        expect(read[0]?.headers).toEqual({
          binary: bytes,
          text: Buffer.from('grüße ✓'),
          empty: Buffer.alloc(0),
        });
        expect(Math.abs(Date.now() - (read[0]?.timestamp ?? 0))).toBeLessThan(60_000);
        expect(read[1]).toMatchObject({ offset: 1n, key: Buffer.from('gone'), value: null, headers: {} });
      }));

    it('takes sends of 1,000 records, and sends larger than a request', () =>
      withClient(setting, async ({ client, newTopic, group }) => {
        const [topic, other] = [await newTopic(), await newTopic()];
        const value = 'x'.repeat(600);
        const thousand = upTo(1_000).map((number) => ({ key: `${number}`, value }));
        const large = upTo(300).map((number) => ({ key: `${number}`, value: Buffer.alloc(20_000, number) }));
        const producer = client.producer();
        for (let send = 0; send < 5; send += 1) await producer.send([{ topic, records: thousand }]);
        await producer.send([
          { topic, records: large },
          { topic: other, records: thousand },
        ]);
        const admin = client.admin();
        expect(await admin.offsets(topic)).toEqual([{ partition: 0, startOffset: 0n, endOffset: 5_300n }]);
        expect(await admin.lag(group, other)).toEqual(new Map([[0, 1_000n]]));
      }));

    it('refuses for good a record that the broker will never take, and goes on with others', () =>
      withClient(setting, async ({ client, newTopic }) => {
        const topic = await newTopic();
        const producer = client.producer();
        await producer.send([{ topic, records: numbered(10) }]);
        const tooLarge = { key: 'k', value: Buffer.alloc(3_000_000) };
        await expect(producer.send([{ topic, records: [tooLarge] }])).rejects.toMatchObject({
          code: 'TOC_KAFKA_RECORD_REFUSED',
          family: 'rejection',
        });
        await producer.send([{ topic, records: numbered(10) }]);
        expect(await client.admin().offsets(topic)).toMatchObject([{ endOffset: 20n }]);
      }));

    it('says that a topic is missing, within seconds, and can write to it once it is there', () =>
      withClient(setting, async ({ client, newTopic }) => {
        const existing = await newTopic();
        const topic = `contract.${randomUUID()}.v1`;
        const producer = client.producer();
        const started = performance.now();
        await expect(producer.send([{ topic, records: numbered(1) }])).rejects.toMatchObject({
          code: 'TOC_KAFKA_UNAVAILABLE',
          family: 'transient',
        });
        expect(performance.now() - started).toBeLessThan(10_000);
        await producer.send([{ topic: existing, records: numbered(1) }]);
        await client.admin().ensureTopic({ topic, partitions: 1 });
        await producer.send([{ topic, records: numbered(1) }]);
      }));

    it('does not report as written what was meant for a partition that does not exist', () =>
      withClient(setting, async ({ client, newTopic }) => {
        const topic = await newTopic(1);
        const send = client.producer().send([{ topic, records: [{ key: 'k', value: 'v', partition: 7 }] }]);
        await expect(send).rejects.toMatchObject({ family: 'transient' });
      }));

    it('goes on after another topic that it wrote to was deleted', () =>
      withClient(setting, async ({ client, newTopic }) => {
        const [kept, deleted] = [await newTopic(), await newTopic()];
        const producer = client.producer();
        await producer.send([
          { topic: deleted, records: numbered(1) },
          { topic: kept, records: numbered(1) },
        ]);
        await client.admin().deleteTopic(deleted);
        await expect(producer.send([{ topic: deleted, records: numbered(1) }])).rejects.toMatchObject({
          family: 'transient',
        });
        await producer.send([{ topic: kept, records: numbered(1) }]);
      }));

    it('rejects what is sent after it was closed', () =>
      withClient(setting, async ({ client, newTopic }) => {
        const topic = await newTopic();
        const producer = client.producer();
        const before = producer.send([{ topic, records: numbered(1) }]);
        await producer.close();
        await before;
        await expect(producer.send([{ topic, records: numbered(1) }])).rejects.toMatchObject({ family: 'transient' });
      }));
  });
}
