import { formatById } from '#libs/formats';
import { collectionId } from '#libs/stix';
import { byteSource, liveRow, readAll, rowIds, withdrawnRow } from '#libs/testing';
import { PlatformRig, type RigPlatform } from './platform-rig.js';
import { ROW, openCollection, said, TaxiiReader, type OpenCollection, type Opened } from './taxii-reader.js';

describe('collections of TAXII', () => {
  let rig: PlatformRig;

  beforeAll(async () => {
    rig = await PlatformRig.start();
  }, 600_000);

  afterAll(() => rig.stop());

  const open = (...given: Opened): Promise<OpenCollection> => openCollection(rig, ...given);
  const disclosures = ({ subscriptionId }: RigPlatform): Promise<{ records: number; fetched: boolean }[]> =>
    rig.database.query(
      'SELECT records, fetched_at IS NOT NULL AS fetched FROM platform_api.disclosure WHERE subscription_id = $1 ORDER BY at',
      [subscriptionId],
    );

  test('are found from the discovery, and say what they are', async () => {
    const { channel, reader } = await open();
    const discovery = await reader.get('/taxii2/');
    expect(discovery.headers.get('content-type')).toBe('application/taxii+json;version=2.1');
    expect(discovery.body).toMatchObject({ title: 'Tocsin', default: '/taxii2/channels/' });
    const root = await reader.get('/taxii2/channels/');
    expect(root.body).toMatchObject({
      versions: ['application/taxii+json;version=2.1'],
      max_content_length: 1_048_576,
    });
    const { body } = await reader.get('/taxii2/channels/collections/');
    const shown = {
      ...{ id: collectionId(channel), title: channel, alias: channel, can_read: true, can_write: false },
      ...{ media_types: ['application/stix+json;version=2.1'], description: expect.stringContaining('Offlimits') },
    };
    expect(body).toEqual({ collections: [shown, expect.objectContaining({ alias: 'feedback', can_read: false })] });
    for (const path of [reader.path, `/taxii2/channels/collections/${channel}/`])
      expect((await reader.get(path)).body).toEqual(shown);
  });

  test('begin with what their objects refer to, and give rows in order of their dates', async () => {
    const { channel, platform, reader } = await open();
    const [a = '', b = ''] = rowIds(2);
    await rig.write(channel, [liveRow(channel, a), liveRow(channel, b)]);
    const all = await reader.read();
    expect(all.objects.map(({ type }) => type)).toEqual([
      ...['identity', ...Array.from({ length: 5 }, () => 'marking-definition'), 'indicator', 'indicator'],
    ]);
    expect(said({ objects: all.objects.slice(6) })).toEqual([
      [a, 1, 'live'],
      [b, 1, 'live'],
    ]);
    const [identity] = all.objects;
    expect(new Set(all.objects.slice(6).map(({ created_by_ref: creator }) => creator))).toEqual(
      new Set([identity?.id]),
    );
    expect([all.more, all.next]).toEqual([false, undefined]);
    expect(await disclosures(platform)).toEqual([{ records: 2, fetched: false }]);
    const after = await reader.read({ added_after: all.last });
    expect([after.body, after.last]).toEqual([{}, '']);
    expect(await disclosures(platform)).toEqual([{ records: 2, fetched: true }]);
    const bundle = { type: 'bundle', id: 'bundle--00000000-0000-4000-8000-000000000000', objects: all.objects };
    const { items } = await readAll(formatById('stix21'), byteSource(JSON.stringify(bundle)));
    expect(items.filter(({ kind }) => kind === 'candidate')).toMatchObject(
      [a, b].map((row) => ({
        signals: [{ type: 'url', value: `https://host.example/${row}` }],
        draft: { ceiling: 'limit', context: 'entity-produced', marking: { tlp: 'green' } },
      })),
    );
  });

  test('give pages of any size, the same each time, and each object once', async () => {
    const { channel, platform, reader } = await open();
    const rows = rowIds(23);
    await rig.write(
      channel,
      rows.slice(0, 10).map((row) => liveRow(channel, row)),
    );
    for (const row of rows.slice(10)) await rig.write(channel, [liveRow(channel, row)]);
    const manifest = (await reader.walk({}, 'manifest/')).flatMap(({ body }) => body['objects'] as Dated[]);
    interface Dated {
      id: string;
      date_added: string;
      version: string;
      media_type: string;
    }
    const dates = manifest.map(({ date_added: date }) => date);
    expect(dates).toEqual([...new Set(dates)].sort());
    expect(dates.every((date) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(date))).toBe(true);
    expect(await disclosures(platform)).toEqual([]);
    for (const limit of ['1', '2', '7', '29', '1000']) {
      const pages = await reader.walk({ limit });
      const objects = pages.flatMap((page) => page.objects);
      expect(objects.map(({ id }) => id)).toEqual(manifest.map(({ id }) => id));
      expect(pages.every((page) => page.objects.length <= Number(limit))).toBe(true);
      expect(pages.map(({ last }) => last)).toEqual(
        pages.map((_, at) => dates[Math.min(dates.length, (at + 1) * Number(limit)) - 1]),
      );
      // Each page again by its date instead, which is exclusive.
      const again = await reader.read({ limit, added_after: pages[0]?.last ?? '' });
      expect(again.objects).toEqual(pages[1]?.objects ?? []);
    }
    const first = await reader.read({ limit: '5' });
    const [twice, thrice] = [
      await reader.read({ limit: '5', next: first.next ?? '' }),
      await reader.read({ limit: '5', next: first.next ?? '' }),
    ];
    expect(thrice.body).toEqual(twice.body);
    expect((await reader.read({ limit: '5', next: first.next ?? '', added_after: first.last })).body).toEqual(
      twice.body,
    );
  });

  test('have the filters of the standard', async () => {
    const { channel, reader } = await open();
    const rows = rowIds(5);
    await rig.write(
      channel,
      rows.map((row) => liveRow(channel, row)),
    );
    const [first, second, ...others] = (await reader.rows()).objects;
    if (!first || !second) throw new Error('nothing was given');
    const idsOf = async (query: Record<string, string>): Promise<string[]> =>
      (await reader.read(query)).objects.map(({ id }) => id);
    const all = [first, second, ...others].map(({ id }) => id);
    expect(await idsOf({ 'match[id]': first.id })).toEqual([first.id]);
    expect(await idsOf({ 'match[id]': `${second.id},${first.id}` })).toEqual([first.id, second.id]);
    expect(await idsOf({ 'match[id]': all.join(','), limit: '2' })).toEqual(all.slice(0, 2));
    expect(await idsOf({ 'match[id]': 'indicator--00000000-0000-4000-8000-000000000000' })).toEqual([]);
    expect(await idsOf({ 'match[type]': 'indicator' })).toEqual(all);
    expect(await idsOf({ 'match[type]': 'malware,report' })).toEqual([]);
    expect(await idsOf({ 'match[type]': 'identity', 'match[id]': first.id })).toEqual([]);
    expect((await idsOf({ 'match[type]': 'identity' })).length).toBe(1);
    expect(await idsOf({ 'match[version]': second.modified })).toEqual([second.id]);
    expect(await idsOf({ 'match[version]': `${second.modified},${first.modified}` })).toEqual([first.id, second.id]);
    expect(await idsOf({ 'match[id]': first.id, 'match[version]': second.modified })).toEqual([]);
    for (const version of ['all', 'first', 'last', 'first,last'])
      expect(await idsOf({ 'match[id]': all.join(','), 'match[version]': version })).toEqual(all);
    expect([
      await idsOf({ 'match[spec_version]': '2.0' }),
      (await idsOf({ 'match[spec_version]': '2.0,2.1' })).length,
    ]).toEqual([[], 11]);
    expect(await idsOf({ 'match[type]': 'indicator', added_after: first.modified })).toEqual(all.slice(1));
    const one = await reader.read({}, `objects/${first.id}/`);
    expect([one.objects, one.last]).toEqual([[first], first.modified]);
    expect((await reader.read({}, `objects/${first.id}/versions/`)).body).toEqual({ versions: [first.modified] });
    expect((await reader.read({}, 'objects/indicator--00000000-0000-4000-8000-000000000000/versions/')).body).toEqual(
      {},
    );
    expect((await reader.read({ 'match[id]': first.id }, 'manifest/')).body).toEqual({
      objects: [
        {
          id: first.id,
          date_added: first.modified,
          version: first.modified,
          media_type: 'application/stix+json;version=2.1',
        },
      ],
    });
  });

  test('give the newest version, and revoke what was told', async () => {
    const { channel, reader } = await open();
    const [a = '', b = '', unknown = ''] = rowIds(3);
    await rig.write(channel, [liveRow(channel, a), liveRow(channel, b)]);
    const before = await reader.rows();
    await rig.write(channel, [liveRow(channel, unknown), withdrawnRow(channel, a, 2), liveRow(channel, b, 2)]);
    await rig.write(channel, [withdrawnRow(channel, unknown, 2)]);
    const after = await reader.rows({ added_after: before.last });
    expect(said(after)).toEqual([
      [a, 2, 'revoked'],
      [b, 2, 'live'],
    ]);
    const [revoked, renewed] = after.objects;
    expect([revoked?.id, renewed?.id]).toEqual(before.objects.map(({ id }) => id));
    expect([revoked?.created, renewed?.created]).toEqual(before.objects.map(({ created }) => created));
    expect((revoked?.modified ?? '') > (before.objects[0]?.modified ?? '')).toBe(true);
    expect(JSON.stringify(revoked)).not.toContain('host.example');
    expect(revoked?.extensions?.[ROW]).toMatchObject({ reason: 'retracted', restore: true });
    // A reader that lost everything, and one that was never told.
    expect(said(await reader.rows())).toEqual(said(after));
    const stranger = new TaxiiReader(rig, await rig.platform([channel]), channel);
    expect(said(await stranger.rows())).toEqual([[b, 2, 'live']]);
    expect(said(await stranger.read({ 'match[id]': revoked?.id ?? '' }))).toEqual([]);
  });

  test('give bulletins as reports, found without passing all signals', async () => {
    const { channel, reader } = await open();
    const [a = '', b = '', c = ''] = rowIds(3);
    await rig.write(channel, [liveRow(channel, a), liveRow(channel, b, 1, { bulletin: 'What is happening' })]);
    await rig.write(channel, [liveRow(channel, c)]);
    const reports = await reader.read({ 'match[type]': 'report' });
    expect(said(reports)).toEqual([[b, 1, 'live']]);
    expect(reports.objects[0]).toMatchObject({ name: 'What is happening', report_types: ['threat-report'] });
    expect(said(await reader.read({ 'match[type]': 'indicator' }))).toEqual([
      [a, 1, 'live'],
      [c, 1, 'live'],
    ]);
    await rig.write(channel, [withdrawnRow(channel, b, 2)]);
    const ended = await reader.read({ 'match[type]': 'report', added_after: reports.last });
    expect(said(ended)).toEqual([[b, 2, 'revoked']]);
    expect(ended.objects[0]).toMatchObject({ id: reports.objects[0]?.id, type: 'report' });
    expect(JSON.stringify(ended.body)).not.toContain('What is happening');
  });

  test('revoke every earlier generation for a reader that was away', async () => {
    const { channel, reader } = await open();
    const [a = ''] = rowIds(1);
    await rig.write(channel, [liveRow(channel, a)]);
    const [first] = (await reader.rows()).objects;
    await rig.write(channel, [withdrawnRow(channel, a, 2)]);
    await rig.write(channel, [liveRow(channel, a, 3, { generation: 2 })]);
    await rig.write(channel, [withdrawnRow(channel, a, 4, 'retracted', 2)]);
    await rig.write(channel, [liveRow(channel, a, 5, { generation: 3 })]);
    const after = await reader.rows({ added_after: first?.modified ?? '' });
    expect(said(after)).toEqual([
      [a, 4, 'revoked'],
      [a, 4, 'revoked'],
      [a, 5, 'live'],
    ]);
    expect(after.objects[0]?.id).toBe(first?.id);
    expect(new Set(after.objects.map(({ id }) => id)).size).toBe(3);
  });

  test('lose nothing to a reader that pages while others write', async () => {
    const { channel, reader } = await open();
    const rows = rowIds(600);
    const written = { all: false };
    const writers = [0, 1].map(async (writer) => {
      for (let at = writer * 10; at < rows.length; at += 20)
        await rig.write(
          channel,
          rows.slice(at, at + 10).map((row) => liveRow(channel, row)),
        );
    });
    void Promise.all(writers).then(() => (written.all = true));
    const read: unknown[] = [];
    for (let after = '2026-06-01T00:00:00Z', wasLast = false; !wasLast;) {
      wasLast = written.all;
      for (const page of await reader.walk({ added_after: after, limit: '17' })) {
        read.push(...page.objects.map(({ extensions }) => extensions?.[ROW]?.['row_id']));
        after = page.last || after;
      }
    }
    await Promise.all(writers);
    expect(read.length).toBe(rows.length);
    expect(new Set(read)).toEqual(new Set(rows));
  });

  test('take the reads of one platform in turn', async () => {
    const { channel, reader } = await open();
    await rig.write(
      channel,
      rowIds(50).map((row) => liveRow(channel, row)),
    );
    const answers = await Promise.all(Array.from({ length: 40 }, () => reader.read()));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });
});
