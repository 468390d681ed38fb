import { InternalSigner } from '#libs/access';
import type { RunningService } from '#libs/runtime';
import { liveRow, rowIds, withdrawnRow } from '#libs/testing';
import { Exchange, eventually } from './exchange.js';

let exchange: Exchange;
let service: RunningService;
const channels: Record<string, string> = {};
const channelOf = (name: string): string => channels[name] ?? '';

beforeAll(async () => {
  exchange = await Exchange.open('refusals');
  for (const name of ['halving', 'poison-withdrawal', 'no-row', 'hostile', 'gone', 'failing', 'throttled', 'resumed']) {
    channels[name] = await exchange.channel();
  }
  // Two seconds of failing are enough for a pause here.
  service = await exchange.startDelivery({ TOCSIN_ENDPOINT_PAUSE_AFTER_HOURS: String(2 / 3600) });
}, 60_000);

afterAll(() => exchange.close());

async function ask(method: string, path: string): Promise<unknown> {
  const token = await InternalSigner.open(exchange.keysDir, 'console').sign('delivery', {
    ...{
      personId: 'ada',
      organisationId: 'o',
      organisationKind: 'operator',
      organisationName: 'O',
      country: 'NL',
      roles: [],
      keyId: 'k',
    },
  });
  const answer = await fetch(`http://127.0.0.1:${service.port}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
  });
  expect(answer.status).toBe(200);
  return answer.json();
}

const parkedOf = (subscriptionId: string) =>
  exchange.database.query<{ row_id: string; walk: number; because: string; attempts: number }[]>(
    `SELECT row_id, walk, because, attempts FROM delivery.parked WHERE subscription_id = $1`,
    [subscriptionId],
  );

/** Makes what is parked due, and something happen in the channel, so that nobody has to wait for it. */
async function hurry(channel: string, subscriptionId: string): Promise<string> {
  await exchange.database.query(`UPDATE delivery.parked SET next_try_at = now() WHERE subscription_id = $1`, [
    subscriptionId,
  ]);
  const [row = ''] = rowIds(1);
  await exchange.publish(channel, [liveRow(channel, row)]);
  return row;
}

describe('refusals', () => {
  it('halves a refused batch, parks the one record, and goes on; a newer version takes its place', async () => {
    const channel = channelOf('halving');
    const { receiver, subscriptionId } = await exchange.platform([channel]);
    const ids = rowIds(100);
    const [bad = '', worse = ''] = [ids[37], ids[81]];
    receiver.behave({ refuseRows: [bad, worse] });
    await exchange.publish(
      channel,
      ids.map((id) => liveRow(channel, id)),
    );
    await receiver.waitFor((state) => state.counts().live === 98, 60_000);
    await eventually(async () => {
      const parked = await parkedOf(subscriptionId);
      expect(new Set(parked.map(({ row_id }) => row_id))).toEqual(new Set([bad, worse]));
      expect(parked).toMatchObject([
        { because: 'refused', walk: 0 },
        { because: 'refused', walk: 0 },
      ]);
    });
    expect(receiver.requests.length).toBeLessThan(60);
    // Its own retry, refused again, then taken.
    await hurry(channel, subscriptionId);
    await eventually(async () =>
      expect((await parkedOf(subscriptionId)).map(({ attempts }) => attempts)).toEqual([2, 2]),
    );
    receiver.behave({ refuseRows: [worse] });
    await hurry(channel, subscriptionId);
    await receiver.waitFor((state) => state.row(channel, bad)?.state === 'live', 60_000);
    receiver.behave({ refuseRows: [] });
    await exchange.publish(channel, [liveRow(channel, worse, 2)]);
    await receiver.waitFor((state) => state.row(channel, worse)?.version === 2, 60_000);
    await eventually(async () => expect(await parkedOf(subscriptionId)).toEqual([]));
  });

  it('parks a refused withdrawal by itself and gives it up never, whatever happens to the row', async () => {
    const channel = channelOf('poison-withdrawal');
    const { receiver, subscriptionId } = await exchange.platform([channel]);
    const [row = '', other = ''] = rowIds(2);
    await exchange.publish(channel, [liveRow(channel, row), liveRow(channel, other)]);
    await receiver.waitFor((state) => state.counts().live === 2, 60_000);
    receiver.behave({ refuseRows: [row] });
    await exchange.publish(channel, [withdrawnRow(channel, row, 2), withdrawnRow(channel, other, 2)]);
    await receiver.waitFor((state) => state.row(channel, other)?.state === 'withdrawn', 60_000);
    await eventually(async () => expect(await parkedOf(subscriptionId)).toMatchObject([{ row_id: row, walk: 1 }]));
    await exchange.change(subscriptionId, `state = 'paused'`);
    await hurry(channel, subscriptionId);
    await eventually(async () => expect(await parkedOf(subscriptionId)).toMatchObject([{ attempts: 2 }]));
    receiver.behave({ refuseRows: [] });
    await hurry(channel, subscriptionId);
    await receiver.waitFor((state) => state.row(channel, row)?.state === 'withdrawn', 60_000);
    await eventually(async () => expect(await parkedOf(subscriptionId)).toEqual([]));
  });

  it('is stopped neither by what is no row at all nor by what is no JSON, filtered or not', async () => {
    const channel = channelOf('no-row');
    const plain = await exchange.platform([channel]);
    const filtered = await exchange.platform([channel], { filter: { harms: ['tvec'] } });
    const [empty = '', broken = '', ...good] = rowIds(22);
    const records = good.map((id) => liveRow(channel, id));
    await exchange.publish(channel, [
      ...records.slice(0, 10),
      { ...liveRow(channel, empty), value: '{}' },
      { ...liveRow(channel, broken), value: '{"harms":["tvec"}' },
      ...records.slice(10),
    ]);
    for (const { receiver } of [plain, filtered]) await receiver.waitFor((state) => state.counts().live === 20, 60_000);
    await eventually(async () => {
      const parked = (await parkedOf(plain.subscriptionId)).map(({ row_id }) => row_id);
      expect(new Set(parked)).toEqual(new Set([empty, broken]));
    });
    expect(await parkedOf(filtered.subscriptionId)).toEqual([]);
  });

  it('neither stands still nor hammers when everything is refused', async () => {
    const channel = channelOf('hostile');
    const { receiver, subscriptionId } = await exchange.platform([channel], { batchSize: 20 });
    receiver.behave({ fail: { status: 422, times: 1_000_000 } });
    await exchange.publish(
      channel,
      rowIds(8).map((id) => liveRow(channel, id)),
    );
    await eventually(async () => expect(await parkedOf(subscriptionId)).toHaveLength(8), 60_000);
    expect(receiver.requests.length).toBeLessThan(25);
  });
});

describe('pauses', () => {
  it('heeds Retry-After', async () => {
    const channel = channelOf('throttled');
    const { receiver } = await exchange.platform([channel]);
    receiver.behave({ fail: { status: 429, times: 1, retryAfter: '2' } });
    await exchange.publish(channel, [liveRow(channel, rowIds(1)[0] ?? '')]);
    await receiver.waitFor((state) => state.counts().live === 1, 60_000);
    const [refused, taken] = receiver.requests.map(({ at }) => at);
    expect((taken ?? 0) - (refused ?? 0)).toBeGreaterThanOrEqual(1_900);
  });

  it('tries a failing endpoint at once when a person resumes it, whatever it asked for', async () => {
    const channel = channelOf('resumed');
    const { receiver, subscriptionId } = await exchange.platform([channel]);
    receiver.behave({ fail: { status: 503, times: 1, retryAfter: '3600' } });
    await exchange.publish(channel, [liveRow(channel, rowIds(1)[0] ?? '')]);
    const looked = `SELECT FROM delivery.endpoint WHERE subscription_id = $1 AND next_try_at > now() + interval '30 minutes'`;
    await eventually(async () => expect(await exchange.database.query(looked, [subscriptionId])).toHaveLength(1));
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await ask('POST', `/internal/subscriptions/${subscriptionId}/resume`);
    await receiver.waitFor((state) => state.counts().live === 1, 30_000);
  });

  it('pauses an endpoint that has gone, at once, and goes on when a person resumes it, withdrawals first', async () => {
    const channel = channelOf('gone');
    const { receiver, subscriptionId, platformId } = await exchange.platform([channel]);
    const [known = '', next = ''] = rowIds(2);
    await exchange.publish(channel, [liveRow(channel, known)]);
    await receiver.waitFor((state) => state.counts().live === 1, 60_000);
    receiver.behave({ fail: { status: 410, times: 1 } });
    await exchange.publish(channel, [liveRow(channel, next)]);
    const status = (): Promise<unknown> => ask('GET', `/internal/subscriptions/status?platform=${platformId}`);
    await eventually(async () => {
      expect(await status()).toEqual([
        expect.objectContaining({ subscription_id: subscriptionId, channel, walk: 'withdrawals', lag: 0 }),
        expect.objectContaining({
          ...{ walk: 'content', lag: 1, withheld: 'endpoint-paused', oldest_undelivered_at: expect.any(String) },
          endpoint: expect.objectContaining({ state: 'paused', last_detail: expect.stringContaining('410') }),
        }),
      ]);
    });
    await exchange.publish(channel, [withdrawnRow(channel, known, 2)]);
    await exchange.fed(channel, 3);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(receiver.arrivals).toHaveLength(1);
    await ask('POST', `/internal/subscriptions/${subscriptionId}/resume`);
    await receiver.waitFor((state) => state.row(channel, next)?.state === 'live', 60_000);
    expect(receiver.arrivals.map(({ type }) => type)).toEqual(['row', 'withdrawal', 'row']);
    const audit = `SELECT action FROM delivery.audit WHERE subject = $1 AND action LIKE '%endpoint' ORDER BY id`;
    const actions = await exchange.database.query<{ action: string }[]>(audit, [`subscription/${subscriptionId}`]);
    expect(actions.map(({ action }) => action)).toEqual(['pause-endpoint', 'resume-endpoint']);
  });

  it('pauses an endpoint that fails for too long; withdrawals go on being tried, content waits for a person', async () => {
    const channel = channelOf('failing');
    const { receiver, subscriptionId } = await exchange.platform([channel]);
    const [known = '', next = ''] = rowIds(2);
    await exchange.publish(channel, [liveRow(channel, known)]);
    await receiver.waitFor((state) => state.counts().live === 1, 60_000);
    receiver.behave({ fail: { status: 500, times: 1_000 } });
    await exchange.publish(channel, [liveRow(channel, next)]);
    await eventually(async () => {
      const sql = `SELECT paused_because FROM delivery.endpoint WHERE subscription_id = $1`;
      const [endpoint] = await exchange.database.query<{ paused_because: string | null }[]>(sql, [subscriptionId]);
      expect(endpoint?.paused_because).toContain('500');
    }, 60_000);
    receiver.behave({ fail: { status: 500, times: 0 } });
    await exchange.publish(channel, [withdrawnRow(channel, known, 2)]);
    await ask('POST', `/internal/subscriptions/${subscriptionId}/resume`);
    await receiver.waitFor((state) => state.row(channel, known)?.state === 'withdrawn', 60_000);
    await receiver.waitFor((state) => state.row(channel, next)?.state === 'live', 60_000);
  });
});
