import { setTimeout as sleep } from 'node:timers/promises';
import { Collected, type ContractSetting, numbered, until, upTo } from './contract-setting.js';
import { withClient } from './topic-of-test.js';

/** What producers and consumers owe when the broker dies. */
export function describeOutage(setting: ContractSetting): void {
  describe('an outage of the broker', () => {
    it('loses nothing that was acknowledged, and both sides go on by themselves', () =>
      withClient(setting, async ({ client, newTopic, group }) => {
        const topic = await newTopic(3);
        const producer = client.producer();
        const collected = new Collected();
        const consumer = client.consumer({ groupId: group });
        consumer.subscribe([topic]);
        consumer.start(collected.take);
        const acknowledged: number[] = [];
        const enough = new AbortController();
        const sender = (async () => {
          for (let from = 0; !enough.signal.aborted; from += 20) {
            await producer.send([{ topic, records: numbered(20, { from, keys: 9 }) }]);
            acknowledged.push(...upTo(20).map((number) => from + number));
          }
        })();
        await until('it flows', () => acknowledged.length > 200 && collected.numbers.length > 100);
        await setting.broker().kill9();
        const atKill = acknowledged.length;
        await sleep(1_000);
        await setting.broker().restart();
        await until('sends are acknowledged again', () => acknowledged.length > atKill + 200, 60_000);
        enough.abort();
        await sender;
        await until('everything is read', () => collected.distinct.length >= acknowledged.length, 60_000);
        expect(collected.distinct).toEqual(acknowledged);
        const offsets = (await client.admin().offsets(topic)) ?? [];
        const written = offsets.reduce((sum, { endOffset }) => sum + Number(endOffset), 0);
        expect(written).toBe(acknowledged.length);
        for (const numbers of collected.byPartition.values()) expectOrderApartFromRepeats(numbers);
      }));

    it('begins while the broker is away, and gives up a send only on request', () =>
      withClient(setting, async ({ client, newTopic, group }) => {
        const topic = await newTopic();
        await setting.broker().kill9();
        try {
          const collected = new Collected();
          const consumer = client.consumer({ groupId: group });
          consumer.subscribe([topic]);
          consumer.start(collected.take);
          const producer = client.producer();
          const impatient = producer.send([{ topic, records: numbered(1, { from: 99 }) }], AbortSignal.timeout(2_000));
          await expect(impatient).rejects.toMatchObject({ code: 'TOC_KAFKA_UNAVAILABLE', family: 'transient' });
          const patient = producer.send([{ topic, records: numbered(3) }]);
          await sleep(4_000);
          expect(consumer.health().state).not.toBe('consuming');
          await setting.broker().restart();
          await patient;
          await until('it is read', () => collected.distinct.length >= 3, 60_000);
          expect(collected.numbers.filter((number) => number !== 99)).toEqual([0, 1, 2]);
        } finally {
          await setting.broker().restart();
        }
      }));

    it('lets a client close while it lasts', () =>
      withClient(setting, async ({ client, newTopic, group }) => {
        const topic = await newTopic();
        const consumer = client.consumer({ groupId: group });
        consumer.subscribe([topic]);
        consumer.start(() => Promise.resolve());
        await until('it consumes', () => consumer.health().state === 'consuming');
        await setting.broker().kill9();
        try {
          const producer = client.producer();
          const hopeless = expect(producer.send([{ topic, records: numbered(1) }])).rejects.toMatchObject({
            family: 'transient',
          });
          await sleep(500);
          await Promise.all([producer.close(), consumer.close()]);
          await hopeless;
        } finally {
          await setting.broker().restart();
        }
      }));
  });
}

/** Each number's first delivery comes after those of all smaller ones: repeats may follow an outage, gaps may not. */
function expectOrderApartFromRepeats(numbers: readonly number[]): void {
  const firsts = numbers.filter((number, index) => numbers.indexOf(number) === index);
  expect(firsts).toEqual([...firsts].sort((a, b) => a - b));
}
