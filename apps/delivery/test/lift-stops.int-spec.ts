import { connectorById } from '#libs/connectors';
import type { DeliveryTarget, DriverMemory } from '../src/disclose-and-send/delivery-target.js';
import { prepareDelivery, type Preparation } from '../src/disclose-and-send/prepare-delivery.js';
import { rowIds } from '#libs/testing';
import { Exchange } from './exchange.js';

const ROWS = 2_500;

let exchange: Exchange;

beforeAll(async () => {
  exchange = await Exchange.open('lift_stops');
}, 60_000);

afterAll(() => exchange.close());

/** One turn of a driver, without a request. */
const turn = (target: DeliveryTarget, memory: DriverMemory): Promise<Preparation> =>
  exchange.database.transaction(
    async (manager) => (await prepareDelivery(manager, target, memory, connectorById)).preparation,
  );

async function waiting(subscriptionId: string): Promise<number> {
  const [row] = await exchange.database.query<{ waiting: number }[]>(
    `SELECT count(*)::integer AS waiting FROM delivery.parked WHERE subscription_id = $1 AND next_try_at IS NULL`,
    [subscriptionId],
  );
  return row?.waiting ?? -1;
}

describe('lifting the stop of an agency', () => {
  let target: DeliveryTarget;

  beforeAll(async () => {
    const channelId = await exchange.channel();
    const { platformId, subscriptionId } = await exchange.platform([channelId]);
    target = { subscriptionId, platformId, channelId, lane: 'ordinary' };
    const [known] = rowIds(1);
    // The row at position 1 was disclosed and is withdrawn at the head; all between waits for the stop.
    await exchange.database.query(`INSERT INTO feed.channel (channel_id, head) VALUES ($1, $2)`, [channelId, ROWS + 2]);
    await exchange.database.query(
      `INSERT INTO feed.position (channel_id, position, row_id, version, previous)
       VALUES ($1, 1, $2, 1, NULL), ($1, $3, $2, 2, 1)`,
      [channelId, known, ROWS + 2],
    );
    await exchange.database.query(
      `INSERT INTO feed.withdrawal (channel_id, row_id, version, position, event_id, record)
       VALUES ($1, $2, 2, $3, gen_random_uuid(), '{}')`,
      [channelId, known, ROWS + 2],
    );
    await exchange.database.query(
      `INSERT INTO feed.row (channel_id, row_id, version, position, walk, live, event_id, record)
       SELECT channel_id, row_id, version, position, 1, false, event_id, record FROM feed.withdrawal WHERE channel_id = $1`,
      [channelId],
    );
    await exchange.database.query(
      `INSERT INTO feed.row (channel_id, row_id, version, position, walk, live, event_id, record)
       SELECT $1, gen_random_uuid(), 1, n, 0, true, gen_random_uuid(), '{}' FROM generate_series(2, $2::integer) n`,
      [channelId, ROWS + 1],
    );
    await exchange.database.query(
      `INSERT INTO delivery.parked (subscription_id, channel_id, row_id, position, walk, because, detail)
       SELECT $1, $2, row_id, position, 0, 'stopped', 'tested' FROM feed.row WHERE channel_id = $2 AND live`,
      [subscriptionId, channelId],
    );
    await exchange.database.query(
      `INSERT INTO delivery.disclosed
         (subscription_id, channel_id, live, from_position, to_position, revision, disclosure_id)
       VALUES ($1, $2, true, 1, 1, 1, gen_random_uuid())`,
      [subscriptionId, channelId],
    );
    await exchange.database.query(
      `INSERT INTO delivery.cursor (subscription_id, channel_id, revision, walk, position)
       VALUES ($1, $2, 1, 0, $3), ($1, $2, 1, 1, 1)`,
      [subscriptionId, channelId, ROWS + 2],
    );
  }, 60_000);

  it('looks for withdrawals first, and then releases what waited in steps, each row once', async () => {
    const { subscriptionId } = target;
    const memory: DriverMemory = { sizes: new Map(), parkedLast: false };
    expect(await turn(target, memory)).toMatchObject({ what: 'delivery', delivery: { walk: 1 } });
    expect(await waiting(subscriptionId)).toBe(ROWS);
    await exchange.database.query(`UPDATE delivery.cursor SET position = $2 WHERE subscription_id = $1 AND walk = 1`, [
      subscriptionId,
      ROWS + 2,
    ]);
    const left: number[] = [];
    for (let step = 0; step < 4; step += 1) {
      memory.parkedLast = false;
      expect(await turn(target, memory)).toMatchObject({ what: 'delivery', delivery: { walk: 0, parked: true } });
      left.push(await waiting(subscriptionId));
    }
    expect(left).toEqual([1_500, 500, 0, 0]);
    // What is found to be stopped still, and waits again, is not released over and over.
    await exchange.database.query(`UPDATE delivery.parked SET next_try_at = NULL WHERE subscription_id = $1`, [
      subscriptionId,
    ]);
    expect(await turn(target, memory)).toMatchObject({ what: 'nothing' });
    expect(await waiting(subscriptionId)).toBe(ROWS);
  });

  it('finds what is due through the index, in its order', async () => {
    const plan = await exchange.database.transaction(async (manager) => {
      await manager.query(`UPDATE delivery.parked SET next_try_at = now() WHERE position % 100 = 0`);
      await manager.query(`ANALYZE delivery.parked`);
      return manager.query<{ 'QUERY PLAN': string }[]>(
        `EXPLAIN SELECT * FROM delivery.parked
         WHERE subscription_id = $1 AND channel_id = $2 AND walk = 0 AND next_try_at <= now()
         ORDER BY next_try_at, position LIMIT 10`,
        [target.subscriptionId, target.channelId],
      );
    });
    const text = plan.map((line) => line['QUERY PLAN']).join('\n');
    expect(text).toContain('Index Scan using parked_due');
    expect(text).not.toContain('Sort');
  });
});
