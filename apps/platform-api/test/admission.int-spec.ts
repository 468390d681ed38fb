import type { Principal } from '#libs/access';
import { liveRow, rowIds, withdrawnRow } from '#libs/testing';
import { PlatformRig, type RigPlatform } from './platform-rig.js';
import { openCollection, said as objectsSaid } from './taxii-reader.js';

describe('what a platform is admitted to', () => {
  let rig: PlatformRig;

  beforeAll(async () => {
    rig = await PlatformRig.start();
  }, 600_000);

  afterAll(() => rig.stop());

  const said = ({ records }: Awaited<ReturnType<PlatformRig['changes']>>): unknown[] =>
    records.map(({ type, row_id, reason }) => [type, row_id, ...(reason === undefined ? [] : [reason])]);

  test('match-only gives signals and no bulletins; what follows a change of standing is said row by row', async () => {
    const channel = await rig.channel();
    const platform = await rig.platform([channel]);
    await rig.admit(platform, `standing = 'match-only'`);
    const [signal = '', words = ''] = rowIds(2);
    await rig.write(channel, [liveRow(channel, signal), liveRow(channel, words, 1, { bulletin: 'What to look for' })]);
    const first = await rig.changes(platform, channel);
    expect(said(first)).toEqual([['row', signal]]);
    await rig.admit(platform, `standing = 'full'`);
    const raised = await rig.changes(platform, channel, { cursor: first.end.cursor });
    expect(said(raised)).toEqual([
      ['row', signal],
      ['row', words],
    ]);
    await rig.admit(platform, `standing = 'match-only'`);
    const lowered = await rig.changes(platform, channel, { cursor: raised.end.cursor });
    expect(said(lowered)).toEqual([
      ['row', signal],
      ['withdrawal', words, 'out-of-filter'],
    ]);
  });

  test('nothing of abuse material is told without a ground, and it is taken back when the ground goes', async () => {
    const channel = await rig.channel();
    const platform = await rig.platform([channel]);
    await rig.admit(platform, 'receives_csea = false');
    const [terror = '', abuse = ''] = rowIds(2);
    await rig.write(channel, [liveRow(channel, terror), liveRow(channel, abuse, 1, { harms: ['csea/production'] })]);
    const first = await rig.changes(platform, channel);
    expect(said(first)).toEqual([['row', terror]]);
    await rig.admit(platform, 'receives_csea = true');
    const second = await rig.changes(platform, channel, { cursor: first.end.cursor });
    expect(said(second)).toContainEqual(['row', abuse]);
    await rig.admit(platform, 'receives_csea = false');
    const third = await rig.changes(platform, channel, { cursor: second.end.cursor });
    expect(said(third)).toContainEqual(['withdrawal', abuse, 'out-of-filter']);
  });

  test('the same by TAXII', async () => {
    const { channel, platform, reader } = await openCollection(rig);
    await rig.admit(platform, `standing = 'match-only', receives_csea = false`);
    const [signal = '', words = '', abuse = ''] = rowIds(3);
    await rig.write(channel, [
      liveRow(channel, signal),
      liveRow(channel, words, 1, { bulletin: 'What to look for' }),
      liveRow(channel, abuse, 1, { harms: ['csea'] }),
    ]);
    expect(objectsSaid(await reader.rows())).toEqual([[signal, 1, 'live']]);
  });

  test('a suspended platform fetches withdrawals and no content, by the feed and by TAXII, until it is reinstated', async () => {
    const { channel, platform, reader } = await openCollection(rig);
    const feed = platform;
    const [told = '', later = ''] = rowIds(2);
    await rig.write(channel, [liveRow(channel, told)]);
    const first = await rig.changes(feed, channel);
    const before = await reader.rows();
    const state = (word: string): Promise<unknown> =>
      rig.database.query('UPDATE directory.organisation SET state = $2 WHERE id = $1', [platform.id, word]);
    await state('suspended');
    await rig.write(channel, [liveRow(channel, later), withdrawnRow(channel, told, 2)]);
    const suspended = await rig.changes(feed, channel, { cursor: first.end.cursor });
    expect(said(suspended)).toEqual([['withdrawal', told, 'retracted']]);
    expect(suspended.end).toMatchObject({ content_withheld: 'platform-not-active' });
    expect(said(await rig.lines(feed, '/v1/withdrawals'))).toContainEqual(['withdrawal', told, 'retracted']);
    expect(objectsSaid(await reader.rows({ added_after: before.last }))).toEqual([[told, 2, 'revoked']]);
    await state('active');
    expect(said(await rig.changes(feed, channel, { cursor: suspended.end.cursor }))).toEqual([['row', later]]);
  });
});

describe('a preview', () => {
  let rig: PlatformRig;

  beforeAll(async () => {
    rig = await PlatformRig.start();
  }, 600_000);

  afterAll(() => rig.stop());

  const preview = ({ id, personId }: RigPlatform, channel: string, filter: object = {}, connector = 'webhook') => {
    const admin: Principal = {
      ...{ personId, organisationId: id, organisationName: 'P', country: 'NL', keyId: 'k' },
      ...{ organisationKind: 'platform', roles: ['admin'] },
    };
    return rig.asConsole(admin, '/internal/previews', { channel, filter, connector });
  };

  test('counts what would be sent by type, harm and ceiling, and discloses nothing', async () => {
    const channel = await rig.channel();
    const platform = await rig.platform([]);
    const [a = '', b = '', c = '', d = '', e = '', gone = ''] = rowIds(6);
    await rig.write(channel, [
      liveRow(channel, a, 1, { harms: ['tvec', 'tvec/recruitment'], language: 'nl' }),
      liveRow(channel, b, 1, { ceiling: 'block', language: 'en-GB' }),
      liveRow(channel, c, 1, { ceiling: 'block' }),
      liveRow(channel, d, 1, { bulletin: 'What to look for' }),
      liveRow(channel, e, 1, { harms: ['csea'] }),
      liveRow(channel, gone),
    ]);
    await rig.write(channel, [withdrawnRow(channel, gone, 2)]);
    expect((await preview(platform, channel)).body).toEqual({
      ...{ channel, rows: 5, complete: true, types: { url: 4, bulletin: 1 }, ceilings: { limit: 3, block: 2 } },
      harms: { tvec: 4, 'tvec/recruitment': 1, csea: 1 },
    });
    expect((await preview(platform, channel, { ceilings: ['block'], languages: ['en'] })).body).toMatchObject({
      rows: 2,
    });
    expect((await preview(platform, channel, { types: ['sha256'] })).body).toMatchObject({ rows: 0, types: {} });
    await rig.admit(platform, `standing = 'match-only', receives_csea = false`);
    expect((await preview(platform, channel)).body).toMatchObject({ rows: 3, types: { url: 3 } });
    expect(await rig.database.query('SELECT FROM platform_api.disclosure WHERE channel_id = $1', [channel])).toEqual(
      [],
    );
  });

  test('counts nothing while publishing is stopped, and one at a time of a platform', async () => {
    const channel = await rig.channel();
    const platform = await rig.platform([]);
    await rig.write(channel, [liveRow(channel, rowIds(1)[0] ?? '')]);
    const both = await Promise.all([preview(platform, channel), preview(platform, channel)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 503]);
    const lift = await rig.stopChannel(channel);
    expect((await preview(platform, channel)).body).toMatchObject({ rows: 0, types: {}, content_withheld: 'stopped' });
    await lift();
    expect((await preview(platform, channel)).body).toMatchObject({ rows: 1 });
  });

  test('of a channel that does not admit the platform is that of none', async () => {
    const channel = await rig.channel({ countries: ['NZ'] });
    const platform = await rig.platform([]);
    await rig.write(channel, [liveRow(channel, rowIds(1)[0] ?? '')]);
    const [others, none] = [await preview(platform, channel), await preview(platform, 'no-such-channel')];
    for (const { body } of [others, none]) delete body.instance;
    expect(others).toEqual(none);
    expect(others.status).toBe(404);
  });

  test('of a large channel says that there are at least so many, within a bound', async () => {
    const channel = await rig.channel();
    const platform = await rig.platform([]);
    await rig.write(
      channel,
      rowIds(1_000).map((id) => liveRow(channel, id)),
    );
    // The same record a hundred times over: what is measured is the bound.
    await rig.database.query(
      `INSERT INTO feed.row (channel_id, row_id, version, position, walk, live, event_id, record)
       SELECT $1, gen_random_uuid(), 1, 1000 + n, 0, true, gen_random_uuid(), r.record
       FROM generate_series(1, 100000) n, (SELECT record FROM feed.row WHERE channel_id = $1 LIMIT 1) r`,
      [channel],
    );
    const begun = Date.now();
    const { body } = await preview(platform, channel, { ceilings: ['limit'] });
    process.stderr.write(`a preview of 100,000 rows took ${Date.now() - begun} ms\n`);
    expect(body).toMatchObject({ rows: 100_000, complete: false });
  });
});
