import { liveRow, rowIds, withdrawnRow } from '#libs/testing';
import { PlatformRig, type Fetched, type RigPlatform } from './platform-rig.js';

describe('fetching changes', () => {
  let rig: PlatformRig;

  beforeAll(async () => {
    rig = await PlatformRig.start();
  }, 600_000);

  afterAll(() => rig.stop());

  const said = ({ records }: Fetched): unknown[] =>
    records.map(({ type, version, row_id: row }) => [type, version, row]);
  const disclosures = ({ subscriptionId }: RigPlatform): Promise<{ walk: number; fetched: boolean }[]> =>
    rig.database.query(
      'SELECT walk, fetched_at IS NOT NULL AS fetched FROM platform_api.disclosure WHERE subscription_id = $1 ORDER BY at',
      [subscriptionId],
    );

  test('begins with what is live, goes on from a cursor, and tells the end of what it told', async () => {
    const channel = await rig.channel();
    const platform = await rig.platform([channel]);
    const [a = '', b = '', c = ''] = rowIds(3);
    await rig.write(channel, [liveRow(channel, a), liveRow(channel, b), withdrawnRow(channel, c, 2)]);
    const first = await rig.changes(platform, channel);
    expect(said(first)).toEqual([
      ['row', 1, a],
      ['row', 1, b],
    ]);
    expect(first.headers.get('content-type')).toMatch(/^application\/x-ndjson/);
    expect(first.end).toMatchObject({ more: false, revision: 1, reporting: { name: 'Offlimits' } });
    expect(await disclosures(platform)).toEqual([{ walk: 0, fetched: false }]);
    await rig.write(channel, [withdrawnRow(channel, a, 2), liveRow(channel, b, 2)]);
    const second = await rig.changes(platform, channel, { cursor: first.end.cursor });
    expect(said(second)).toEqual([
      ['withdrawal', 2, a],
      ['row', 2, b],
    ]);
    expect(await disclosures(platform)).toEqual([
      { walk: 0, fetched: true },
      { walk: 1, fetched: false },
      { walk: 0, fetched: false },
    ]);
    // The same cursor gives the same again, and a reader that lost all of them is told what it may still hold.
    expect(said(await rig.changes(platform, channel, { cursor: first.end.cursor }))).toEqual(said(second));
    expect(said(await rig.changes(platform, channel))).toEqual([
      ['withdrawal', 2, a],
      ['row', 2, b],
    ]);
    const last = await rig.changes(platform, channel, { cursor: second.end.cursor });
    expect(last.records).toEqual([]);
    expect((await disclosures(platform)).every(({ fetched }) => fetched)).toBe(true);
  });

  test('gives pages of any size, each with its cursor, and compressed where that is taken', async () => {
    const channel = await rig.channel();
    const platform = await rig.platform([channel]);
    const rows = rowIds(2_500);
    for (let at = 0; at < rows.length; at += 500)
      await rig.write(
        channel,
        rows.slice(at, at + 500).map((row) => liveRow(channel, row)),
      );
    const whole = await rig.changes(platform, channel, { limit: '100000' });
    expect(whole.records.map(({ row_id: row }) => row)).toEqual(rows);
    expect(whole.cursors.length).toBeGreaterThan(1);
    expect(whole.headers.get('content-encoding')).toBe('gzip');
    const plain = await rig.fetch(
      platform,
      `/v1/channels/${channel}/changes`,
      { limit: '3' },
      { 'accept-encoding': 'identity' },
    );
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect((await plain.text()).trimEnd().split('\n')).toHaveLength(4);
    const read: string[] = [];
    for (let cursor: string | undefined, more = true; more;) {
      const page = await rig.changes(platform, channel, { limit: '700', ...(cursor ? { cursor } : {}) });
      read.push(...page.records.map(({ row_id: row }) => row));
      ({ cursor, more } = page.end);
    }
    expect(read).toEqual(rows);
  });

  test('waits for something new, and says that nothing is', async () => {
    const channel = await rig.channel();
    const platform = await rig.platform([channel]);
    const nothing = await rig.changes(platform, channel);
    expect([nothing.records, nothing.headers.get('etag')]).toEqual([[], expect.stringMatching(/^"/)]);
    const query = { cursor: nothing.end.cursor, wait: '20' };
    const known = { 'if-none-match': nothing.headers.get('etag') ?? '' };
    expect((await rig.fetch(platform, `/v1/channels/${channel}/changes`, { cursor: query.cursor }, known)).status).toBe(
      304,
    );
    const began = Date.now();
    const waiting = rig.changes(platform, channel, query);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const [row = ''] = rowIds(1);
    await rig.write(channel, [liveRow(channel, row)]);
    expect(said(await waiting)).toEqual([['row', 1, row]]);
    expect(Date.now() - began).toBeLessThan(5_000);
  });

  test('follows the filter: what no longer passes ends, and content comes anew', async () => {
    const channel = await rig.channel();
    const platform = await rig.platform([channel]);
    const [a = '', b = ''] = rowIds(2);
    await rig.write(channel, [liveRow(channel, a, 1, { ceiling: 'block' }), liveRow(channel, b)]);
    const first = await rig.changes(platform, channel);
    await rig.change(platform, `filter = '{"ceilings":["limit"]}', revision = 2`);
    const second = await rig.changes(platform, channel, { cursor: first.end.cursor });
    expect(said(second)).toEqual([
      ['withdrawal', 1, a],
      ['row', 1, b],
    ]);
    expect(second.records[0]).toMatchObject({ reason: 'out-of-filter' });
    expect(second.end.revision).toBe(2);
  });

  test('passes over what is stopped, and gives it when it is not', async () => {
    const channel = await rig.channel();
    const platform = await rig.platform([channel]);
    const [a = '', b = '', c = ''] = rowIds(3);
    const agency = '018f0000-0000-7000-8000-0000000000aa';
    await rig.write(channel, [liveRow(channel, a), liveRow(channel, b, 1, { agencyId: agency }), liveRow(channel, c)]);
    const lift = await rig.stopAgency(agency);
    const first = await rig.changes(platform, channel);
    expect(said(first)).toEqual([
      ['row', 1, a],
      ['row', 1, c],
    ]);
    const meanwhile = await rig.changes(platform, channel, { cursor: first.end.cursor });
    expect([meanwhile.records, meanwhile.end.more]).toEqual([[], false]);
    await lift();
    const after = await rig.changes(platform, channel, { cursor: meanwhile.end.cursor });
    expect(said(after)).toEqual([['row', 1, b]]);
    expect((await rig.changes(platform, channel, { cursor: after.end.cursor })).records).toEqual([]);
  });

  test('ends with the membership, and still gives withdrawals of what was told', async () => {
    const channel = await rig.channel();
    const other = await rig.channel();
    const platform = await rig.platform([channel, other]);
    const [a = '', b = '', unknown = ''] = rowIds(3);
    await rig.write(channel, [liveRow(channel, a), liveRow(channel, b)]);
    const first = await rig.changes(platform, channel);
    const withdrawals = await rig.lines(platform, '/v1/withdrawals');
    expect([withdrawals.records, withdrawals.end.more]).toEqual([[], false]);
    await rig.change(platform, `state = 'left', leave_policy = 'delete-all', revision = 2`);
    await rig.database.query(`UPDATE directory.organisation SET state = 'left' WHERE id = $1`, [platform.id]);
    await rig.write(channel, [liveRow(channel, b, 2), liveRow(channel, unknown)]);
    const ended = await rig.changes(platform, channel, { cursor: first.end.cursor });
    expect(ended.records).toEqual([expect.objectContaining({ type: 'membership-ended', rows: 'delete-all' })]);
    expect(ended.end).toMatchObject({ content_withheld: 'subscription-left', more: false });
    await rig.write(channel, [withdrawnRow(channel, a, 2), withdrawnRow(channel, unknown, 2)]);
    const after = await rig.changes(platform, channel, { cursor: ended.end.cursor });
    expect(said(after)).toEqual([['withdrawal', 2, a]]);
    expect(said(await rig.lines(platform, '/v1/withdrawals', { since: withdrawals.end.cursor }))).toEqual([
      ['withdrawal', 2, a],
    ]);
    // Of the channel that it never read, it is told nothing.
    expect((await rig.changes(platform, other)).problem.code).toBe('TOC_ACCESS_NOT_FOUND');
  });

  test('tells nobody what they may not read, nor whether it is there', async () => {
    const channel = await rig.channel({ countries: ['NZ'] });
    const open = await rig.channel();
    const outsider = await rig.platform([channel, open]);
    const member = await rig.platform([channel], {}, 'NZ');
    await rig.write(
      channel,
      rowIds(2).map((row) => liveRow(channel, row)),
    );
    const { end } = await rig.changes(member, channel);
    const refusals = await Promise.all([
      rig.changes(outsider, channel),
      rig.changes(outsider, 'no-such-channel'),
      rig.changes(member, open),
    ]);
    expect(refusals.map(({ status, problem }) => [status, problem.code])).toEqual(
      refusals.map(() => [404, 'TOC_ACCESS_NOT_FOUND']),
    );
    const [said_ = '', id = '', tag = ''] = end.cursor.split('.');
    const forged = Buffer.from(Buffer.from(said_, 'base64url').toString().replace(member.id, outsider.id)).toString(
      'base64url',
    );
    for (const [reader, where, cursor] of [
      [outsider, channel, end.cursor],
      [member, open, end.cursor],
      [outsider, channel, [forged, id, tag].join('.')],
      [member, channel, 'x'],
      [member, channel, `${end.cursor}.`],
      [member, channel, [said_, 'no-key', tag].join('.')],
    ] as const)
      expect((await rig.changes(reader, where, { cursor })).problem.code).toBe('TOC_REQUEST_CURSOR');
    expect((await rig.lines(member, '/v1/withdrawals', { since: end.cursor })).problem.code).toBe('TOC_REQUEST_CURSOR');
    expect((await rig.changes({ key: 'nobody' }, channel)).status).toBe(401);
    for (const [name, value] of [
      ['limit', '0'],
      ['limit', '1000001'],
      ['wait', '31'],
      ['wait', 'x'],
      ['more', '1'],
    ])
      expect((await rig.changes(member, channel, { [name ?? '']: value ?? '' })).problem.code).toBe(
        'TOC_REQUEST_PARAMETER',
      );
    const [row] = await rig.database.query<{ count: string }[]>(
      'SELECT count(*) FROM platform_api.disclosure WHERE platform_id = $1',
      [outsider.id],
    );
    expect(row?.count).toBe('0');
  });

  test('has so many reads of a platform at once, and no fewer of another', async () => {
    const channel = await rig.channel();
    const [busy, other] = [await rig.platform([channel]), await rig.platform([channel])];
    const { end } = await rig.changes(busy, channel);
    const waiting = Array.from({ length: 3 }, () => rig.changes(busy, channel, { cursor: end.cursor, wait: '3' }));
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect((await rig.changes(busy, channel)).problem.code).toBe('TOC_REQUEST_TOO_MANY');
    expect((await rig.changes(other, channel)).status).toBe(200);
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await rig.changes(busy, channel)).status).toBe(200);
  });

  test('has reads of one channel follow one another, and discloses nothing for an answer without a body', async () => {
    const channel = await rig.channel();
    const platform = await rig.platform([channel]);
    await rig.write(
      channel,
      rowIds(300).map((row) => liveRow(channel, row)),
    );
    const head = await fetch(`${rig.url}/v1/channels/${channel}/changes`, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${platform.key}` },
    });
    expect([head.status, await disclosures(platform)]).toEqual([200, []]);
    const answers = await Promise.all([1, 2, 3].map(() => rig.changes(platform, channel, { limit: '300' })));
    expect(answers.map(({ records }) => records.length)).toEqual([300, 300, 300]);
    // The same records are one disclosure, however often they are given.
    expect(await disclosures(platform)).toHaveLength(1);
  });
});
