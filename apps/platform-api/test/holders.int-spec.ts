import { randomUUID } from 'node:crypto';
import type { Principal } from '#libs/access';
import { liveRow, rowIds, withdrawnRow } from '#libs/testing';
import { PlatformRig, type RigPlatform } from './platform-rig.js';

const person = (kind: Principal['organisationKind'], roles: Principal['roles']): Principal => ({
  ...{ personId: randomUUID(), organisationId: randomUUID(), organisationName: 'O', country: 'NL', keyId: 'k' },
  ...{ organisationKind: kind, roles },
});
const OPERATOR = person('operator', ['operator']);

describe('who holds a version of a row', () => {
  let rig: PlatformRig;

  beforeAll(async () => {
    rig = await PlatformRig.start();
  }, 600_000);

  afterAll(() => rig.stop());

  const holders = (channel: string, row: string, more = '', who = OPERATOR) =>
    rig.asConsole(who, `/internal/rows/${row}/holders?channel=${channel}${more}`);
  const holdings = (platform: string, channel: string, more = '', who = OPERATOR) =>
    rig.asConsole(who, `/internal/platforms/${platform}/holdings?channel=${channel}${more}`);
  /** Everything that a platform holds, page by page. */
  const held = async (platform: RigPlatform, channel: string): Promise<object[]> => {
    const rows: object[] = [];
    for (let after: string | undefined = '0.0'; after !== undefined;) {
      const { status, body } = await holdings(platform.id, channel, `&after=${after}`);
      expect(status).toBe(200);
      rows.push(...(body as { rows: object[] }).rows);
      after = (body as { next?: string }).next;
    }
    return rows;
  };
  const read = async (platform: RigPlatform, channel: string, cursor?: string): Promise<string> =>
    (await rig.changes(platform, channel, cursor ? { cursor } : {})).end.cursor;
  /** Reads on and comes back, by which what was given counts as fetched. */
  const readOn = async (platform: RigPlatform, channel: string, cursor?: string): Promise<string> => {
    const next = await read(platform, channel, cursor);
    await read(platform, channel, next);
    return next;
  };

  test('is told of exactly that version and of older ones, until something newer has arrived', async () => {
    const channel = await rig.channel();
    const [fast, slow] = [await rig.platform([channel]), await rig.platform([channel])];
    const late = await rig.platform([channel]);
    const [row = '', other = ''] = rowIds(2);
    await rig.write(channel, [liveRow(channel, row)]);
    const slowly = await readOn(slow, channel);
    let cursor = await readOn(fast, channel);
    await rig.write(channel, [liveRow(channel, row, 2)]);
    cursor = await readOn(fast, channel, cursor);
    // It has not come back after the third version: nobody knows whether that arrived.
    await rig.write(channel, [liveRow(channel, row, 3)]);
    await read(fast, channel, cursor);
    const of = async (version: number): Promise<object> => {
      const { status, body } = await holders(channel, row, `&version=${version}`);
      expect(status).toBe(200);
      return body;
    };
    const one = { platform_id: slow.id, version: 1, arrived: true, stated: false };
    const sorted = (...platforms: { platform_id: string }[]) =>
      platforms
        .sort((a, b) => (a.platform_id < b.platform_id ? -1 : 1))
        .map((platform) => expect.objectContaining(platform) as unknown);
    expect(await of(1)).toMatchObject({ newest: 3, live: true, holders: 1, exactly: 1, platforms: sorted(one) });
    const two = { platform_id: fast.id, version: 2, arrived: true };
    expect(await of(2)).toMatchObject({ holders: 2, exactly: 1, platforms: sorted(one, two), more: false });
    const three = { platform_id: fast.id, version: 3, arrived: false };
    expect(await of(3)).toMatchObject({ holders: 2, exactly: 1, platforms: sorted(one, three) });
    expect((await holders(channel, row)).body).toEqual(await of(3));
    const newest = { row_id: row, newest: 3, live: true };
    expect(await held(fast, channel)).toEqual([{ ...newest, version: 3, arrived: false }]);
    expect(await held(slow, channel)).toEqual([{ ...newest, version: 1, arrived: true }]);
    expect(await held(late, channel)).toEqual([]);

    await rig.write(channel, [withdrawnRow(channel, row, 4), liveRow(channel, other)]);
    await readOn(fast, channel, cursor);
    expect(await of(4)).toMatchObject({ newest: 4, live: false, holders: 1, exactly: 0, platforms: sorted(one) });
    expect(await held(fast, channel)).toEqual([{ row_id: other, version: 1, arrived: true, newest: 1, live: true }]);
    expect(await held(slow, channel)).toEqual([{ row_id: row, version: 1, arrived: true, newest: 4, live: false }]);
    // Its own word tells as well that it knows of the end.
    await read(slow, channel, slowly);
    const confirmation = { kind: 'confirmation', channel, row_id: row, version: 4, outcome: 'removed' };
    expect((await rig.post(slow, '/v1/feedback', [confirmation])).status).toBe(200);
    expect(await of(4)).toMatchObject({ holders: 0, exactly: 0, platforms: [] });
    expect(await held(slow, channel)).toEqual([{ row_id: other, version: 1, arrived: false, newest: 1, live: true }]);
  });

  test('is read page by page', async () => {
    const channel = await rig.channel();
    const platform = await rig.platform([channel]);
    const rows = rowIds(1100);
    await rig.write(
      channel,
      rows.map((row) => liveRow(channel, row)),
    );
    for (let cursor: string | undefined, lines = 0; lines < rows.length;) {
      const page = await rig.changes(platform, channel, cursor ? { cursor } : {});
      cursor = page.end.cursor;
      lines += 1000;
    }
    const all = await held(platform, channel);
    expect(new Set(all.map((row) => (row as { row_id: string }).row_id)).size).toBe(all.length);
    expect(all).toHaveLength(rows.length);
    const { body } = await holdings(platform.id, channel);
    expect((body as { rows: object[] }).rows).toHaveLength(500);
  });

  test('is told to operators and overseers, of what there is', async () => {
    const channel = await rig.channel();
    const platform = await rig.platform([channel]);
    const [row = ''] = rowIds(1);
    await rig.write(channel, [liveRow(channel, row)]);
    for (const who of [person('agency', ['officer']), person('platform', ['admin'])]) {
      expect((await holders(channel, row, '', who)).status).toBe(403);
      expect((await holdings(platform.id, channel, '', who)).status).toBe(403);
    }
    expect((await holders(channel, row, '', person('oversight', ['overseer']))).status).toBe(200);
    for (const wrong of ['&version=0', '&version=x', '&after=x'])
      expect((await holders(channel, row, wrong)).status).toBe(400);
    expect((await holdings(platform.id, channel, '&after=2.0')).status).toBe(400);
    expect((await holders(channel, row, '&version=2')).status).toBe(404);
    expect((await holders(channel, randomUUID())).status).toBe(404);
    expect((await holdings(randomUUID(), channel)).body).toMatchObject({ rows: [] });
  });
});
