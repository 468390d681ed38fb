import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { serviceChannelOf } from '#libs/persistence';
import { COMPLETE, NormaliserRig, type RigAgency } from './normaliser-rig.js';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const PDQ = 'f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22';

describe('where signals go', () => {
  let rig: NormaliserRig;
  let agency: RigAgency;
  let service: string;

  beforeAll(async () => {
    rig = await NormaliserRig.start();
    await rig.channel('everyone');
    await rig.channel('licensed', { licences: ['photodna', 'pdq', 'url-sha256'] });
    await rig.channel('norway', { countries: ['NO'] });
    await rig.platform('P-NO', 'NO');
    const host = await rig.platform('P-FR', 'FR');
    service = serviceChannelOf(host);
    await rig.channel(service, { members: [host] });
    await rig.database.query(
      `INSERT INTO directory.service (id, platform_id, host, kind, token, proved_at) VALUES
         ($1, $3, 'video.example', 'site', 't', now()), ($2, $3, 'unproved.example', 'site', 't', NULL)`,
      [randomUUID(), randomUUID(), host],
    );
    agency = await rig.agency('Agency A', 'NZ');
  }, 600_000);

  afterAll(() => rig.stop());

  const channelsOf = async (value: string): Promise<string[]> => {
    const found: string[] = [];
    for (const id of ['everyone', 'licensed', service]) if ((await rig.rowsOf(id, value)).length > 0) found.push(id);
    return found;
  };
  const submit = async (document: string, more: object = {}, format = 'value-list') => {
    const said = { ...COMPLETE, ceiling: 'block', channels: ['everyone', 'licensed'], ...more };
    return rig.story(agency.officer, await rig.submit(agency, document, said, { format }), ['settled', 'held']);
  };

  test('an exact address on a proved service goes to its platform alone, for 72 hours', async () => {
    const url = 'https://video.example/watch/1';
    const below = 'https://cdn.video.example/2.bin';
    const story = await submit(`${url}\n${below}\n`);
    expect(story).toMatchObject({ counts: { asserted: 2 }, ceilings_lowered: [] });
    expect([await channelsOf(url), await channelsOf(below)]).toEqual([[service], [service]]);
    const [row] = await rig.rowsOf(service, url);
    expect(row).toMatchObject({ ceiling: 'block' });
    const hours = (Date.parse(String(row?.valid_until)) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(71);
    expect(hours).toBeLessThanOrEqual(72);
    const seen = new Date(Date.now() - 80 * 3_600_000).toISOString();
    const late = await submit('https://video.example/watch/3\n', { last_seen_live_at: seen });
    expect(late.holds).toEqual([
      expect.objectContaining({ reason: 'no-channel-for-signal', detail: { because: 'not-live', type: 'url' } }),
    ]);
  });

  test('an address elsewhere is a link for everybody, and at most for review', async () => {
    const document = 'https://elsewhere.example/1\nhttps://unproved.example/2\nhttps://notvideo.example/3\n';
    const story = await submit(document);
    expect(story.ceilings_lowered).toEqual([
      { rule: 'out-link-ceiling', rule_version: 1, from: 'block', to: 'review', rows: 3 },
    ]);
    for (const value of document.trim().split('\n')) {
      expect(await channelsOf(value)).toEqual(['everyone', 'licensed']);
      expect((await rig.rowsOf('everyone', value))[0]).toMatchObject({ ceiling: 'review' });
    }
  });

  test('a marking that the platform may not have keeps an address on its service back', async () => {
    const held = await submit('https://video.example/watch/5\n', { channels: ['norway'], releasable_to: ['NO'] });
    expect(held.holds).toEqual([
      expect.objectContaining({ reason: 'no-channel-for-signal', detail: { because: 'marking', type: 'url' } }),
    ]);
    expect(await channelsOf('https://video.example/watch/5')).toEqual([]);
  });

  test('a hash that is licensed goes to channels of licensed platforms, the others of its item to all', async () => {
    const photodna = randomBytes(144).toString('base64');
    const line = JSON.stringify({ sha256: digest('a picture'), photodna });
    const story = await submit(`${line}\n`, {}, 'ndjson-list');
    expect(story).toMatchObject({ counts: { asserted: 1 }, signals_left_out: {} });
    expect(await channelsOf(photodna)).toEqual(['licensed']);
    expect(await channelsOf(digest('a picture'))).toEqual(['everyone', 'licensed']);

    const toEveryone = { channels: ['everyone'] };
    const alone = randomBytes(144).toString('base64');
    const without = await submit(
      `${JSON.stringify({ sha256: digest('another'), photodna: alone })}
`,
      toEveryone,
      'ndjson-list',
    );
    expect(without).toMatchObject({ counts: { asserted: 1 }, signals_left_out: { photodna: 1 } });
    expect([await channelsOf(alone), await channelsOf(digest('another'))]).toEqual([[], ['everyone']]);
    const only = await submit(
      `${JSON.stringify({ photodna: alone })}
`,
      toEveryone,
      'ndjson-list',
    );
    expect(only.holds).toEqual([
      expect.objectContaining({ reason: 'no-channel-for-signal', detail: { because: 'licence', type: 'photodna' } }),
    ]);
  });

  test('a perceptual hash of abuse material needs a licence, any other does not', async () => {
    const { context: _context, ...words } = COMPLETE as Record<string, unknown>;
    const csea = { harm: ['csea'], csea_class: 'A1', csea_verification: 'verified-twice', context: undefined };
    expect(words).not.toHaveProperty('context');
    await submit(`${PDQ}\n`, { signal_type: 'pdq', ...csea });
    expect(await channelsOf(PDQ)).toEqual(['licensed']);
    const terror = PDQ.replace('f8f8', 'f9f8');
    await submit(`${terror}\n`, { signal_type: 'pdq' });
    expect(await channelsOf(terror)).toEqual(['everyone', 'licensed']);
  });

  test('an address of abuse material leaves as a hash alone, to whoever agreed to that', async () => {
    const url = 'https://elsewhere.example/abuse/1';
    const { context: _context, harm: _harm, ...words } = COMPLETE as Record<string, unknown>;
    const csea = { ...words, harm: ['csea'], csea_class: 'A1', csea_verification: 'verified-twice', ceiling: 'block' };
    const said = { ...csea, channels: ['everyone', 'licensed'] };
    const id = await rig.submit(agency, `${url}\n`, said);
    const story = await rig.story(agency.officer, id, ['settled']);
    expect(story.counts).toMatchObject({ asserted: 1 });
    const hash = createHash('sha256').update('elsewhere.example/abuse/1').digest('hex');
    expect([await channelsOf(url), await channelsOf(hash)]).toEqual([[], ['licensed']]);
    expect((await rig.rowsOf('licensed', hash))[0]).toMatchObject({ signal: { type: 'url-sha256' }, ceiling: 'block' });
    const tables = await rig.database.query<object[]>('SELECT 1 FROM normaliser.signal WHERE value = $1', [url]);
    expect(tables).toEqual([]);

    const preview = await rig.normaliser.request<{ leaves: object[] }>('POST', '/internal/previews', {
      principal: agency.officer,
      query: { ...said, harm: 'csea', valid_for: '30', format: 'value-list', channels: 'everyone,licensed' },
      body: Buffer.from(`${url}\n`),
      contentType: 'application/octet-stream',
    });
    expect(preview.leaves).toEqual([{ position: 1, type: 'url-sha256', value: hash }]);

    const held = await rig.story(
      agency.officer,
      await rig.submit(agency, `${url}\n`, { ...csea, channels: ['everyone'] }),
      ['held'],
    );
    expect(held.holds).toEqual([expect.objectContaining({ reason: 'csea-not-cryptographic' })]);
    expect(JSON.stringify(held)).not.toContain('elsewhere.example');
    const hashed = await submit(`${hash}\n`, { signal_type: 'url-sha256' });
    expect(hashed.rejected).toEqual([expect.objectContaining({ code: 'TOC_ITEM_TYPE' })]);
  });

  test('a referral goes to the platform that hosts the item, and to nobody else', async () => {
    const hosted = 'https://video.example/watch/6';
    const elsewhere = 'https://elsewhere.example/6';
    const referral = { nature: 'referral', jurisdiction: 'NZ' };
    const story = await submit(`${hosted}\n${elsewhere}\n${digest('referred')}\n`, referral);
    expect(story.counts).toMatchObject({ asserted: 1, held: 2 });
    expect(story.holds).toEqual(
      ['url', 'sha256'].map((type): unknown =>
        expect.objectContaining({ reason: 'no-channel-for-signal', detail: { because: 'not-hosted', type } }),
      ),
    );
    expect(await channelsOf(hosted)).toEqual([service]);
    const [row] = await rig.rowsOf(service, hosted);
    expect(row).toMatchObject({
      assertions: [{ nature: 'referral', jurisdiction: 'NZ', agency: { name: 'Agency A' } }],
    });
    const abuse = 'https://video.example/watch/10';
    const ofAbuse = await submit(`${abuse}\n`, { ...referral, harm: ['csea'], context: undefined, csea_class: 'A1' });
    expect(ofAbuse.holds).toEqual([expect.objectContaining({ reason: 'csea-not-cryptographic' })]);
    expect(await channelsOf(abuse)).toEqual([]);
    const soon = new Date(Date.now() + 10 * 86_400_000).toISOString();
    const later = await submit('https://video.example/watch/11\n', { valid_from: soon });
    expect(later.holds).toEqual([
      expect.objectContaining({ reason: 'no-channel-for-signal', detail: { because: 'not-live', type: 'url' } }),
    ]);
    const nowhere = await submit(`https://video.example/watch/7\n`, { nature: 'referral' });
    expect(nowhere.holds).toEqual([
      expect.objectContaining({ reason: 'missing-fields', detail: { items: 1, missing: ['jurisdiction'] } }),
    ]);
    const bulletin = await submit('https://video.example/watch/8\n', { ...referral, bulletin: { title: 'Look' } });
    expect(bulletin.holds).toEqual([expect.objectContaining({ reason: 'nature-needs-safeguards' })]);
  });

  test('a phrase is for review at most, and one that everybody says is rejected', async () => {
    const story = await submit('Brothers of the  Black Banner\nGood morning everybody\n', { signal_type: 'phrase' });
    expect(story).toMatchObject({
      counts: { asserted: 1, rejected: 1 },
      ceilings_lowered: [{ rule: 'out-link-ceiling', from: 'block', to: 'review', rows: 1 }],
      rejected: [{ position: 2, code: 'TOC_ITEM_VALUE' }],
    });
    expect((await rig.rowsOf('everyone', 'brothers of the black banner'))[0]).toMatchObject({ ceiling: 'review' });
    const { context: _context, ...words } = COMPLETE as Record<string, unknown>;
    const csea = { ...words, harm: ['csea'], csea_class: 'A1', signal_type: 'phrase' };
    const held = await rig.story(agency.officer, await rig.submit(agency, 'Brothers of the Black Banner\n', csea), [
      'held',
    ]);
    expect(held.holds).toEqual([expect.objectContaining({ reason: 'csea-not-cryptographic' })]);
  });

  test('a preview says the same', async () => {
    const document = `https://video.example/watch/9\nhttps://elsewhere.example/9\n`;
    const preview = await rig.normaliser.request<object>('POST', '/internal/previews', {
      principal: agency.officer,
      query: {
        ...COMPLETE,
        harm: 'tvec',
        valid_for: '30',
        ceiling: 'limit',
        format: 'value-list',
        channels: 'everyone',
      },
      body: Buffer.from(document),
      contentType: 'application/octet-stream',
    });
    expect(preview).toMatchObject({
      counts: { asserted: 2 },
      ceilings_lowered: [{ rule: 'out-link-ceiling', from: 'limit', to: 'review', rows: 1 }],
      channels: [
        { channel: 'everyone' },
        { channel: service, platforms: [{ name: expect.any(String), country: 'FR' }] },
      ],
    });
  });
});
