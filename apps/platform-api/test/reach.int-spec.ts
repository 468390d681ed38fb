import { randomUUID } from 'node:crypto';
import type { Principal } from '#libs/access';
import { writeDisclosure } from '#libs/feed';
import { liveRow, rowIds, withdrawnRow } from '#libs/testing';
import { PlatformRig, type RigPlatform } from './platform-rig.js';

const OPERATOR: Principal = {
  ...{ personId: randomUUID(), organisationId: randomUUID(), organisationName: 'Operator', country: 'NL', keyId: 'k' },
  ...{ organisationKind: 'operator', roles: ['operator'] },
};

describe('reach', () => {
  let rig: PlatformRig;

  beforeAll(async () => {
    rig = await PlatformRig.start();
  }, 600_000);

  afterAll(() => rig.stop());

  const reach = (channel: string, row: string, who = OPERATOR) =>
    rig.asConsole(who, `/internal/rows/${row}/reach?channel=${channel}`);
  const push = async (platform: RigPlatform, channel: string, row: string, sent: boolean): Promise<void> => {
    const [at] = await rig.database.query<{ position: string; live: boolean }[]>(
      'SELECT position, live FROM feed.row WHERE row_id = $1',
      [row],
    );
    const position = BigInt(at?.position ?? 0);
    const id = randomUUID();
    await writeDisclosure(rig.database.manager, 'delivery', {
      ...{ id, platformId: platform.id, subscriptionId: platform.subscriptionId, channelId: channel },
      ...{ revision: 1, walk: at?.live ? 0 : 1, until: position },
      outgoing: [{ position, live: at?.live === true, record: { eventId: randomUUID(), body: '{}' } as never }],
    });
    if (sent)
      await rig.database.query(`INSERT INTO delivery.receipt (disclosure_id, evidence) VALUES ($1, '{}')`, [id]);
  };

  test('of a withdrawal is counted stage by stage, by every path, until the last has confirmed', async () => {
    const channel = await rig.channel();
    const [row = '', other = ''] = rowIds(2);
    const [fetching, pushed, slow, stranger] = [
      await rig.platform([channel]),
      await rig.platform([channel]),
      await rig.platform([channel]),
      await rig.platform([channel]),
    ];
    for (const platform of [pushed, slow]) await rig.change(platform, `connector = 'webhook'`);
    await rig.write(channel, [liveRow(channel, row)]);
    const first = await rig.changes(fetching, channel);
    await push(pushed, channel, row, true);
    await push(slow, channel, row, true);
    expect((await reach(channel, row)).body).toMatchObject({ version: 1, live: true, told: 3, sent: 2, fetched: 0 });
    // Told of something else on the channel only.
    await rig.write(channel, [withdrawnRow(channel, row, 2), liveRow(channel, other)]);
    await rig.changes(stranger, channel);
    expect((await reach(channel, row)).body).toMatchObject({
      ...{ version: 2, live: false, told: 3, disclosed: 0, sent: 0, fetched: 0, confirmed: 0, outcomes: {} },
    });
    const second = await rig.changes(fetching, channel, { cursor: first.end.cursor });
    await rig.changes(fetching, channel, { cursor: second.end.cursor });
    await push(pushed, channel, row, true);
    await push(slow, channel, row, false);
    const confirm = (platform: RigPlatform, outcome: string, version = 2, more: object = {}) =>
      rig.post(platform, '/v1/feedback', [{ kind: 'confirmation', channel, row_id: row, version, outcome, ...more }]);
    await confirm(fetching, 'removed');
    await confirm(fetching, 'restored');
    // Of an earlier version, and of one to come: neither is about the withdrawal.
    await confirm(pushed, 'applied', 1);
    await confirm(pushed, 'applied', 3);
    expect((await reach(channel, row)).body).toEqual({
      ...{ channel, row_id: row, version: 2, live: false, told: 3, disclosed: 3, sent: 1, fetched: 1, confirmed: 1 },
      outcomes: { restored: 1 },
      unconfirmed: [
        { platform_id: pushed.id, stage: 'sent' },
        { platform_id: slow.id, stage: 'disclosed' },
      ].sort((a, b) => (a.platform_id < b.platform_id ? -1 : 1)),
    });
    await confirm(pushed, 'cannot', 2, { because: 'preservation-duty' });
    await confirm(slow, 'restored');
    expect((await reach(channel, row)).body).toMatchObject({
      ...{ told: 3, confirmed: 3, outcomes: { restored: 2, cannot: 1 }, unconfirmed: [] },
    });
  });

  test('is told to operators and overseers, through the console alone', async () => {
    const channel = await rig.channel();
    const platform = await rig.platform([channel]);
    const [row = ''] = rowIds(1);
    await rig.write(channel, [liveRow(channel, row)]);
    const overseer: Principal = { ...OPERATOR, organisationKind: 'oversight', roles: ['overseer'] };
    const officer: Principal = { ...OPERATOR, organisationKind: 'agency', roles: ['officer', 'approver'] };
    const analyst: Principal = { ...OPERATOR, organisationKind: 'platform', roles: ['analyst', 'admin'] };
    const statuses = [];
    for (const who of [OPERATOR, overseer, officer, analyst]) statuses.push((await reach(channel, row, who)).status);
    expect(statuses).toEqual([200, 200, 403, 403]);
    expect((await reach(channel, randomUUID())).status).toBe(404);
    expect((await rig.fetch(platform, `/internal/rows/${row}/reach`, { channel })).status).toBe(401);
  });
});
