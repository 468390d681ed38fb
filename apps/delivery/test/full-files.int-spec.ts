import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { connectorById, type Connector, type DailyFiles } from '#libs/connectors';
import type { RecordToSend } from '#libs/messaging';
import { createLogger } from '#libs/runtime';
import { liveRow, rowIds, withdrawnRow } from '#libs/testing';
import { FileTable } from '../../../tools/receivers/file-table.js';
import { manualLanguages, manualText, startManualProgram } from '../../../tools/receivers/manual-program.js';
import { FullFileWriter, type FullFileParts } from '../src/write-full-files/full-file-writer.js';
import { Exchange, eventually } from './exchange.js';
import { FileSubscribers, type FileSubscriber, type FileTaken } from './file-subscriber.js';

let exchange: Exchange;
let subscribers: FileSubscribers;

beforeAll(async () => {
  mkdirSync('var', { recursive: true });
  exchange = await Exchange.open('full-files');
  subscribers = await FileSubscribers.open(exchange);
  await exchange.startDelivery({ TOCSIN_FILES_DIR: subscribers.root });
}, 60_000);
afterAll(() => exchange.close());

const named = (file: FileTaken): string[] => file.records.map(({ type, row_id }) => `${type} ${row_id}`).sort();
const increments = (subscriber: FileSubscriber, channel: string, count: number): Promise<void> =>
  eventually(async () => {
    const files = (await subscriber.files(channel)).filter(({ manifest }) => manifest.holds !== 'full');
    expect(files.reduce((sum, { records }) => sum + records.length, 0)).toBe(count);
  });

describe('a full file', () => {
  it('has what is live and passes, and the end of whatever was ever told', async () => {
    const channel = await exchange.channel({ partitions: 1 });
    const subscriber = await subscribers.subscribe([channel], { filter: { ceilings: ['limit'] } });
    const [kept = '', gone = '', old = '', out = '', never = '', lower = ''] = rowIds(6);
    await exchange.publish(channel, [
      ...[kept, gone, old, lower].map((id) => liveRow(channel, id)),
      liveRow(channel, never, 1, { ceiling: 'log' }),
    ]);
    await increments(subscriber, channel, 4);
    await exchange.publish(channel, [
      ...[withdrawnRow(channel, gone, 2), withdrawnRow(channel, old, 2, 'expired')],
      ...[liveRow(channel, lower, 2, { ceiling: 'log' }), liveRow(channel, out, 1, { ceiling: 'block' })],
    ]);
    await increments(subscriber, channel, 7);
    const first = await subscriber.nextFullFile(channel);
    const said = [`row ${kept}`, ...[gone, old, lower].map((id) => `withdrawal ${id}`)].sort();
    expect(named(first)).toEqual(said);
    expect(first.manifest).toMatchObject({ holds: 'full', channel, revision: 1, position: 9, records: 4 });
    // However often they were told.
    expect(named(await subscriber.nextFullFile(channel))).toEqual(said);
    const ledger = await exchange.database.query<{ walk: number; received: boolean; ranges: number }[]>(
      `SELECT walk, EXISTS (SELECT FROM delivery.receipt r WHERE r.disclosure_id = d.id) AS received,
         (SELECT count(*)::integer FROM delivery.disclosed x WHERE x.disclosure_id = d.id) AS ranges
       FROM delivery.disclosure d WHERE subscription_id = $1 AND walk = 5`,
      [subscriber.subscriptionId],
    );
    expect(ledger).toEqual(Array.from({ length: ledger.length }, () => ({ walk: 5, received: true, ranges: 0 })));
    expect(ledger.length).toBeGreaterThanOrEqual(2);
  }, 120_000);

  it('discloses what increments have not brought yet, so that its withdrawal comes', async () => {
    const channel = await exchange.channel({ partitions: 1 });
    const subscriber = await subscribers.subscribe([channel]);
    const [row = ''] = rowIds(1);
    await exchange.database.query(
      `INSERT INTO delivery.cursor (subscription_id, channel_id, revision, walk, position) VALUES ($1, $2, 1, 0, 1), ($1, $2, 1, 1, 0)`,
      [subscriber.subscriptionId, channel],
    );
    await exchange.publish(channel, [liveRow(channel, row)]);
    await eventually(async () => expect((await subscriber.fullFiles(channel)).flatMap(named)).toContain(`row ${row}`));
    await eventually(async () => {
      const disclosed = await exchange.database.query(
        `SELECT d.live, d.from_position, r.evidence->>'file' AS file FROM delivery.disclosed d JOIN delivery.receipt r USING (disclosure_id)
         WHERE d.subscription_id = $1`,
        [subscriber.subscriptionId],
      );
      expect(disclosed).toEqual([
        { live: true, from_position: '1', file: expect.stringMatching(/^full-.*\.json$/) as unknown },
      ]);
    });
    await exchange.publish(channel, [withdrawnRow(channel, row, 2)]);
    await increments(subscriber, channel, 1);
  }, 120_000);

  it('is not written while content may not go, nor while rows wait for a stop; withdrawals go on', async () => {
    const channel = await exchange.channel({ partitions: 1 });
    const subscriber = await subscribers.subscribe([channel]);
    const stopped = await exchange.organisation('agency');
    const [a = '', b = '', c = ''] = rowIds(3);
    await exchange.publish(channel, [
      liveRow(channel, a),
      liveRow(channel, b, 1, { agencyId: stopped }),
      liveRow(channel, c),
    ]);
    await increments(subscriber, channel, 3);
    await subscriber.nextFullFile(channel);
    const putOff = async (): Promise<void> => {
      await exchange.database.query(
        `UPDATE delivery.full_file SET begun_at = begun_at - interval '1 day', next_try_at = now() WHERE subscription_id = $1`,
        [subscriber.subscriptionId],
      );
      await eventually(async () => {
        const waiting = await exchange.database.query(
          `SELECT FROM delivery.full_file WHERE subscription_id = $1 AND next_try_at > now() + interval '10 minutes'`,
          [subscriber.subscriptionId],
        );
        expect(waiting).toHaveLength(1);
      });
    };
    const lift = await exchange.stopPublishing('agency', stopped);
    await putOff();
    await exchange.publish(channel, [withdrawnRow(channel, a, 2)]);
    await increments(subscriber, channel, 4);
    expect(await subscriber.fullFiles(channel)).toHaveLength(1);
    // A part that was begun is gone again.
    expect((await subscriber.names(channel)).filter((name) => name.startsWith('full-'))).toHaveLength(3);
    await lift();
    const full = await subscriber.nextFullFile(channel);
    expect(named(full)).toEqual([`row ${b}`, `row ${c}`, `withdrawal ${a}`].sort());
    await exchange.change(subscriber.subscriptionId, `state = 'paused'`);
    await exchange.database.query(
      `UPDATE delivery.full_file SET begun_at = begun_at - interval '1 day', next_try_at = now() WHERE subscription_id = $1`,
      [subscriber.subscriptionId],
    );
    await exchange.publish(channel, [withdrawnRow(channel, c, 2)]);
    await increments(subscriber, channel, 5);
    await new Promise((resolve) => setTimeout(resolve, 12_000));
    expect(await subscriber.fullFiles(channel)).toHaveLength(2);
  }, 180_000);

  it('is given up when a stop comes while it is written, though nothing chosen afterwards is of it (I5)', async () => {
    const channel = await exchange.channel({ partitions: 1 });
    const subscriber = await subscribers.subscribe([channel]);
    const stopped = await exchange.organisation('agency');
    const [row = ''] = rowIds(1);
    await exchange.publish(channel, [liveRow(channel, row, 1, { agencyId: stopped })]);
    await increments(subscriber, channel, 1);
    // The stop comes when the row was chosen and handed over, and before it has left.
    const seen: string[] = [];
    let lift = (): Promise<void> => Promise.resolve();
    const daily: DailyFiles = {
      hourOf: () => 3,
      begin: () =>
        Promise.resolve({
          add: async (records) => {
            seen.push(`added ${records.length}`);
            lift = await exchange.stopPublishing('agency', stopped);
          },
          finish: () => Promise.reject(new Error('it was finished')),
          abandon: () => Promise.resolve(void seen.push('abandoned')),
        }),
      tidy: () => Promise.resolve(0),
    };
    const writer = new FullFileWriter(exchange.database, {
      contexts: { ordinary: {}, emergency: {} } as FullFileParts['contexts'],
      connectorById: () => ({ ...connectorById('signed-file'), daily }) as Connector,
      unseal: () => ({}),
      logger: createLogger('full-files', 'error', { write: () => undefined }),
    });
    const { subscriptionId, platformId } = subscriber;
    const due = { subscriptionId, platformId, channelId: channel, lane: 'ordinary' as const, since: new Date() };
    expect(await writer.write(due, new AbortController().signal)).toBe('stopped');
    expect(seen).toEqual(['added 1', 'abandoned']);
    await lift();
  }, 120_000);

  it('lets a receiver end with what the feed has, in any order of files and without those that it stands for', async () => {
    const channel = await exchange.channel({ partitions: 1 });
    const subscriber = await subscribers.subscribe([channel], { filter: { ceilings: ['limit', 'block'] } });
    const ids = rowIds(24);
    const versions = new Map<string, number>();
    let seed = 7;
    // The high bits: the low ones of such a sequence repeat at once.
    const next = (below: number): number => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      return Math.floor((seed / 2 ** 31) * below);
    };
    const step = (id: string): RecordToSend => {
      const version = (versions.get(id) ?? 0) + 1;
      versions.set(id, version);
      const kind = version === 1 ? 0 : next(6);
      if (kind === 4) return withdrawnRow(channel, id, version);
      if (kind === 5) return withdrawnRow(channel, id, version, 'expired');
      return liveRow(channel, id, version, { ceiling: kind === 3 ? 'log' : 'limit' });
    };
    for (let round = 0; round < 4; round += 1) {
      for (let burst = 0; burst < 4; burst += 1) {
        await exchange.publish(
          channel,
          Array.from({ length: 8 }, () => step(ids[next(ids.length)] ?? '')),
        );
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
      if (round === 1)
        await exchange.change(subscriber.subscriptionId, `revision = 2, filter = '{"ceilings": ["limit"]}'`);
      if (round < 3) await subscriber.nextFullFile(channel);
    }
    const head = await settled(subscriber, channel);
    const files = await subscriber.files(channel);
    const rows = await exchange.database.query<{ row_id: string; version: number }[]>(
      `SELECT row_id, version FROM feed.row WHERE channel_id = $1 AND live AND record::json->>'ceiling' = 'limit' ORDER BY row_id`,
      [channel],
    );
    expect(rows.length).toBeGreaterThan(3);
    const fulls = files.filter(({ manifest }) => manifest.holds === 'full');
    expect(fulls.length).toBeGreaterThanOrEqual(3);
    const newest = fulls.reduce((one, other) => (one.manifest.position > other.manifest.position ? one : other));
    expect(newest.manifest).toMatchObject({ revision: 2 });
    expect(newest.manifest.position).toBeLessThan(head);
    const ends = newest.records.filter(({ type }) => type === 'withdrawal').map(({ reason }) => reason);
    expect(new Set(ends)).toEqual(new Set(['retracted', 'expired', 'out-of-filter']));
    const isAhead = ({ manifest }: FileTaken): boolean =>
      manifest.revision > newest.manifest.revision ||
      (manifest.revision === newest.manifest.revision && manifest.position > newest.manifest.position);
    const needed = [newest, ...files.filter((file) => file !== newest && isAhead(file))];
    const others = files.filter((file) => !needed.includes(file));
    expect(others.length).toBeGreaterThan(5);
    const order = fc
      .shuffledSubarray(others)
      .chain((some) => fc.shuffledSubarray([...needed, ...some], { minLength: needed.length + some.length }));
    fc.assert(
      fc.property(order, (given) => {
        const table = new FileTable();
        for (const { manifest, records } of given) table.apply(manifest, records);
        const held = table.rows().filter(({ state }) => state === 'live');
        expect(held.map(({ version, record: { row_id } }) => ({ row_id, version })).sort(byRow)).toEqual(rows);
      }),
      { numRuns: 500 },
    );
  }, 240_000);
});

const byRow = (a: { row_id: string }, b: { row_id: string }): number => (a.row_id < b.row_id ? -1 : 1);

/** Waits until both walks are at the head. */
async function settled({ subscriptionId }: FileSubscriber, channel: string): Promise<number> {
  let head = 0;
  await eventually(async () => {
    const [row] = await exchange.database.query<{ head: number; open: boolean }[]>(
      `SELECT head::integer, EXISTS (SELECT FROM delivery.disclosure d WHERE d.subscription_id = $2
           AND NOT EXISTS (SELECT FROM delivery.receipt r WHERE r.disclosure_id = d.id)) AS open
         FROM feed.channel c WHERE channel_id = $1
          AND (SELECT max(position) FROM delivery.cursor WHERE subscription_id = $2 AND channel_id = $1 AND walk = 0 AND revision = 2)
            >= (SELECT max(position) FROM feed.row WHERE channel_id = $1 AND walk = 0)
          AND (SELECT max(position) FROM delivery.cursor WHERE subscription_id = $2 AND channel_id = $1 AND walk = 1)
            >= (SELECT coalesce(max(position), 0) FROM feed.withdrawal WHERE channel_id = $1)`,
      [channel, subscriptionId],
    );
    expect(row).toMatchObject({ open: false });
    head = row?.head ?? 0;
  });
  return head;
}

describe.each(manualLanguages(['-c', 'import cryptography']))('the receiver in %s of the manual', (language) => {
  it('has the same rows from a full file alone, from all files, and begun anew', async () => {
    const channel = await exchange.channel({ partitions: 1 });
    const subscriber = await subscribers.subscribe([channel]);
    const { folder: FOLDER, platformId: PLATFORM } = subscriber;
    const environment = { FOLDER, PLATFORM, PUBLIC_KEYS: subscriber.publicKeys().join(',') };
    const start = async () => startManualProgram(await manualText('signed-file.md', language), language, environment);
    const [a = '', b = '', c = ''] = rowIds(3);
    await exchange.publish(channel, [liveRow(channel, a), liveRow(channel, b)]);
    await increments(subscriber, channel, 2);
    const program = await start();
    await program.says(`live ${b} 1`, 60_000);
    await exchange.publish(channel, [withdrawnRow(channel, a, 2)]);
    await program.says(`withdrawn ${a} 2 restore`, 60_000);
    await subscriber.nextFullFile(channel);
    await program.says('full 3', 60_000);
    await program.stop();
    expect(program.lines.filter((line) => line.startsWith('ended'))).toEqual([]);
    // Whoever was away for longer than increments are kept.
    for (const name of await subscriber.names(channel))
      if (!name.startsWith('full-')) await rm(join(subscriber.folder, channel, name));
    await exchange.publish(channel, [liveRow(channel, c)]);
    await increments(subscriber, channel, 1);
    const anew = await start();
    await anew.says(`live ${c} 1`, 60_000);
    expect(anew.lines.filter((line) => !line.startsWith('full')).sort()).toEqual(
      [`live ${b} 1`, `live ${c} 1`, `withdrawn ${a} 2 restore`].sort(),
    );
    await anew.stop();
  }, 240_000);
});
