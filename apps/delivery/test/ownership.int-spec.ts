import { Exchange, eventually } from './exchange.js';

let exchange: Exchange;

beforeAll(async () => {
  exchange = await Exchange.open('ownership');
}, 60_000);

afterAll(() => exchange.close());

describe('a subscription', () => {
  it('is let go of for good, also when it was claimed while its endpoint could not be read', async () => {
    const sql = `SELECT pg_try_advisory_xact_lock(hashtextextended('tocsin-delivery/' || $1, 0)) AS free`;
    const isFree = async (id: string): Promise<boolean> =>
      (await exchange.database.query<{ free: boolean }[]>(sql, [id]))[0]?.free === true;
    const channel = await exchange.channel();
    await exchange.database.query(`ALTER TABLE delivery.endpoint RENAME COLUMN attempts TO hidden`);
    await exchange.startDelivery();
    const { subscriptionId } = await exchange.platform([channel]);
    // Several looks fail.
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    await exchange.database.query(`ALTER TABLE delivery.endpoint RENAME COLUMN hidden TO attempts`);
    await eventually(async () => {
      const walked = `SELECT FROM delivery.cursor WHERE subscription_id = $1`;
      expect(await exchange.database.query(walked, [subscriptionId])).not.toEqual([]);
    });
    expect(await isFree(subscriptionId)).toBe(false);
    await exchange.database.query(`DELETE FROM directory.subscription WHERE id = $1`, [subscriptionId]);
    await eventually(async () => expect(await isFree(subscriptionId)).toBe(true), 20_000);
  });
});
