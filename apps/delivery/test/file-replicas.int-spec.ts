import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { liveRow, rowIds, withdrawnRow } from '#libs/testing';
import { DeliveryProcess } from './delivery-process.js';
import { Exchange, eventually } from './exchange.js';
import { FileSubscribers } from './file-subscriber.js';

let exchange: Exchange;
let subscribers: FileSubscribers;

beforeEach(async () => {
  exchange = await Exchange.open('file-replicas');
  subscribers = await FileSubscribers.open(exchange);
}, 60_000);
afterEach(() => exchange.close());

const settings = (): Record<string, string> => ({ TOCSIN_FILES_DIR: subscribers.root });

it('a process that is killed before the manifest leaves no full file, and the next one takes its parts away', async () => {
  const channel = await exchange.channel({ partitions: 1 });
  const subscriber = await subscribers.subscribe([channel]);
  const first = DeliveryProcess.start(exchange, { ...settings(), TOCSIN_CRASH_AT: 'before-manifest-of-full-file' });
  const ids = rowIds(600);
  // Enough for a part to be put before the end: a record of 16 KB each.
  await exchange.publish(
    channel,
    ids.map((id) => liveRow(channel, id, 1, { value: `https://host.example/${'x'.repeat(16_000)}/${id}` })),
  );
  expect(await first.ended()).toBe('SIGKILL');
  // It may have been killed before any row was there: then it began a file of nothing.
  const left = (await subscriber.names(channel)).filter((name) => name.startsWith('full-'));
  expect(left.filter((name) => name.endsWith('.json'))).toEqual([]);
  await appendFile(join(subscriber.folder, channel, 'full-2026-01-01-00000000aaaa-0001.ndjson'), 'half').catch(
    () => undefined,
  );
  DeliveryProcess.start(exchange, settings());
  await exchange.fed(channel, 600);
  await eventually(async () => expect(await subscriber.fullFiles(channel)).not.toEqual([]), 90_000);
  const full = await subscriber.nextFullFile(channel, 90_000);
  expect(new Set(full.records.map(({ row_id }) => row_id))).toEqual(new Set(ids));
  expect(full.manifest.parts?.length).toBeGreaterThan(1);
  const names = (await subscriber.names(channel)).filter(
    (name) => name.endsWith('.ndjson') && name.startsWith('full-'),
  );
  const listed = (await subscriber.fullFiles(channel)).flatMap(({ manifest }) => manifest.parts ?? []);
  expect(names.sort()).toEqual(listed.map(({ file }) => file).sort());
}, 240_000);

it('of two processes one writes the file of a day, and withdrawals are told after all', async () => {
  const channel = await exchange.channel({ partitions: 1 });
  const subscriber = await subscribers.subscribe([channel]);
  DeliveryProcess.start(exchange, settings());
  DeliveryProcess.start(exchange, settings());
  const [a = '', b = ''] = rowIds(2);
  await exchange.publish(channel, [liveRow(channel, a), liveRow(channel, b)]);
  await eventually(async () => expect(await subscriber.fullFiles(channel)).toHaveLength(1), 90_000);
  for (let day = 2; day <= 3; day += 1) {
    await subscriber.nextFullFile(channel, 90_000);
    // Both have looked again by then.
    await new Promise((resolve) => setTimeout(resolve, 12_000));
    expect(await subscriber.fullFiles(channel)).toHaveLength(day);
  }
  await exchange.publish(channel, [withdrawnRow(channel, a, 2)]);
  await eventually(async () =>
    expect((await subscriber.files(channel)).some(({ manifest }) => manifest.holds === 'withdrawals')).toBe(true),
  );
}, 240_000);
