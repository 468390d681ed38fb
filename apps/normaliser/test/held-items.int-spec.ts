import { randomUUID } from 'node:crypto';
import { COMPLETE, NormaliserRig, type RigAgency } from './normaliser-rig.js';

/** The property extension of docs/formats/stix21-extension.md. */
const EXTENSION_ID = 'extension-definition--90a53a0a-b1b9-4a97-90e4-555f5ce1ae04';

describe('held items', () => {
  let rig: NormaliserRig;
  let agency: RigAgency;
  let other: RigAgency;

  beforeAll(async () => {
    rig = await NormaliserRig.start();
    await rig.channel('everyone');
    await rig.channel('france', { countries: ['FR'] });
    await rig.platform('P-FR', 'FR');
    await rig.database.query(
      `INSERT INTO directory.protected_list (id, title, version, judges, entries) VALUES
         ('news', 'News', 1, 'any-hit', '{news.example}'), ('archives', 'Archives', 1, 'any-hit', '{archive.example}')`,
    );
    agency = await rig.agency('Agency A', 'NZ');
    other = await rig.agency('Agency B', 'FR');
  }, 600_000);

  afterAll(() => rig.stop());

  test('protected items are shown to and released by others only where the words are releasable', async () => {
    const id = await rig.submit(agency, 'https://news.example/item\n', {
      ...COMPLETE,
      channels: ['france'],
      releasable_to: ['FR'],
    });
    const [hold] = (await rig.story(agency.officer, id)).holds as { id: string }[];
    const stranger = await rig.agency('Agency C', 'DE');
    const seen = async (principal: typeof agency.officer): Promise<boolean> =>
      (await rig.normaliser.request<{ holds: { id: string }[] }>('GET', '/internal/holds', { principal })).holds.some(
        (one) => one.id === hold?.id,
      );
    expect([await seen(other.approver), await seen(other.officer), await seen(stranger.approver)]).toEqual([
      true,
      false,
      false,
    ]);
    const release = (principal: typeof agency.officer) =>
      rig.normaliser.request('POST', `/internal/holds/${hold?.id}/release`, { principal, json: { reason: 'checked' } });
    await expect(release(stranger.approver)).rejects.toMatchObject({ code: 'TOC_ACCESS_NOT_FOUND' });
    await expect(release(agency.approver)).rejects.toMatchObject({ code: 'TOC_ACCESS_SECOND_PERSON' });
    await release(other.approver);
    expect((await rig.story(agency.officer, id, ['settled'])).counts).toMatchObject({ read: 1, asserted: 1, held: 0 });
  });

  test('a hold names the rule that decided and the list, each with its version; a preview says the same', async () => {
    const document = 'https://redirector.example/?to=https%3A%2F%2Fnews.example%2F1\nhttps://n\u0435ws.example/2\n';
    const { holds } = await rig.story(agency.officer, await rig.submit(agency, document, COMPLETE));
    const listed = { list: 'news', list_version: 1 };
    expect(holds).toEqual([
      expect.objectContaining({ detail: expect.objectContaining({ ...listed, because: 'carries-host' }) }),
      expect.objectContaining({ detail: expect.objectContaining({ ...listed, because: 'looks-like-host' }) }),
    ]);
    const stored = await rig.database.query<object[]>(
      'SELECT rule, rule_version FROM normaliser.hold WHERE id = ANY($1) ORDER BY position',
      [(holds as { id: string }[]).map(({ id }) => id)],
    );
    expect(stored).toEqual([
      { rule: 'protected-carried', rule_version: 1 },
      { rule: 'protected-look-alike', rule_version: 1 },
    ]);
    const preview = await rig.normaliser.request<{ holds: object[] }>('POST', '/internal/previews', {
      principal: agency.officer,
      query: { ...COMPLETE, harm: 'tvec', valid_for: '30', format: 'value-list' },
      body: Buffer.from(document),
      contentType: 'application/octet-stream',
    });
    expect(preview.holds).toMatchObject([
      { rule: 'protected-carried', rule_version: 1, list: 'news', items: 1 },
      { rule: 'protected-look-alike', rule_version: 1, list: 'news', items: 1 },
    ]);
  });

  test.each([{ tlp: 'amber+strict' }, { caveats: ['no-onward'] }])(
    'protected items under %j stay with the agency and operators',
    async (marking) => {
      const beyond = { ...COMPLETE, channels: ['france'], releasable_to: ['FR'], ...marking };
      const told = await rig.story(agency.officer, await rig.submit(agency, 'https://news.example/kept\n', beyond));
      expect(told.holds).toEqual([expect.objectContaining({ reason: 'protected-list' })]);
      const shown = await rig.normaliser.request<{ holds: { id: string }[] }>('GET', '/internal/holds', {
        principal: other.approver,
      });
      expect(shown.holds.map(({ id }) => id)).not.toContain((told.holds as { id: string }[])[0]?.id);
    },
  );

  test('a submission settles with the last of its held items, not before', async () => {
    const both = { ...COMPLETE, channels: ['france'], releasable_to: ['FR'] };
    const id = await rig.submit(agency, 'https://news.example/one\nhttps://news.example/two\n', both);
    const { holds } = await rig.story(agency.officer, id);
    expect(holds).toHaveLength(2);
    const [one, two] = (holds as { id: string }[]).map((hold) => hold.id);
    const release = (hold: string | undefined) =>
      rig.normaliser.request('POST', `/internal/holds/${hold}/release`, {
        principal: other.approver,
        json: { reason: 'checked' },
      });
    await release(one);
    const between = await rig.story(agency.officer, id, ['held']);
    expect(between.counts).toMatchObject({ asserted: 1, held: 1 });
    expect(between).not.toHaveProperty('settled_at');
    await release(two);
    expect(await rig.story(agency.officer, id, ['settled'])).toHaveProperty('settled_at');
  });

  test('a release lets an item go from what held it, and another rule or list holds it again', async () => {
    const both = { ...COMPLETE, channels: ['france'], releasable_to: ['FR'] };
    const document = 'url,domain\nhttps://news.example/both,archive.example\n';
    const id = await rig.submit(agency, document, both, { format: 'csv-list' });
    const openHold = async (): Promise<{ id: string; detail: { list: string } } | undefined> => {
      const { holds } = await rig.story(agency.officer, id, ['held', 'settled']);
      return (holds as { id: string; state: string; detail: { list: string } }[]).find(({ state }) => state === 'open');
    };
    const release = async () =>
      rig.normaliser.request('POST', `/internal/holds/${(await openHold())?.id}/release`, {
        principal: other.approver,
        json: { reason: 'checked' },
      });
    expect((await openHold())?.detail).toMatchObject({ list: 'news' });
    await release();
    expect((await rig.story(agency.officer, id, ['held'])).counts).toMatchObject({ asserted: 0, held: 1 });
    expect((await openHold())?.detail).toMatchObject({ list: 'archives' });
    await release();
    expect((await rig.story(agency.officer, id, ['settled'])).counts).toMatchObject({ asserted: 1, held: 0 });
    expect((await rig.rowsOf('france', 'https://news.example/both')).at(-1)).toMatchObject({ type: 'row' });
  });

  test('no address of abuse material is shown in clear, whatever held it and wherever it is read', async () => {
    const { context: _context, ...words } = COMPLETE;
    const csea = { ...words, harm: ['csea'], csea_class: 'A1', channels: ['france'], releasable_to: ['FR'] };
    const hash = 'd41d8cd98f00b204e9800998ecf8427e';
    await rig.database.query(
      `INSERT INTO directory.protected_list (id, title, version, judges, entries) VALUES ('benign', 'Benign', 1, 'digest', $1)`,
      [[hash]],
    );
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const document = `md5,url\n${hash},https://host.example/first\n,https://news.example/second\n`;
    const id = await rig.submit(agency, document, csea, { format: 'csv-list' });
    const story = await rig.story(agency.officer, id, ['held']);
    expect(story.counts).toMatchObject({ read: 2, held: 2 });
    const query = {
      ...csea,
      harm: 'csea',
      channels: 'france',
      releasable_to: 'FR',
      valid_for: '30',
      format: 'csv-list',
    };
    const preview = await rig.normaliser.request<object>('POST', '/internal/previews', {
      principal: agency.officer,
      query,
      body: Buffer.from(document),
      contentType: 'application/octet-stream',
    });
    const held = await rig.normaliser.request<{ holds: { submission_id?: string; signals: object[] }[] }>(
      'GET',
      '/internal/holds',
      { principal: agency.approver },
    );
    const own = held.holds.filter(({ submission_id }) => submission_id === id);
    const shownOf = own.map(({ signals }) => signals).sort((one, two) => two.length - one.length);
    expect(shownOf).toEqual([
      [
        { type: 'md5', value: hash },
        { type: 'url', masked: 'csea' },
      ],
      [{ type: 'url', masked: 'csea' }],
    ]);
    const toOthers = await rig.normaliser.request<object>('GET', '/internal/holds', { principal: other.approver });
    for (const shown of [story, preview, held, toOthers]) {
      expect(JSON.stringify(shown)).not.toMatch(/host\.example|news\.example\/second/);
    }
  });

  test.each([
    ['names both', { harm: ['csea'], csea_class: 'A1' }, {}],
    ['leaves the other to the parameters', {}, { harm: ['csea'], csea_class: 'A1' }],
  ])(
    'an address in two advisories is masked if either is of abuse material: a bundle that %s',
    async (_, says, beside) => {
      const made = '2026-01-05T10:00:00.000Z';
      const object = (type: string) => {
        const id = `${type}--${randomUUID()}`;
        return { type, spec_version: '2.1', id, created: made, modified: made };
      };
      const pattern = "[url:value = 'https://news.example/of-two']";
      const indicator = { ...object('indicator'), pattern, pattern_type: 'stix', valid_from: made };
      const report = (said: object) => ({
        ...object('report'),
        name: 'Report',
        published: made,
        object_refs: [indicator.id],
        extensions: { [EXTENSION_ID]: { extension_type: 'property-extension', ...said } },
      });
      const objects = [report({ harm: ['tvec'] }), report(says), indicator];
      const document = JSON.stringify({ type: 'bundle', id: `bundle--${randomUUID()}`, objects });
      const { harm: _harm, ...words } = COMPLETE;
      const parameters = { ...words, ...beside, channels: ['france'], releasable_to: ['FR'] };
      const id = await rig.submit(agency, document, parameters, { format: 'stix21' });
      const { holds } = await rig.story(agency.officer, id, ['held']);
      const [hold] = holds as { id: string; reason: string }[];
      expect(hold?.reason).toBe('protected-list');
      for (const principal of [agency.approver, other.approver]) {
        const shown = await rig.normaliser.request<{ holds: { id: string; signals: object[] }[] }>(
          'GET',
          '/internal/holds',
          { principal },
        );
        const seen = shown.holds.find((one) => one.id === hold?.id);
        expect(seen?.signals).toEqual([{ type: 'url', masked: 'csea' }]);
      }
    },
  );
});
