import { DeliveryProcess } from './delivery-process.js';
import { liveRow, rowIds, withdrawnRow } from '#libs/testing';
import { Exchange, eventually } from './exchange.js';

let exchange: Exchange;

beforeEach(async () => {
  exchange = await Exchange.open('crash');
}, 60_000);
afterEach(() => exchange.close());

/** Positions without gaps or repeats, and one row each. */
async function feedOf(channel: string): Promise<{ positions: number; rows: number; head: number }> {
  const [feed] = await exchange.database.query<{ positions: number; rows: number; head: number }[]>(
    `SELECT (SELECT count(*)::integer FROM feed.position WHERE channel_id = $1) AS positions,
       (SELECT count(*)::integer FROM feed.row WHERE channel_id = $1) AS rows,
       (SELECT head::integer FROM feed.channel WHERE channel_id = $1) AS head`,
    [channel],
  );
  return feed ?? { positions: 0, rows: 0, head: 0 };
}

describe('a process that is killed', () => {
  it('after it wrote the feed and before it committed the offset loses nothing and writes nothing twice', async () => {
    const channel = await exchange.channel();
    const { receiver } = await exchange.platform([channel]);
    const first = DeliveryProcess.start(exchange, { TOCSIN_CRASH_AT: 'after-effect-before-offset' });
    const ids = rowIds(120);
    await exchange.publish(
      channel,
      ids.map((id) => liveRow(channel, id)),
    );
    expect(await first.ended()).toBe('SIGKILL');
    expect((await feedOf(channel)).positions).toBeGreaterThan(0);
    DeliveryProcess.start(exchange);
    await receiver.waitFor((state) => state.counts().live === 120, 60_000);
    expect(await feedOf(channel)).toEqual({ positions: 120, rows: 120, head: 120 });
    const arrived = receiver.arrivals.map(({ rowId }) => rowId);
    expect(new Set(arrived)).toEqual(new Set(ids));
    expect(arrived).toHaveLength(120);
  });

  it('after the receiver said yes and before the receipt repeats the same batch: same ids, same bytes', async () => {
    const channel = await exchange.channel();
    const { receiver, subscriptionId } = await exchange.platform([channel], { batchSize: 10 });
    const first = DeliveryProcess.start(exchange, { TOCSIN_CRASH_AT: 'after-2xx-before-receipt' });
    await exchange.publish(
      channel,
      rowIds(35).map((id) => liveRow(channel, id)),
    );
    expect(await first.ended()).toBe('SIGKILL');
    expect(receiver.requests).toHaveLength(1);
    // More rows must not change what is repeated.
    await exchange.publish(
      channel,
      rowIds(5).map((id) => liveRow(channel, id)),
    );
    DeliveryProcess.start(exchange);
    await receiver.waitFor((state) => state.counts().live === 40, 60_000);
    const [sent, repeated, ...others] = receiver.requests.map(({ id, body }) => `${id} ${body.toString()}`);
    expect(repeated).toBe(sent);
    expect(others).not.toContain(sent);
    await eventually(async () => {
      const sql = `SELECT count(*)::integer AS missing FROM delivery.disclosure d
        WHERE subscription_id = $1 AND NOT EXISTS (SELECT FROM delivery.receipt r WHERE r.disclosure_id = d.id)`;
      expect(await exchange.database.query(sql, [subscriptionId])).toEqual([{ missing: 0 }]);
    });
  });

  it('is followed by another that owned its own share until then; asked to end, one leaves everything settled', async () => {
    const channel = await exchange.channel();
    const platforms = await Promise.all(Array.from({ length: 6 }, () => exchange.platform([channel])));
    const [first, second] = [DeliveryProcess.start(exchange), DeliveryProcess.start(exchange)];
    await eventually(async () => {
      const owners = await exchange.database.query<{ owned: number }[]>(
        `SELECT count(*)::integer AS owned FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) GROUP BY pid`,
      );
      expect(owners).toEqual([{ owned: 3 }, { owned: 3 }]);
    }, 60_000);
    const [known = '', ...others] = rowIds(50);
    await exchange.publish(
      channel,
      [known, ...others].map((id) => liveRow(channel, id)),
    );
    for (const { receiver } of platforms) await receiver.waitFor((state) => state.counts().live === 50, 60_000);
    expect(platforms.map(({ receiver }) => receiver.arrivals.length)).toEqual(Array(6).fill(50));
    await eventually(async () => {
      const sql = `SELECT count(*)::integer AS done FROM delivery.cursor WHERE channel_id = $1 AND walk = 0 AND position = 50`;
      expect(await exchange.database.query(sql, [channel])).toEqual([{ done: 6 }]);
    });
    await first.end('SIGKILL');
    await exchange.publish(channel, [withdrawnRow(channel, known, 2), ...rowIds(10).map((id) => liveRow(channel, id))]);
    for (const { receiver } of platforms) await receiver.waitFor((state) => state.counts().live === 59, 60_000);
    expect(platforms.map(({ receiver }) => receiver.row(channel, known)?.state)).toEqual(Array(6).fill('withdrawn'));
    expect(platforms.map(({ receiver }) => receiver.arrivals.length)).toEqual(Array(6).fill(61));
    expect(await second.end('SIGTERM')).toBe(0);
  });
});
