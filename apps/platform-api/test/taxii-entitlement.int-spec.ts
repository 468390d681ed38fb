import { collectionId } from '#libs/stix';
import { liveRow, rowIds, withdrawnRow } from '#libs/testing';
import { PlatformRig } from './platform-rig.js';
import { openCollection, said, TaxiiReader, type OpenCollection, type Opened } from './taxii-reader.js';

describe('what a platform may have of collections', () => {
  let rig: PlatformRig;

  beforeAll(async () => {
    rig = await PlatformRig.start();
  }, 600_000);

  afterAll(() => rig.stop());

  const open = (...given: Opened): Promise<OpenCollection> => openCollection(rig, ...given);
  test('end what no longer passes the filter, without revoking it', async () => {
    const { channel, reader } = await open({}, { ceilings: ['limit'] });
    const [a = '', b = ''] = rowIds(2);
    await rig.write(channel, [liveRow(channel, a), liveRow(channel, b, 1, { ceiling: 'block' })]);
    const before = await reader.rows();
    expect(said(before)).toEqual([[a, 1, 'live']]);
    await rig.write(channel, [liveRow(channel, a, 2, { ceiling: 'log' }), liveRow(channel, b, 2, { ceiling: 'log' })]);
    const after = await reader.rows({ added_after: before.last });
    expect(said(after)).toEqual([[a, 2, 'live']]);
    expect(after.objects[0]).toMatchObject({ id: before.objects[0]?.id, valid_until: after.objects[0]?.modified });
    await rig.write(channel, [liveRow(channel, a, 3)]);
    expect((await reader.rows({ added_after: after.last })).objects[0]).toMatchObject({
      ...{ id: before.objects[0]?.id, valid_until: '2099-01-01T00:00:00Z' },
    });
  });

  test('hold a reader before content that is stopped, and give withdrawals all the same', async () => {
    const { channel, platform, reader } = await open();
    const [a = '', b = '', c = '', d = ''] = rowIds(4);
    const agency = '018f0000-0000-7000-8000-0000000000bb';
    await rig.write(channel, [liveRow(channel, a)]);
    const before = await reader.rows();
    const lift = await rig.stopAgency(agency);
    await rig.write(channel, [
      liveRow(channel, b, 1, { agencyId: agency }),
      liveRow(channel, c),
      withdrawnRow(channel, a, 2),
    ]);
    const stopped = await reader.rows({ added_after: before.last });
    expect(said(stopped)).toEqual([
      [c, 1, 'live'],
      [a, 2, 'revoked'],
    ]);
    await lift();
    expect(said(await reader.rows({ added_after: stopped.last }))).toEqual([
      [b, 1, 'live'],
      [c, 1, 'live'],
      [a, 2, 'revoked'],
    ]);
    const { last } = await reader.rows();
    await rig.change(platform, `state = 'paused'`);
    await rig.write(channel, [liveRow(channel, d), withdrawnRow(channel, b, 2)]);
    const paused = await reader.rows({ added_after: last });
    expect(said(paused)).toEqual([[b, 2, 'revoked']]);
    await rig.change(platform, `state = 'active'`);
    expect(said(await reader.rows({ added_after: paused.last }))).toEqual([
      [d, 1, 'live'],
      [b, 2, 'revoked'],
    ]);
  });

  test('give withdrawals to a platform that has left, and nothing else', async () => {
    const { channel, platform, reader } = await open();
    const [a = '', b = ''] = rowIds(2);
    await rig.write(channel, [liveRow(channel, a)]);
    const before = await reader.rows();
    await rig.change(platform, `state = 'left', leave_policy = 'delete-all', revision = 2`);
    await rig.database.query(`UPDATE directory.organisation SET state = 'left' WHERE id = $1`, [platform.id]);
    await rig.write(channel, [liveRow(channel, b), withdrawnRow(channel, a, 2)]);
    expect(said(await reader.rows({ added_after: before.last }))).toEqual([[a, 2, 'revoked']]);
    expect(said(await reader.rows())).toEqual([[a, 2, 'revoked']]);
    const { body } = await reader.get(reader.path);
    expect(body['description']).toContain('The membership has ended: delete all of it.');
  });

  test('are there for members alone, and for nobody to write', async () => {
    const { channel, platform, reader } = await open({ countries: ['NL'] });
    const [a = ''] = rowIds(1);
    await rig.write(channel, [liveRow(channel, a), liveRow(channel, rowIds(1)[0] ?? '')]);
    const page = await reader.read({ limit: '7' });
    const outsider = new TaxiiReader(rig, await rig.platform([channel], {}, 'NZ'), channel);
    const other = await open();
    for (const answered of [
      await outsider.read(),
      await outsider.read({}, 'manifest/'),
      await outsider.read({}, `objects/${page.objects[6]?.id}/`),
      await outsider.get(outsider.path),
      await reader.get(`/taxii2/channels/collections/${collectionId('no-such')}/objects/`),
      await reader.get(other.reader.path),
      await reader.get('/taxii2/nothing/'),
      await reader.get('/taxii2/channels/status/1/'),
    ])
      expect([answered.status, answered.body]).toEqual([
        404,
        {
          ...{ title: 'There is no such object for this key', error_code: 'TOC_ACCESS_NOT_FOUND', http_status: '404' },
          ...{ error_id: expect.stringMatching(/^urn:uuid:/), description: expect.any(String) },
        },
      ]);
    expect((await outsider.get('/taxii2/channels/collections/')).body).toMatchObject({
      collections: [{ alias: 'feedback', can_read: false }],
    });
    for (const next of [page.next ?? '', 'x', `${page.next}.`])
      expect((await other.reader.read({ next })).body).toMatchObject({
        error_code: 'TOC_REQUEST_CURSOR',
        http_status: '400',
      });
    for (const [method, path] of [
      ['POST', 'objects/'],
      ['DELETE', `objects/${page.objects[6]?.id}/`],
    ] as const)
      expect((await rig.send(platform, method, `${reader.path}${path}`, '{"objects":[]}')).status).toBe(403);
    expect((await reader.get('/taxii2/', {}, { accept: 'text/html' })).body).toMatchObject({ http_status: '406' });
    const wrong: [string, string][] = [
      ['limit', '0'],
      ['limit', 'x'],
      ['added_after', 'x'],
      ['match[version]', 'all,first'],
    ];
    for (const [name, value] of wrong)
      expect((await reader.read({ [name]: value })).body).toMatchObject({
        error_code: 'TOC_REQUEST_PARAMETER',
      });
  });

  test('know a platform by its key, as bearer or with a password', async () => {
    const { platform, reader } = await open();
    const [, id = ''] = platform.key.split('_');
    const basic = `Basic ${Buffer.from(`${id}:${platform.key}`).toString('base64')}`;
    expect((await reader.get('/taxii2/', {}, { authorization: basic })).status).toBe(200);
    for (const authorization of [
      '',
      'Basic bm9ib2R5Ondyb25n',
      `Basic ${Buffer.from(`x:${platform.key}`).toString('base64')}`,
    ]) {
      const refused = await reader.get(reader.path, {}, { authorization });
      expect([refused.status, refused.headers.get('www-authenticate'), refused.headers.get('content-type')]).toEqual([
        401,
        expect.stringMatching(/^Basic .*Bearer /),
        'application/taxii+json;version=2.1',
      ]);
    }
  });
});
