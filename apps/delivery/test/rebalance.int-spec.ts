import { DeliveryProcess } from './delivery-process.js';
import { liveRow, rowIds } from '#libs/testing';
import { Exchange, eventually } from './exchange.js';

let exchange: Exchange;

beforeAll(async () => {
  exchange = await Exchange.open('rebalance');
}, 60_000);

afterAll(() => exchange.close());

describe('the feed while consumers come, go and die', () => {
  it('holds every record of the topic, in the order of the log', async () => {
    const channel = await exchange.channel({ partitions: 1 });
    await exchange.startDelivery();
    const ids = rowIds(1_200);
    const publishing = (async () => {
      for (let sent = 0; sent < ids.length; sent += 4) {
        await exchange.publish(
          channel,
          ids.slice(sent, sent + 4).map((id) => liveRow(channel, id)),
        );
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
    })();
    for (const how of ['SIGKILL', 'SIGTERM', 'SIGKILL'] as const) {
      const other = DeliveryProcess.start(exchange);
      await new Promise((resolve) => setTimeout(resolve, 4_000));
      await exchange.channel();
      await other.end(how);
    }
    await publishing;
    await eventually(async () => {
      const sql = `SELECT row_id FROM feed.position WHERE channel_id = $1 ORDER BY position`;
      const rows = await exchange.database.query<{ row_id: string }[]>(sql, [channel]);
      expect(rows.map(({ row_id }) => row_id)).toEqual(ids);
    }, 60_000);
  });
});
