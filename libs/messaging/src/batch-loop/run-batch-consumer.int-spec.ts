import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { rejection, transient } from '#libs/domain';
import { sharedAddresses } from '#libs/testing';
import { Collected, numbered, numberIn, promised, quietLogger, until, upTo } from '../contract/contract-setting.js';
import {
  createKafkaClient,
  type DeadLetter,
  type KafkaClient,
  type MessagingObserver,
  silentObserver,
} from '../index.js';
import { runBatchConsumer } from './run-batch-consumer.js';

let client: KafkaClient;

beforeAll(async () => {
  const { bootstrap, adminUser, adminPassword } = (await sharedAddresses()).kafka;
  const sasl = { mechanism: 'scram-sha-512' as const, username: adminUser, password: adminPassword };
  client = createKafkaClient({ brokers: [bootstrap], clientId: 'batch-loop', sasl }, { logger: quietLogger() });
});
afterAll(() => client.close());

async function aTopic(partitions: number): Promise<{ topic: string; groupId: string }> {
  const id = randomUUID();
  await client.admin().ensureTopic({ topic: `batch-loop.${id}.v1`, partitions });
  return { topic: `batch-loop.${id}.v1`, groupId: `batch-loop-${id}` };
}

/** Dead letters by number, as an application's table would keep them. */
function letterBox() {
  const letters = new Map<number, string>();
  return {
    letters,
    write: promised(({ record }: DeadLetter, code: string) => {
      letters.set(numberIn(record), code);
    }),
  };
}

const QUICK = { transient: { firstMs: 20, maxMs: 200 }, fault: { firstMs: 20, maxMs: 50 }, faultTries: 3 };

describe('a batch consumer on a real broker', () => {
  it('hands over at most the wanted number of records, in order, and commits all', async () => {
    const { topic, groupId } = await aTopic(1);
    await client.producer().send([{ topic, records: numbered(2_500) }]);
    const collected = new Collected();
    const sizes: number[] = [];
    const running = runBatchConsumer({
      client,
      groupId,
      topics: [topic],
      deadLetters: letterBox(),
      logger: quietLogger(),
      handle: promised((batch) => {
        sizes.push(batch.records.length);
        collected.add(batch);
      }),
    });
    await until('all is handled', () => collected.numbers.length >= 2_500);
    await running.close();
    expect(collected.numbers).toEqual(upTo(2_500));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_000);
    expect(await client.admin().lag(groupId, topic)).toEqual(new Map([[0, 0n]]));
  });

  it('waits out a transient error in one partition, longer than the session, while the others go on', async () => {
    const { topic, groupId } = await aTopic(2);
    const to = (partition: number, from: number) =>
      client.producer().send([{ topic, records: numbered(10, { from }).map((record) => ({ ...record, partition })) }]);
    await to(0, 0);
    const collected = new Collected();
    const box = letterBox();
    const paused: boolean[] = [];
    let isAway = true;
    let tries = 0;
    const running = runBatchConsumer({
      client,
      groupId,
      topics: [topic],
      sessionTimeoutMs: 6_000,
      deadLetters: box,
      logger: quietLogger(),
      observer: { ...silentObserver, pausedChanged: (_, isPaused) => paused.push(isPaused) },
      retry: QUICK,
      handle: promised((batch) => {
        if (batch.partition === 0 && isAway) {
          tries += 1;
          throw transient('TOC_DATABASE_UNAVAILABLE', 'away');
        }
        collected.add(batch);
      }),
    });
    await until('the partition is paused', () => paused.length > 0);
    const started = performance.now();
    for (let from = 10; performance.now() - started < 8_000; from += 10) {
      const before = collected.numbers.length;
      await to(1, from);
      await until('the other partition goes on', () => collected.numbers.length === before + 10);
    }
    expect(tries).toBeGreaterThan(10);
    isAway = false;
    await until('the partition goes on', () => collected.byPartition.has(`${topic}/0`));
    expect(collected.byPartition.get(`${topic}/0`)).toEqual(upTo(10));
    await running.close();
    expect([paused, box.letters.size]).toEqual([[true, false], 0]);
    expect([...(await client.admin().lag(groupId, topic)).values()]).toEqual([0n, 0n]);
  });

  it('isolates poison: one dead letter each, every other record handled, nothing handled after a restart', async () => {
    const { topic, groupId } = await aTopic(3);
    await client.producer().send([{ topic, records: numbered(600, { keys: 30 }) }]);
    const isPoison = (number: number) => number % 97 === 5;
    const isBroken = (number: number) => number === 300;
    const collected = new Collected();
    const box = letterBox();
    const alarms: string[] = [];
    const observer: MessagingObserver = { ...silentObserver, alarmed: (_, code) => alarms.push(code) };
    const settings = {
      client,
      groupId,
      topics: [topic],
      deadLetters: box,
      logger: quietLogger(),
      observer,
      retry: QUICK,
    };
    const running = runBatchConsumer({
      ...settings,
      handle: promised((batch) => {
        const numbers = batch.records.map(numberIn);
        if (numbers.some(isPoison)) throw rejection('TOC_EVENT_MALFORMED', 'poison');
        if (numbers.some(isBroken)) throw new Error('a bug');
        collected.add(batch);
      }),
    });
    const isBad = (number: number) => isPoison(number) || isBroken(number);
    await until('all is handled', () => collected.numbers.length + box.letters.size >= 600);
    await running.close();
    expect(collected.numbers.toSorted((a, b) => a - b)).toEqual(upTo(600).filter((number) => !isBad(number)));
    expect([...box.letters.keys()].sort((a, b) => a - b)).toEqual(upTo(600).filter(isBad));
    expect(box.letters.get(300)).toBe('TOC_FAULT');
    expect(alarms).toEqual(['TOC_FAULT']);
    const again = new Collected();
    const restarted = runBatchConsumer({ ...settings, handle: promised((batch) => again.add(batch)) });
    await until('it consumes', () => restarted.health().state === 'consuming');
    await sleep(1_000);
    await restarted.close();
    expect(again.numbers).toEqual([]);
  });

  it('drains when closed: each record is handled, and none twice', async () => {
    const { topic, groupId } = await aTopic(2);
    await client.producer().send([{ topic, records: numbered(400, { keys: 20 }) }]);
    const collected = new Collected();
    let rounds = 0;
    while (collected.numbers.length < 400) {
      const before = collected.numbers.length;
      const running = runBatchConsumer({
        client,
        groupId,
        topics: [topic],
        maxRecords: 37,
        deadLetters: letterBox(),
        logger: quietLogger(),
        handle: async (batch) => {
          await sleep(30);
          collected.add(batch);
        },
      });
      await until('something is handled', () => collected.numbers.length > before);
      await running.close();
      rounds += 1;
    }
    expect(rounds).toBeGreaterThan(2);
    expect(collected.numbers.toSorted((a, b) => a - b)).toEqual(upTo(400));
  });
});
