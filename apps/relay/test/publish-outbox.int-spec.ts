import { randomBytes, randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { createKafkaClient, type KafkaClient } from '#libs/messaging';
import { migrate, openDatabase, writeOutbox, type OutboxRecord } from '#libs/persistence';
import { createLogger, Telemetry } from '#libs/runtime';
import { createDatabase, sharedAddresses, uniqueName, type TestDatabase } from '#libs/testing';
import { OutboxPublisher } from '../src/publish-outbox/outbox-publisher.js';

const LANE = 1;
const ROWS_AT_ONCE = 4;

let testDatabase: TestDatabase;
let database: DataSource;
let kafka: KafkaClient;

beforeAll(async () => {
  const { kafka: addresses } = await sharedAddresses();
  testDatabase = await createDatabase('relay');
  await migrate(testDatabase.url);
  const settings = { url: testDatabase.url, connections: 2, applicationName: 'relay-under-test' };
  database = await openDatabase(settings).initialize();
  const sasl = {
    mechanism: 'scram-sha-512' as const,
    username: addresses.adminUser,
    password: addresses.adminPassword,
  };
  kafka = createKafkaClient(
    { brokers: [addresses.bootstrap], clientId: 'relay-under-test', sasl },
    { logger: createLogger('relay', 'fatal') },
  );
}, 60_000);

afterAll(async () => {
  await kafka.close();
  await database.destroy();
  await testDatabase.drop();
});

beforeEach(() => database.query(`TRUNCATE normaliser.outbox`));

const publisher = (afterSend?: () => void): OutboxPublisher =>
  new OutboxPublisher(
    ...(['normaliser', LANE, database, kafka.producer(), ROWS_AT_ONCE] as const),
    ...([createLogger('relay', 'fatal'), new Telemetry('relay'), afterSend] as const),
  );

async function newTopic(): Promise<string> {
  const topic = uniqueName('relay');
  await createTopic(topic);
  return topic;
}

async function createTopic(topic: string): Promise<void> {
  const admin = kafka.admin();
  await admin.ensureTopic({ topic, partitions: 1 });
  await admin.close();
}

const recordOf = (key: string, value = Buffer.from('{}')): OutboxRecord => ({
  key,
  value,
  headers: { ce_id: randomUUID() },
});

const place = (topic: string, records: readonly OutboxRecord[]): Promise<void> =>
  database.transaction((manager) => writeOutbox(manager, 'normaliser', LANE, topic, records));

/** Steps until nothing is left that could be published now. */
async function publishAll(relay: OutboxPublisher): Promise<void> {
  for (let step = 0; step < 20; step += 1) {
    const next = await relay.step();
    if (next !== 'again' && next > 0) return;
  }
  throw new Error('The publisher does not come to rest.');
}

/** Key and id of every record of a topic, in order. */
async function written(topic: string): Promise<{ key: string; id: string }[]> {
  const admin = kafka.admin();
  const [partition] = (await admin.offsets(topic)) ?? [];
  await admin.close();
  const expected = Number(partition?.endOffset ?? 0);
  const found: { key: string; id: string }[] = [];
  if (expected === 0) return found;
  const consumer = kafka.consumer({ groupId: uniqueName('relay-reader') });
  consumer.subscribe([topic]);
  await new Promise<void>((resolve) => {
    consumer.start(({ batch }) => {
      for (const { key, headers } of batch.records)
        found.push({ key: key?.toString() ?? '', id: String(headers['ce_id']) });
      if (found.length >= expected) resolve();
      return Promise.resolve();
    });
  });
  await consumer.close();
  return found;
}

const keysOf = async (topic: string): Promise<string[]> => (await written(topic)).map(({ key }) => key);

const outbox = (topic: string): Promise<{ published: boolean; refused_keys: string[] | null }[]> =>
  database.query(
    `SELECT published_at IS NOT NULL AS published, refused_keys FROM normaliser.outbox WHERE topic = $1 ORDER BY id`,
    [topic],
  );

describe('publishing an outbox', () => {
  it('keeps the order of each topic over many sends', async () => {
    const [a, b] = [await newTopic(), await newTopic()];
    const keys = Array.from({ length: 30 }, (_, index) => `${index}`);
    for (const key of keys) {
      await place(a, [recordOf(`${key}/1`), recordOf(`${key}/2`)]);
      if (Number(key) % 3 === 0) await place(b, [recordOf(key)]);
    }
    await publishAll(publisher());
    expect(await keysOf(a)).toEqual(keys.flatMap((key) => [`${key}/1`, `${key}/2`]));
    expect(await keysOf(b)).toEqual(keys.filter((key) => Number(key) % 3 === 0));
    expect((await outbox(a)).every(({ published }) => published)).toBe(true);
  });

  it('goes on with the other topics of a lane while one is missing, and catches up in order once it is there', async () => {
    const [sound, missing] = [await newTopic(), uniqueName('relay-missing')];
    const relay = publisher();
    // More rows than one send takes stand before the first of the sound topic.
    const late = Array.from({ length: ROWS_AT_ONCE + 2 }, (_, index) => `late ${index}`);
    for (const key of late) await place(missing, [recordOf(key)]);
    await place(sound, [recordOf('first')]);
    await publishAll(relay);
    await place(sound, [recordOf('second')]);
    await publishAll(relay);
    expect(await keysOf(sound)).toEqual(['first', 'second']);
    expect(await outbox(missing)).toEqual(late.map(() => ({ published: false, refused_keys: null })));
    expect(await relay.oldestUnpublished()).toBeGreaterThan(0);
    // Only the missing topic is left: the loop waits rather than spins.
    expect(await relay.step()).toBeGreaterThanOrEqual(500);
    await createTopic(missing);
    const end = Date.now() + 60_000;
    while ((await outbox(missing)).some(({ published }) => !published) && Date.now() < end) {
      await publishAll(relay);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(await keysOf(missing)).toEqual(late);
  });

  it('keeps a record that Kafka refuses for a person, and its neighbours go out', async () => {
    const [topic, other] = [await newTopic(), await newTopic()];
    await place(topic, [recordOf('before'), recordOf('too large', randomBytes(3_000_000)), recordOf('after')]);
    await place(topic, [recordOf('next row')]);
    await place(other, [recordOf('elsewhere')]);
    await publishAll(publisher());
    // A neighbour may come twice, never out of order and never not at all.
    expect([...new Set(await keysOf(topic))]).toEqual(['before', 'after', 'next row']);
    expect([...new Set(await keysOf(other))]).toEqual(['elsewhere']);
    expect(await outbox(topic)).toEqual([
      { published: true, refused_keys: ['too large'] },
      { published: true, refused_keys: null },
    ]);
    expect(await outbox(other)).toEqual([{ published: true, refused_keys: null }]);
  });

  it('repeats records with the same ids when it ends between the send and the mark', async () => {
    const topic = await newTopic();
    const records = [recordOf('a'), recordOf('b')];
    await place(topic, records);
    const dying = publisher(() => {
      throw new Error('the process ends here');
    });
    await expect(dying.step()).rejects.toThrow('the process ends here');
    expect(await outbox(topic)).toEqual([{ published: false, refused_keys: null }]);
    await publishAll(publisher());
    const once = records.map(({ key, headers }) => ({ key, id: headers['ce_id'] }));
    expect(await written(topic)).toEqual([...once, ...once]);
  });
});
