import { liveRow, rowIds, withdrawnRow } from '#libs/testing';
import { Exchange, eventually } from './exchange.js';

let exchange: Exchange;
let channel: string;
let quiet: string;

beforeAll(async () => {
  exchange = await Exchange.open('dispatch');
  channel = await exchange.channel();
  quiet = await exchange.channel();
  await exchange.startDelivery();
}, 60_000);

afterAll(() => exchange.close());

describe('dispatching content', () => {
  it('brings every row of a subscribed channel to its subscribers, once, in order of position, and keeps receipts', async () => {
    const one = await exchange.platform([channel]);
    const other = await exchange.platform([quiet]);
    const ids = rowIds(250);
    await exchange.publish(
      channel,
      ids.map((id) => liveRow(channel, id)),
    );
    await one.receiver.waitFor((state) => state.counts().live === 250, 60_000);
    expect(one.receiver.arrivals).toHaveLength(250);
    expect(other.receiver.arrivals).toHaveLength(0);
    const positions = await exchange.database.query<{ row_id: string }[]>(
      `SELECT row_id FROM feed.position WHERE channel_id = $1 ORDER BY position`,
      [channel],
    );
    expect(one.receiver.arrivals.map(({ rowId }) => rowId)).toEqual(positions.map(({ row_id }) => row_id));
    await eventually(async () => {
      const [counts] = await exchange.database.query<{ records: number; receipts: number }[]>(
        `SELECT sum(records)::integer AS records, count(r.disclosure_id)::integer AS receipts, count(*)::integer AS disclosures
         FROM delivery.disclosure d LEFT JOIN delivery.receipt r ON r.disclosure_id = d.id WHERE subscription_id = $1`,
        [one.subscriptionId],
      );
      expect(counts).toMatchObject({
        records: 250,
        receipts: one.receiver.requests.length,
        disclosures: one.receiver.requests.length,
      });
    });
  });

  it('tells of a new version and of a withdrawal, and of the withdrawal only whom the row was disclosed to', async () => {
    const early = await exchange.platform([channel]);
    const [known = '', unknown = ''] = rowIds(2);
    await exchange.publish(channel, [liveRow(channel, known), liveRow(channel, known, 2)]);
    await early.receiver.waitFor((state) => state.row(channel, known)?.version === 2, 60_000);
    await exchange.publish(channel, [withdrawnRow(channel, known, 3), withdrawnRow(channel, unknown, 2)]);
    await early.receiver.waitFor((state) => state.row(channel, known)?.state === 'withdrawn', 60_000);
    const late = await exchange.platform([channel]);
    await late.receiver.waitFor((state) => state.counts().live > 0, 60_000);
    const both = [...early.receiver.arrivals, ...late.receiver.arrivals];
    expect(both.filter(({ rowId }) => rowId === unknown)).toEqual([]);
    expect(late.receiver.row(channel, known)).toBeUndefined();
  });
});
