import { readFile } from 'node:fs/promises';
import { liveRow, rowIds } from '#libs/testing';
import { DeliveryProcess } from './delivery-process.js';
import { Exchange } from './exchange.js';
import { FileSubscribers } from './file-subscriber.js';

/** More by `TOCSIN_FULL_FILE_ROWS=1000000`; what it took is printed. */
const ROWS = Number(process.env.TOCSIN_FULL_FILE_ROWS ?? 30_000);
/** As for every service. */
const MOST_MB = 400;

/** Rows of the feed that differ in their ids alone, written without Kafka. */
const FILL = `
  WITH made AS (
    SELECT n, md5('row' || n)::uuid AS id, md5('event' || n)::uuid AS event FROM generate_series(1, $2::integer) n
  ), positions AS (
    INSERT INTO feed.position (channel_id, position, row_id, version) SELECT $1, n, id, 1 FROM made
  ), rows AS (
    INSERT INTO feed.row (channel_id, row_id, version, position, walk, live, event_id, record, added_at, first_at, bulletin)
    SELECT $1, id, 1, n, 0, true, event, replace($3, $4, id::text), now(), now(), false FROM made
  )
  INSERT INTO feed.channel (channel_id, head, added_at) VALUES ($1, $2, now())
  ON CONFLICT (channel_id) DO UPDATE SET head = excluded.head`;

it(`a full file of ${ROWS} rows needs no more memory than a small one`, async () => {
  const exchange = await Exchange.open('large');
  try {
    const subscribers = await FileSubscribers.open(exchange);
    const channel = await exchange.channel({ partitions: 1 });
    const [id = ''] = rowIds(1);
    await exchange.database.query(FILL, [channel, ROWS, liveRow(channel, id).value, id]);
    await exchange.database.query('ANALYZE');
    const subscriber = await subscribers.subscribe([channel]);
    // Increments have brought it all: they are measured elsewhere.
    await exchange.database.query(
      `INSERT INTO delivery.cursor (subscription_id, channel_id, revision, walk, position) SELECT $1, $2, 1, w, $3 FROM unnest(ARRAY[0, 1]) w`,
      [subscriber.subscriptionId, channel, ROWS],
    );
    const started = Date.now();
    const delivery = DeliveryProcess.start(exchange, {
      ...{ TOCSIN_FILES_DIR: subscribers.root, TOCSIN_LOG_LEVEL: 'info' },
      // Node's own bound where a container may have 400 MiB; where there is none, it lets garbage lie.
      NODE_OPTIONS: '--max-old-space-size=200',
    });
    const files: { of: string; seconds: number; bytes: number; peak: number }[] = [];
    for (const told of ['nothing of it was told', 'all of it was told']) {
      const begun = files.length === 0 ? started : Date.now();
      await written(exchange, subscriber.subscriptionId, files.length > 0);
      const [row] = await exchange.database.query<{ records: string; bytes: string }[]>(
        'SELECT records, bytes FROM delivery.full_file WHERE subscription_id = $1',
        [subscriber.subscriptionId],
      );
      expect(Number(row?.records)).toBe(ROWS);
      const peak = /VmHWM:\s+(\d+) kB/.exec(await readFile(`/proc/${delivery.pid}/status`, 'utf8'))?.[1] ?? '0';
      files.push({
        of: told,
        seconds: (Date.now() - begun) / 1000,
        bytes: Number(row?.bytes),
        peak: Number(peak) / 1024,
      });
    }
    for (const { of, seconds, bytes, peak } of files)
      process.stderr.write(
        `full file of ${ROWS} rows, ${of}: ${seconds.toFixed(0)} s, ${(bytes / 1e6).toFixed(0)} MB, peak of delivery ${peak.toFixed(0)} MB\n`,
      );
    expect(files.at(-1)?.peak).toBeLessThan(MOST_MB);
    const names = await subscriber.names(channel);
    expect(names.filter((name) => /^full-.*\.json$/.test(name))).toHaveLength(2);
  } finally {
    await exchange.close();
  }
}, 1_500_000);

async function written(exchange: Exchange, subscriptionId: string, anew: boolean): Promise<void> {
  if (anew)
    await exchange.database.query(
      `UPDATE delivery.full_file SET begun_at = begun_at - interval '1 day' WHERE subscription_id = $1`,
      [subscriptionId],
    );
  for (;;) {
    const done = await exchange.database.query<object[]>(
      `SELECT FROM delivery.full_file WHERE subscription_id = $1 AND begun_at > now() - interval '20 hours'`,
      [subscriptionId],
    );
    if (done.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
