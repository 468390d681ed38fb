import { readTargets } from '../src/own-subscriptions/read-targets.js';
import { liveRow, rowIds, withdrawnRow } from '#libs/testing';
import { Exchange, eventually } from './exchange.js';

let exchange: Exchange;
const channels: Record<string, string> = {};
const channelOf = (name: string): string => channels[name] ?? '';

beforeAll(async () => {
  exchange = await Exchange.open('membership');
  for (const name of [
    'filter',
    'filter-away',
    'left',
    'quiet',
    'dropped',
    'suspended',
    'stopped',
    'agency-stopped',
    'paused',
  ]) {
    channels[name] = await exchange.channel();
  }
  channels.abroad = await exchange.channel({ audience: { countries: ['DE'] } });
  await exchange.startDelivery();
}, 60_000);

afterAll(() => exchange.close());

/** Long enough for anything that should not arrive to have arrived. */
const aWhile = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1_500));

describe('what may be received', () => {
  it('follows the filter; a change of filter ends what no longer passes and brings what now does', async () => {
    const channel = channelOf('filter');
    const { receiver, subscriptionId } = await exchange.platform([channel], { filter: { harms: ['tvec'] } });
    const [tvec = '', csea = '', both = ''] = rowIds(3);
    await exchange.publish(channel, [
      liveRow(channel, tvec),
      liveRow(channel, csea, 1, { harms: ['csea'] }),
      liveRow(channel, both, 1, { harms: ['csea', 'tvec'] }),
    ]);
    await receiver.waitFor((state) => state.counts().live === 2, 60_000);
    await exchange.change(subscriptionId, `filter = '{"harms":["csea"]}', revision = 2`);
    await receiver.waitFor((state) => state.row(channel, tvec)?.state === 'withdrawn', 60_000);
    await receiver.waitFor((state) => state.row(channel, csea)?.state === 'live', 60_000);
    expect(receiver.row(channel, tvec)).toMatchObject({
      version: 1,
      revision: 2,
      record: { reason: 'out-of-filter', restore: false },
    });
    expect(receiver.row(channel, both)).toMatchObject({ state: 'live', revision: 2 });
    // Not told again of a row that it no longer holds, except that it was taken back.
    await exchange.publish(channel, [liveRow(channel, tvec, 2)]);
    await exchange.fed(channel, 4);
    await exchange.publish(channel, [withdrawnRow(channel, tvec, 3)]);
    await receiver.waitFor((state) => state.row(channel, tvec)?.version === 3, 60_000);
    expect(receiver.arrivals.filter(({ rowId }) => rowId === tvec).map(({ version }) => version)).toEqual([1, 1, 3]);
    await exchange.change(subscriptionId, `filter = '{}', revision = 3`);
    await receiver.waitFor((state) => state.row(channel, both)?.revision === 3, 60_000);
    expect(receiver.row(channel, csea)).toMatchObject({ state: 'live', version: 1, revision: 3 });
  });

  it('ends what no longer passes even when the receiver is away at first', async () => {
    const channel = channelOf('filter-away');
    const { receiver, subscriptionId } = await exchange.platform([channel]);
    const [tvec = '', csea = ''] = rowIds(2);
    await exchange.publish(channel, [liveRow(channel, tvec), liveRow(channel, csea, 1, { harms: ['csea'] })]);
    await receiver.waitFor((state) => state.counts().live === 2, 60_000);
    receiver.behave({ fail: { status: 503, times: 2 } });
    await exchange.change(subscriptionId, `filter = '{"harms":["csea"]}', revision = 2`);
    await receiver.waitFor((state) => state.row(channel, tvec)?.state === 'withdrawn', 60_000);
    const [failed, ...repeats] = receiver.requests.slice(-3).map(({ id, body }) => `${id} ${body.toString()}`);
    expect(new Set(repeats)).toEqual(new Set([failed]));
  });

  it('ends with one message when a platform leaves, and then only withdrawals of what it was sent follow', async () => {
    const channel = channelOf('left');
    const { receiver, subscriptionId } = await exchange.platform([channel]);
    const [known = '', later = '', again = ''] = rowIds(3);
    await exchange.publish(channel, [liveRow(channel, known), liveRow(channel, again)]);
    await receiver.waitFor((state) => state.counts().live === 2, 60_000);
    await exchange.change(subscriptionId, `state = 'left', leave_policy = 'keep-until-expiry'`);
    await receiver.waitFor((state) => state.counts().left.includes(channel), 60_000);
    await exchange.publish(channel, [
      liveRow(channel, later),
      liveRow(channel, known, 2),
      withdrawnRow(channel, again, 2),
    ]);
    await exchange.publish(channel, [
      withdrawnRow(channel, known, 3),
      withdrawnRow(channel, later, 2),
      liveRow(channel, again, 3),
    ]);
    await receiver.waitFor((state) => state.row(channel, known)?.version === 3, 60_000);
    await receiver.waitFor((state) => state.row(channel, again)?.version === 2, 60_000);
    await aWhile();
    expect(receiver.row(channel, later)).toBeUndefined();
    expect(receiver.arrivals.map(({ type }) => type).filter((type) => type !== 'withdrawal')).toEqual([
      'row',
      'row',
      'membership-ended',
    ]);
  });

  it('is followed after its end only where something was disclosed', async () => {
    const [channel, quiet] = [channelOf('left'), channelOf('quiet')];
    const { receiver, subscriptionId } = await exchange.platform([channel, quiet]);
    await exchange.publish(channel, [liveRow(channel, rowIds(1)[0] ?? '')]);
    await receiver.waitFor((state) => state.counts().live > 0, 60_000);
    const begun = `SELECT DISTINCT channel_id FROM delivery.cursor WHERE subscription_id = $1`;
    await eventually(async () => expect(await exchange.database.query(begun, [subscriptionId])).toHaveLength(2));
    await exchange.change(subscriptionId, `state = 'left', leave_policy = 'delete-all'`);
    const ours = (await readTargets(exchange.database)).find((one) => one.subscriptionId === subscriptionId);
    expect(ours?.targets.map(({ channelId }) => channelId)).toEqual([channel]);
    await receiver.waitFor((state) => state.counts().left.includes(channel), 60_000);
  });

  it('ends for one channel when a new revision no longer lists it, and begins anew when one does', async () => {
    const channel = channelOf('dropped');
    const { receiver, subscriptionId } = await exchange.platform([channel]);
    const [first = '', second = ''] = rowIds(2);
    await exchange.publish(channel, [liveRow(channel, first)]);
    await receiver.waitFor((state) => state.counts().live === 1, 60_000);
    await exchange.change(subscriptionId, `channels = '{}', revision = 2`);
    await receiver.waitFor((state) => state.counts().left.includes(channel), 60_000);
    await exchange.publish(channel, [liveRow(channel, second)]);
    await exchange.fed(channel, 2);
    await aWhile();
    expect(receiver.row(channel, second)).toBeUndefined();
    await exchange.change(subscriptionId, `channels = $2, revision = 3`, [channel]);
    await receiver.waitFor((state) => state.row(channel, second)?.state === 'live', 60_000);
    expect(receiver.row(channel, first)).toMatchObject({ state: 'live', revision: 3 });
  });

  it('stops at once for a suspended platform, whose withdrawals still flow, and goes on when it is active again', async () => {
    const channel = channelOf('suspended');
    const { receiver, platformId } = await exchange.platform([channel]);
    const [known = '', later = ''] = rowIds(2);
    await exchange.publish(channel, [liveRow(channel, known)]);
    await receiver.waitFor((state) => state.counts().live === 1, 60_000);
    const suspend = (state: string): Promise<unknown> =>
      exchange.database.query(`UPDATE directory.organisation SET state = $2 WHERE id = $1`, [platformId, state]);
    await suspend('suspended');
    await exchange.publish(channel, [liveRow(channel, later)]);
    await exchange.publish(channel, [withdrawnRow(channel, known, 2)]);
    await receiver.waitFor((state) => state.row(channel, known)?.state === 'withdrawn', 60_000);
    await aWhile();
    expect(receiver.row(channel, later)).toBeUndefined();
    await suspend('active');
    await receiver.waitFor((state) => state.row(channel, later)?.state === 'live', 60_000);
  });

  it('waits while the subscription is paused', async () => {
    const channel = channelOf('paused');
    const { receiver, subscriptionId } = await exchange.platform([channel]);
    await exchange.change(subscriptionId, `state = 'paused'`);
    const [row = ''] = rowIds(1);
    await exchange.publish(channel, [liveRow(channel, row)]);
    await exchange.fed(channel, 1);
    await aWhile();
    expect(receiver.arrivals).toEqual([]);
    await exchange.change(subscriptionId, `state = 'active'`);
    await receiver.waitFor((state) => state.counts().live === 1, 60_000);
  });

  it('is nothing for a platform that the channel does not admit', async () => {
    const channel = channelOf('abroad');
    const dutch = await exchange.platform([channel], { country: 'NL' });
    const german = await exchange.platform([channel], { country: 'DE' });
    await exchange.publish(channel, [liveRow(channel, rowIds(1)[0] ?? '')]);
    await german.receiver.waitFor((state) => state.counts().live === 1, 60_000);
    await aWhile();
    expect(dutch.receiver.requests).toEqual([]);
  });
});

describe('a stop', () => {
  it.each(['channel', 'everything'] as const)('of %s holds content and lets withdrawals go', async (scope) => {
    const channel = channelOf('stopped');
    const { receiver } = await exchange.platform([channel]);
    const [known = '', later = ''] = rowIds(2);
    await exchange.publish(channel, [liveRow(channel, known)]);
    await receiver.waitFor((state) => state.row(channel, known)?.state === 'live', 60_000);
    const lift = await exchange.stopPublishing(scope, scope === 'channel' ? channel : null);
    await exchange.publish(channel, [liveRow(channel, later)]);
    await exchange.publish(channel, [withdrawnRow(channel, known, 2)]);
    await receiver.waitFor((state) => state.row(channel, known)?.state === 'withdrawn', 60_000);
    await aWhile();
    expect(receiver.row(channel, later)).toBeUndefined();
    await lift();
    await receiver.waitFor((state) => state.row(channel, later)?.state === 'live', 60_000);
  });

  it('of an agency holds what nobody else says, and lets the rest go', async () => {
    const channel = channelOf('agency-stopped');
    const { receiver, subscriptionId } = await exchange.platform([channel]);
    const [stopped, other] = [await exchange.organisation('agency'), await exchange.organisation('agency')];
    const lift = await exchange.stopPublishing('agency', stopped);
    const [its, others] = [rowIds(12), rowIds(12)];
    await exchange.publish(channel, [
      ...its.map((id) => liveRow(channel, id, 1, { agencyId: stopped })),
      ...others.map((id) => liveRow(channel, id, 1, { agencyId: other })),
    ]);
    await receiver.waitFor((state) => state.counts().live === 12, 60_000);
    const parked = (): Promise<{ because: string }[]> =>
      exchange.database.query(`SELECT because FROM delivery.parked WHERE subscription_id = $1`, [subscriptionId]);
    await eventually(async () => expect(await parked()).toEqual(Array(12).fill({ because: 'stopped' })));
    // Taken back meanwhile: never disclosed, so never spoken of.
    await exchange.publish(channel, [withdrawnRow(channel, its[0] ?? '', 2)]);
    await exchange.fed(channel, 25);
    await lift();
    await receiver.waitFor((state) => state.counts().live === 23, 60_000);
    await eventually(async () => expect(await parked()).toEqual([]));
    expect(receiver.row(channel, its[0] ?? '')).toBeUndefined();
  });
});
