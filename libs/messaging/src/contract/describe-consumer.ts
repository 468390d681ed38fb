import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Collected, type ContractSetting, numbered, until, upTo } from './contract-setting.js';
import { withClient } from './topic-of-test.js';

/** What a consumer owes while the broker is well. */
export function describeConsumer(setting: ContractSetting): void {
  describe('a consumer', () => {
    it('delivers again what was not committed, and nothing that was', () =>
      withClient(setting, async ({ client, newTopic, group }) => {
        const topic = await newTopic();
        await client.producer().send([{ topic, records: numbered(100) }]);
        const first = client.consumer({ groupId: group });
        const seen: bigint[] = [];
        first.subscribe([topic]);
        first.start(async ({ batch, commit }) => {
          await commit(40n);
          seen.push(...batch.records.map(({ offset }) => offset));
        });
        await until('all was delivered', () => seen.length === 100);
        await first.close();
        const collected = new Collected();
        const second = client.consumer({ groupId: group });
        second.subscribe([topic]);
        second.start(collected.take);
        await until('the rest was delivered', () => collected.numbers.length >= 60);
        expect(collected.numbers).toEqual(upTo(100).slice(40));
        expect(await client.admin().lag(group, topic)).toEqual(new Map([[0, 0n]]));
      }));

    it('delivers a batch again that was thrown back, from the last committed offset, and others meanwhile', () =>
      withClient(setting, async ({ client, newTopic, group }) => {
        const topic = await newTopic(2);
        await client.producer().send([{ topic, records: numbered(10).map((record) => ({ ...record, partition: 0 })) }]);
        const firsts: bigint[] = [];
        const other = new Collected();
        const consumer = client.consumer({ groupId: group });
        consumer.subscribe([topic]);
        consumer.start(async (delivery) => {
          if (delivery.batch.partition === 1) return other.take(delivery);
          firsts.push(delivery.batch.records[0]?.offset ?? -1n);
          if (firsts.length === 1) await delivery.commit(3n);
          if (firsts.length < 3) throw new Error('not now');
          await delivery.commit(delivery.nextOffset);
        });
        await until('it was delivered once', () => firsts.length === 1);
        await client.producer().send([{ topic, records: numbered(1).map((record) => ({ ...record, partition: 1 })) }]);
        await until('the other partition was delivered', () => other.numbers.length === 1);
        await until('it was delivered three times', () => firsts.length === 3);
        expect(firsts).toEqual([0n, 3n, 3n]);
      }));

    it('lets no partition wait for a slow one, and stays a member however long that takes', () =>
      withClient(setting, async ({ client, newTopic, group, logged }) => {
        const topic = await newTopic(2);
        const producer = client.producer();
        const to = (partition: number, count: number) =>
          producer.send([{ topic, records: numbered(count).map((record) => ({ ...record, partition })) }]);
        await to(0, 5);
        const fast = new Collected();
        const slow: number[] = [];
        const moved = Promise.withResolvers<undefined>();
        let slowEnded = false;
        const consumer = client.consumer({ groupId: group, sessionTimeoutMs: 6_000, holdMs: 100 });
        consumer.subscribe([topic]);
        consumer.start(async (delivery) => {
          if (delivery.batch.partition === 1) return fast.take(delivery);
          slow.push(delivery.batch.records.length);
          // Longer than the session, and until the other partition has moved.
          if (slow.length === 1) await Promise.all([sleep(9_000), moved.promise]);
          expect(await delivery.commit(delivery.nextOffset)).toBe('committed');
          slowEnded = true;
        });
        await until('the slow batch has begun', () => slow.length === 1);
        for (let send = 1; send <= 10; send += 1) {
          await to(1, 5);
          await until('the fast partition has moved', () => fast.numbers.length === send * 5);
        }
        moved.resolve(undefined);
        await until('the slow batch has ended', () => slowEnded);
        await to(0, 1);
        await until('the slow partition goes on', () => slow.length === 2);
        expect(slow).toEqual([5, 1]);
        expect(logged.filter((line) => line.includes('rebuilt'))).toEqual([]);
      }));

    it('pauses and resumes one partition', () =>
      withClient(setting, async ({ client, newTopic, group }) => {
        const topic = await newTopic(2);
        const records = [0, 1].flatMap((partition) => numbered(5).map((record) => ({ ...record, partition })));
        const collected = new Collected();
        const consumer = client.consumer({ groupId: group });
        consumer.subscribe([topic]);
        consumer.pause(topic, 0);
        consumer.start(collected.take);
        await client.producer().send([{ topic, records }]);
        await until('the other partition was delivered', () => collected.numbers.length === 5);
        await sleep(700);
        expect([...collected.byPartition.keys()]).toEqual([`${topic}/1`]);
        consumer.resume(topic, 0);
        await until('both were delivered', () => collected.numbers.length === 10);
      }));

    it('takes topics on and off while it runs, and waits for one that is not there yet', () =>
      withClient(setting, async ({ client, newTopic, group }) => {
        const [one, two] = [await newTopic(), await newTopic()];
        const later = `contract.${randomUUID()}.v1`;
        const producer = client.producer();
        const collected = new Collected();
        const consumer = client.consumer({ groupId: group });
        const send = (topic: string, from: number) => producer.send([{ topic, records: numbered(5, { from }) }]);
        consumer.subscribe([one]);
        consumer.start(collected.take);
        await send(one, 0);
        await until('the first topic is read', () => collected.distinct.length === 5);
        consumer.subscribe([one, two, later]);
        await Promise.all([send(one, 5), send(two, 10)]);
        await until('both topics are read', () => collected.distinct.length === 15);
        await client.admin().ensureTopic({ topic: later, partitions: 1 });
        await send(later, 15);
        await until('the later topic is read', () => collected.distinct.length === 20);
        consumer.subscribe([two, later]);
        await send(two, 20);
        await until('it reads on', () => collected.distinct.length === 25);
        // It reads the first topic until it has joined anew; from then on nothing of it comes.
        let isOff = false;
        for (let from = 25; !isOff && from < 100; from += 5) {
          await send(one, from);
          await sleep(1_500);
          isOff = !collected.distinct.includes(from);
        }
        expect(isOff).toBe(true);
      }));

    it('is not stopped by a topic that is deleted', () =>
      withClient(setting, async ({ client, newTopic, group }) => {
        const [kept, deleted] = [await newTopic(), await newTopic()];
        const producer = client.producer();
        const collected = new Collected();
        const consumer = client.consumer({ groupId: group });
        consumer.subscribe([kept, deleted]);
        consumer.start(collected.take);
        await producer.send([
          { topic: kept, records: numbered(5) },
          { topic: deleted, records: numbered(5, { from: 5 }) },
        ]);
        await until('both are read', () => collected.numbers.length === 10);
        await client.admin().deleteTopic(deleted);
        await sleep(1_000);
        await producer.send([{ topic: kept, records: numbered(5, { from: 10 }) }]);
        await until('the other topic goes on', () => collected.distinct.length === 15);
      }));

    it('closes after the batch under way was committed, and takes no other', () =>
      withClient(setting, async ({ client, newTopic, group }) => {
        const topic = await newTopic();
        await client.producer().send([{ topic, records: numbered(10) }]);
        const consumer = client.consumer({ groupId: group });
        let begun = 0;
        let stopped = false;
        consumer.subscribe([topic]);
        consumer.start(async (delivery) => {
          begun += 1;
          delivery.signal.addEventListener('abort', () => (stopped = true));
          await sleep(1_000);
          expect(await delivery.commit(7n)).toBe('committed');
        });
        await until('it has begun', () => begun === 1);
        await consumer.close();
        expect([begun, stopped, consumer.health().state]).toEqual([1, true, 'closed']);
        expect(await client.admin().lag(group, topic)).toEqual(new Map([[0, 3n]]));
      }));

    it('shares the partitions with other members, and nothing is lost when they come and go', () =>
      withClient(setting, async ({ client, newTopic, group }) => {
        const topic = await newTopic(6);
        const producer = client.producer();
        const collected = new Collected();
        const member = () => {
          const consumer = client.consumer({ groupId: group });
          consumer.subscribe([topic]);
          consumer.start(collected.take);
          return consumer;
        };
        let sent = 0;
        const send = async (count: number) => {
          for (let end = sent + count; sent < end; sent += 50) {
            await producer.send([{ topic, records: numbered(50, { from: sent, keys: 60 }) }]);
          }
        };
        const first = member();
        await send(500);
        await until('the first member reads', () => collected.numbers.length > 0);
        const second = member();
        await until('the second has joined', () => second.health().state === 'consuming');
        await send(1_000);
        await first.close();
        await send(500);
        await until('everything is read', () => collected.distinct.length === 2_000);
        expect(collected.distinct).toEqual(upTo(2_000));
      }));

    it('tells its state', () =>
      withClient(setting, async ({ client, newTopic, group }) => {
        const missing = `contract.${randomUUID()}.v1`;
        const consumer = client.consumer({ groupId: group });
        const states: string[] = [consumer.health().state];
        const end = consumer.onHealth(({ state }) => states.push(state));
        consumer.subscribe([missing]);
        consumer.start(() => Promise.resolve());
        await until('it waits', () => consumer.health().state === 'waiting');
        expect(consumer.health().reason).toBe(missing);
        consumer.subscribe([await newTopic()]);
        await until('it consumes', () => consumer.health().state === 'consuming');
        end();
        await consumer.close();
        expect(states).toEqual(['starting', 'waiting', 'consuming']);
      }));
  });
}
