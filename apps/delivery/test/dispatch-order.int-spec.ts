import { liveRow, rowIds, withdrawnRow } from '#libs/testing';
import { Exchange, eventually } from './exchange.js';

let exchange: Exchange;

beforeAll(async () => {
  exchange = await Exchange.open('order');
}, 60_000);

afterAll(() => exchange.close());

/** Channels have to be there before the service, so that no test waits for a consumer to join again. */
const channels: Record<string, string> = {};
const channelOf = (name: string): string => channels[name] ?? '';

beforeAll(async () => {
  for (const name of ['overtaking', 'superseding', 'again', 'catching-up', 'beside', 'expiring']) {
    channels[name] = await exchange.channel();
  }
  await exchange.startDelivery();
}, 60_000);

const unavailable = { fail: { status: 503, times: 1_000_000 } };
const available = { fail: { status: 503, times: 0 } };

describe('the order of deliveries', () => {
  it('lets a withdrawal overtake the content that still waits', async () => {
    const channel = channelOf('overtaking');
    const { receiver } = await exchange.platform([channel], { batchSize: 10 });
    const [known = ''] = rowIds(1);
    await exchange.publish(channel, [liveRow(channel, known)]);
    await receiver.waitFor((state) => state.counts().live === 1, 60_000);
    receiver.behave({ slowMs: 300 });
    await exchange.publish(
      channel,
      rowIds(300).map((id) => liveRow(channel, id)),
    );
    await receiver.waitFor((state) => state.counts().arrived > 20, 60_000);
    await exchange.publish(channel, [withdrawnRow(channel, known, 2)]);
    await exchange.fed(channel, 302);
    const before = receiver.arrivals.length;
    await receiver.waitFor((state) => state.row(channel, known)?.state === 'withdrawn', 60_000);
    // From the moment it is in the feed nothing stands before it but the batch under way.
    const withdrawn = receiver.arrivals.findIndex(({ type }) => type === 'withdrawal');
    expect(withdrawn).toBeLessThanOrEqual(before + 10);
    receiver.behave({ slowMs: 0 });
    await receiver.waitFor((state) => state.counts().live === 300, 60_000);
  });

  it('never sends what was superseded before it was sent', async () => {
    const channel = channelOf('superseding');
    const { receiver } = await exchange.platform([channel]);
    receiver.behave(unavailable);
    const ids = rowIds(20);
    for (const version of [1, 2, 3])
      await exchange.publish(
        channel,
        ids.map((id) => liveRow(channel, id, version)),
      );
    await exchange.publish(
      channel,
      ids.slice(0, 5).map((id) => withdrawnRow(channel, id, 4)),
    );
    await eventually(async () => {
      const sql = `SELECT count(*)::integer AS done FROM feed.row WHERE channel_id = $1 AND version >= 3`;
      const [row] = await exchange.database.query<{ done: number }[]>(sql, [channel]);
      expect(row?.done).toBe(20);
    });
    // A request that was prepared before then is over when another arrives, as there is one at a time.
    const asked = receiver.requests.length;
    await eventually(() => expect(receiver.requests.length).toBeGreaterThan(asked));
    receiver.behave(available);
    await receiver.waitFor((state) => state.counts().live === 15, 60_000);
    const late = ids.slice(5).map((id) => [id, 3]);
    // Version 1 may have been disclosed before the receiver was asked for the first time; nothing of it arrived.
    const live = receiver.arrivals.filter(({ type }) => type === 'row').map(({ rowId, version }) => [rowId, version]);
    expect(new Set(live.map(String))).toEqual(new Set(late.map(String)));
  });

  it('tells of a withdrawal even when the row lives again before it was sent', async () => {
    const channel = channelOf('again');
    const { receiver } = await exchange.platform([channel]);
    const [row = ''] = rowIds(1);
    await exchange.publish(channel, [liveRow(channel, row)]);
    await receiver.waitFor((state) => state.counts().live === 1, 60_000);
    receiver.behave(unavailable);
    await exchange.publish(channel, [withdrawnRow(channel, row, 2)]);
    await exchange.publish(channel, [liveRow(channel, row, 3)]);
    await exchange.fed(channel, 3);
    receiver.behave(available);
    await receiver.waitFor((state) => state.row(channel, row)?.version === 3, 60_000);
    expect(receiver.arrivals.map(({ version, type }) => [version, type])).toEqual([
      [1, 'row'],
      [2, 'withdrawal'],
      [3, 'row'],
    ]);
  });

  it('catches a dead platform up with withdrawals first, then the rows that are still live', async () => {
    const channel = channelOf('catching-up');
    const { receiver } = await exchange.platform([channel]);
    const [held, lost] = [rowIds(10), rowIds(40)];
    await exchange.publish(
      channel,
      held.map((id) => liveRow(channel, id)),
    );
    await receiver.waitFor((state) => state.counts().live === 10, 60_000);
    receiver.behave(unavailable);
    await exchange.publish(
      channel,
      lost.map((id) => liveRow(channel, id)),
    );
    await exchange.fed(channel, 50);
    await exchange.publish(
      channel,
      [...held.slice(0, 4), ...lost.slice(0, 30)].map((id) => withdrawnRow(channel, id, 2)),
    );
    await exchange.fed(channel, 84);
    await eventually(() => expect(receiver.requests.some(({ status }) => status === 503)).toBe(true));
    const before = receiver.arrivals.length;
    receiver.behave(available);
    await receiver.waitFor((state) => state.counts().live === 16, 60_000);
    const types = receiver.arrivals.slice(before).map(({ type }) => type);
    expect(types.indexOf('row')).toBe(types.lastIndexOf('withdrawal') + 1);
    const rows = receiver.arrivals.slice(before).filter(({ type }) => type === 'row');
    expect(new Set(rows.map(({ rowId }) => rowId))).toEqual(new Set(lost.slice(30)));
    expect(held.slice(0, 4).map((id) => receiver.row(channel, id)?.state)).toEqual(Array(4).fill('withdrawn'));
  });

  it('keeps a slow platform and a dead one from slowing another', async () => {
    const channel = channelOf('beside');
    const slow = await exchange.platform([channel], { batchSize: 5 });
    const dead = await exchange.platform([channel]);
    const fast = await exchange.platform([channel], { batchSize: 50 });
    slow.receiver.behave({ slowMs: 1_000 });
    dead.receiver.behave({ slowMs: 120_000 });
    await exchange.publish(
      channel,
      rowIds(500).map((id) => liveRow(channel, id)),
    );
    await fast.receiver.waitFor((state) => state.counts().live === 500, 60_000);
    // The slow one is still at it, and the dead one's first request is still waited for.
    expect(slow.receiver.state.counts().live).toBeLessThan(500);
    const ended = `SELECT subscription_id FROM delivery.endpoint WHERE subscription_id = $1`;
    expect(await exchange.database.query(ended, [dead.subscriptionId])).toEqual([]);
    slow.receiver.behave({ slowMs: 0 });
    await slow.receiver.waitFor((state) => state.counts().live === 500, 60_000);
  });

  it('sends an expiry in the content walk, and only to whom holds the row', async () => {
    const channel = channelOf('expiring');
    const { receiver } = await exchange.platform([channel]);
    const [held = '', never = '', last = ''] = rowIds(3);
    await exchange.publish(channel, [liveRow(channel, held)]);
    await receiver.waitFor((state) => state.counts().live === 1, 60_000);
    await exchange.publish(channel, [
      withdrawnRow(channel, held, 2, 'expired'),
      withdrawnRow(channel, never, 2, 'expired'),
    ]);
    await exchange.publish(channel, [liveRow(channel, last)]);
    await receiver.waitFor((state) => state.row(channel, last)?.state === 'live', 60_000);
    await receiver.waitFor((state) => state.row(channel, held)?.state === 'withdrawn', 60_000);
    expect(receiver.arrivals.filter(({ rowId }) => rowId === never)).toEqual([]);
  });
});
