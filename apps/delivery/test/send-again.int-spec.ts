import { InternalSigner } from '#libs/access';
import type { RunningService } from '#libs/runtime';
import { liveRow, rowIds, withdrawnRow } from '#libs/testing';
import { Exchange, eventually } from './exchange.js';

let exchange: Exchange;
let service: RunningService;
const channels: Record<string, string> = {};
const channelOf = (name: string): string => channels[name] ?? '';

beforeAll(async () => {
  exchange = await Exchange.open('send_again');
  for (const name of ['log', 'resend', 'elsewhere', 'recover', 'withheld', 'bounds', 'failing', 'refusing', 'anew']) {
    channels[name] = await exchange.channel();
  }
  service = await exchange.startDelivery();
}, 60_000);

afterAll(() => exchange.close());

interface Attempt {
  id: string;
  records: number;
  outcome: string;
}

/** What answers may tell, as far as this spec looks into it. */
interface Told {
  attempts: Attempt[];
  rows: number;
  recoveries: { walk: string }[];
}

async function ask(method: string, path: string, json?: object): Promise<{ status: number; body: Told }> {
  const token = await InternalSigner.open(exchange.keysDir, 'console').sign('delivery', {
    ...{ personId: 'ada', organisationId: 'o', organisationKind: 'operator', organisationName: 'O' },
    ...{ country: 'NL', roles: [], keyId: 'k' },
  });
  const answer = await fetch(`http://127.0.0.1:${service.port}/internal/subscriptions/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(json && { 'content-type': 'application/json' }) },
    ...(json && { body: JSON.stringify(json) }),
  });
  return { status: answer.status, body: (await answer.json()) as Told };
}

const attemptsOf = async (id: string, more = ''): Promise<Attempt[]> =>
  (await ask('GET', `${id}/attempts?most=50${more}`)).body.attempts;

const auditOf = async (id: string): Promise<string[]> => {
  const sql = `SELECT action FROM delivery.audit WHERE subject = $1 AND action IN ('resend', 'recover') ORDER BY id`;
  const rows = await exchange.database.query<{ action: string }[]>(sql, [`subscription/${id}`]);
  return rows.map(({ action }) => action);
};

describe('the log of attempts', () => {
  it('says when, how many, how it ended and when it is tried next, newest first and page by page', async () => {
    const channel = channelOf('log');
    const { receiver, subscriptionId } = await exchange.platform([channel]);
    receiver.behave({ fail: { status: 503, times: 1 } });
    await exchange.publish(
      channel,
      rowIds(3).map((id) => liveRow(channel, id)),
    );
    await receiver.waitFor((state) => state.counts().live === 3, 60_000);
    await eventually(async () => expect((await attemptsOf(subscriptionId))[0]).toMatchObject({ outcome: 'sent' }));
    const attempts = await attemptsOf(subscriptionId);
    expect(attempts.at(-1)).toMatchObject({
      ...{ channel, walk: 'content', lane: 'ordinary', outcome: 'unavailable', status: 503 },
      ...{ duration_ms: expect.any(Number), next_try_at: expect.any(String), revision: 1 },
    });
    expect(attempts[0]).toMatchObject({ outcome: 'sent', status: 204, next_try_at: null });
    const [first, second] = [
      await attemptsOf(subscriptionId),
      await attemptsOf(subscriptionId, `&before=${attempts[0]?.id}`),
    ];
    expect(second).toEqual(first.slice(1));
    expect(Object.keys(attempts[0] ?? {}).sort()).toEqual(
      [
        ...['at', 'batch_id', 'channel', 'duration_ms', 'id', 'lane', 'next_try_at'],
        ...['outcome', 'records', 'revision', 'status', 'walk'],
      ].sort(),
    );
  });
});

describe('sending rows once more', () => {
  it('sends what is live as the same record and what is withdrawn as its withdrawal, and nothing it was not told of', async () => {
    const channel = channelOf('resend');
    const { receiver, subscriptionId } = await exchange.platform([channel]);
    const stranger = await exchange.platform([channelOf('elsewhere')]);
    const [live = '', gone = '', other = '', unknown = ''] = rowIds(4);
    await exchange.publish(channel, [liveRow(channel, live), liveRow(channel, gone), liveRow(channel, other)]);
    await receiver.waitFor((state) => state.counts().live === 3, 60_000);
    await exchange.publish(channel, [withdrawnRow(channel, gone, 2)]);
    await receiver.waitFor((state) => state.row(channel, gone)?.state === 'withdrawn', 60_000);
    const before = receiver.arrivals.length;
    const asked = { channel, rows: [live, gone, unknown] };
    expect(await ask('POST', `${subscriptionId}/resend`, asked)).toEqual({ status: 200, body: { rows: 2 } });
    await eventually(() => expect(receiver.arrivals.length).toBe(before + 2));
    const again = receiver.arrivals.slice(before);
    // The withdrawal first.
    expect(again.map(({ type, rowId }) => [type, rowId])).toEqual([
      ['withdrawal', gone],
      ['row', live],
    ]);
    const ids = new Set(receiver.arrivals.slice(0, before).map(({ eventId }) => eventId));
    expect(again.every(({ eventId }) => ids.has(eventId))).toBe(true);
    // Another's subscription, and one that was told nothing of the channel.
    expect(await ask('POST', `${stranger.subscriptionId}/resend`, asked)).toMatchObject({ status: 404 });
    expect(await auditOf(subscriptionId)).toEqual(['resend']);
  });

  it('sends the rows of one attempt as they are now', async () => {
    const channel = channelOf('failing');
    const { receiver, subscriptionId } = await exchange.platform([channel]);
    const [one = '', two = ''] = rowIds(2);
    await exchange.publish(channel, [liveRow(channel, one), liveRow(channel, two)]);
    await receiver.waitFor((state) => state.counts().live === 2, 60_000);
    await eventually(async () => expect((await attemptsOf(subscriptionId)).length).toBeGreaterThan(0));
    await exchange.publish(channel, [liveRow(channel, two, 2)]);
    await receiver.waitFor((state) => state.row(channel, two)?.version === 2, 60_000);
    const before = receiver.arrivals.length;
    const oldest = (await attemptsOf(subscriptionId)).at(-1) ?? { id: '', records: 0 };
    const { body } = await ask('POST', `${subscriptionId}/resend`, { attempt: oldest.id });
    expect(body).toEqual({ rows: oldest.records });
    await eventually(() => expect(receiver.arrivals.length).toBe(before + oldest.records));
    const versions = receiver.arrivals.slice(before).map(({ rowId, version }) => [rowId, version]);
    expect(versions.every(([row, version]) => version === (row === two ? 2 : 1))).toBe(true);
    const strange = await exchange.platform([channel]);
    expect(await ask('POST', `${strange.subscriptionId}/resend`, { attempt: oldest.id })).toMatchObject({
      status: 404,
    });
  });

  it('tries withdrawals that were refused together one by one, so that one costs the others nothing', async () => {
    const channel = channelOf('refusing');
    const { receiver, subscriptionId } = await exchange.platform([channel]);
    const rows = rowIds(3);
    const [refused = '', ...others] = rows;
    await exchange.publish(
      channel,
      rows.map((row) => liveRow(channel, row)),
    );
    await receiver.waitFor((state) => state.counts().live === 3, 60_000);
    await exchange.publish(
      channel,
      rows.map((row) => withdrawnRow(channel, row, 2)),
    );
    await receiver.waitFor((state) => state.counts().withdrawn === 3, 60_000);
    const before = receiver.arrivals.length;
    receiver.behave({ refuseRows: [refused] });
    expect(await ask('POST', `${subscriptionId}/resend`, { channel, rows })).toMatchObject({ body: { rows: 3 } });
    await eventually(() =>
      expect(new Set(receiver.arrivals.slice(before).map(({ rowId }) => rowId))).toEqual(new Set(others)),
    );
    const parked = 'SELECT row_id, walk, because FROM delivery.parked WHERE subscription_id = $1';
    await eventually(async () =>
      expect(await exchange.database.query(parked, [subscriptionId])).toEqual([
        { row_id: refused, walk: 1, because: 'refused' },
      ]),
    );
  });

  it('waits while content is withheld, and no more is asked for than the bound', async () => {
    const channel = channelOf('bounds');
    const { receiver, subscriptionId } = await exchange.platform([channel]);
    const [row = ''] = rowIds(1);
    await exchange.publish(channel, [liveRow(channel, row)]);
    await receiver.waitFor((state) => state.counts().live === 1, 60_000);
    await exchange.change(subscriptionId, `state = 'paused'`);
    const asked = { channel, rows: [row] };
    const answers = [];
    for (let time = 0; time < 61; time++) answers.push(await ask('POST', `${subscriptionId}/resend`, asked));
    expect(answers.slice(0, 60).every(({ status }) => status === 200)).toBe(true);
    expect(answers[60]).toMatchObject({ status: 503, body: { code: 'TOC_REQUEST_TOO_MANY' } });
    expect(receiver.arrivals).toHaveLength(1);
    await exchange.change(subscriptionId, `state = 'active'`);
    await eventually(() => expect(receiver.arrivals).toHaveLength(2));
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(receiver.arrivals).toHaveLength(2);
  });
});

describe('recovering', () => {
  it('walks a channel once more from a moment or a position, withdrawals first, under the same event ids', async () => {
    const channel = channelOf('recover');
    const { receiver, subscriptionId } = await exchange.platform([channel], { batchSize: 10 });
    const ids = rowIds(40);
    await exchange.publish(
      channel,
      ids.map((id) => liveRow(channel, id)),
    );
    await receiver.waitFor((state) => state.counts().live === 40, 60_000);
    const ended = ids.slice(0, 5);
    await exchange.publish(
      channel,
      ended.map((id) => withdrawnRow(channel, id, 2)),
    );
    await receiver.waitFor((state) => state.counts().withdrawn === 5, 60_000);
    const before = receiver.arrivals.length;
    const first = await ask('POST', `${subscriptionId}/recovery`, { since: '2020-01-01T00:00:00Z' });
    expect(first.body.recoveries.map(({ walk }) => walk)).toEqual(['withdrawals', 'content']);
    await eventually(() => expect(receiver.arrivals.length).toBe(before + 40));
    const again = receiver.arrivals.slice(before);
    expect(again.slice(0, 5).map(({ type }) => type)).toEqual(Array(5).fill('withdrawal'));
    expect(new Set(again.slice(0, 5).map(({ rowId }) => rowId))).toEqual(new Set(ended));
    const known = new Set(receiver.arrivals.slice(0, before).map(({ eventId }) => eventId));
    expect(again.every(({ eventId }) => known.has(eventId))).toBe(true);
    // What comes meanwhile and afterwards comes once.
    const [next = ''] = rowIds(1);
    await exchange.publish(channel, [liveRow(channel, next)]);
    await receiver.waitFor((state) => state.row(channel, next)?.state === 'live', 60_000);
    expect(receiver.arrivals.filter(({ rowId }) => rowId === next)).toHaveLength(1);
    await eventually(async () => {
      expect(
        await exchange.database.query('SELECT FROM delivery.recovery WHERE subscription_id = $1', [subscriptionId]),
      ).toEqual([]);
    });
    // From the last position on there is one row.
    const count = receiver.arrivals.length;
    const { body } = await ask('POST', `${subscriptionId}/recovery`, { channel, position: '45' });
    expect(body.recoveries).toEqual([{ channel, walk: 'content', from_position: '45', until_position: '46' }]);
    await eventually(() => expect(receiver.arrivals.length).toBe(count + 1));
    expect(await auditOf(subscriptionId)).toEqual(['recover', 'recover']);
  });

  it('begins anew from earlier on when that is asked for while a batch is under way', async () => {
    const channel = channelOf('anew');
    const { receiver, subscriptionId } = await exchange.platform([channel], { batchSize: 10 });
    const rows = rowIds(40);
    await exchange.publish(
      channel,
      rows.map((row) => liveRow(channel, row)),
    );
    await receiver.waitFor((state) => state.counts().live === 40, 60_000);
    await eventually(async () => expect((await attemptsOf(subscriptionId))[0]).toMatchObject({ outcome: 'sent' }));
    const before = receiver.arrivals.length;
    receiver.behave({ slowMs: 1_500 });
    await ask('POST', `${subscriptionId}/recovery`, { channel, position: '30' });
    await new Promise((resolve) => setTimeout(resolve, 500));
    await ask('POST', `${subscriptionId}/recovery`, { channel, position: '0' });
    receiver.behave({ slowMs: 0 });
    await eventually(() =>
      expect(new Set(receiver.arrivals.slice(before).map(({ rowId }) => rowId))).toEqual(new Set(rows)),
    );
  });

  it('lets no content go to a suspended platform, and its withdrawals', async () => {
    const channel = channelOf('withheld');
    const { receiver, subscriptionId, platformId } = await exchange.platform([channel]);
    const [live = '', gone = ''] = rowIds(2);
    await exchange.publish(channel, [liveRow(channel, live), liveRow(channel, gone)]);
    await receiver.waitFor((state) => state.counts().live === 2, 60_000);
    await exchange.publish(channel, [withdrawnRow(channel, gone, 2)]);
    await receiver.waitFor((state) => state.counts().withdrawn === 1, 60_000);
    await exchange.database.query(`UPDATE directory.organisation SET state = 'suspended' WHERE id = $1`, [platformId]);
    await ask('POST', `${subscriptionId}/recovery`, { since: '2020-01-01T00:00:00Z' });
    await ask('POST', `${subscriptionId}/resend`, { channel, rows: [live] });
    await eventually(() => expect(receiver.arrivals).toHaveLength(4));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(receiver.arrivals.slice(3)).toMatchObject([{ type: 'withdrawal', rowId: gone }]);
  });

  it('asks for a moment, or a position of a channel that it was told of', async () => {
    const { subscriptionId } = await exchange.platform([channelOf('elsewhere')]);
    expect(await ask('POST', `${subscriptionId}/recovery`, {})).toMatchObject({ status: 400 });
    expect(await ask('POST', `${subscriptionId}/recovery`, { position: '1' })).toMatchObject({ status: 400 });
    const strange = { position: '1', channel: channelOf('log') };
    expect(await ask('POST', `${subscriptionId}/recovery`, strange)).toMatchObject({ status: 404 });
  });
});
