import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { COMPLETE, NormaliserRig, type RigAgency } from './normaliser-rig.js';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('statements that the safeguards judge', () => {
  let rig: NormaliserRig;
  let agency: RigAgency;

  beforeAll(async () => {
    rig = await NormaliserRig.start();
    await rig.channel('everyone');
    await rig.platform('P-FR', 'FR');
    agency = await rig.agency('Agency A', 'NZ');
  }, 600_000);

  afterAll(() => rig.stop());

  const published = async (text: string): Promise<object | undefined> =>
    (await rig.rowsOf('everyone', digest(text)))[0];
  const permit = (permissions: object[]): Promise<unknown> =>
    rig.database.query('UPDATE directory.organisation SET list_permissions = $2 WHERE id = $1', [
      agency.officer.organisationId,
      JSON.stringify(permissions),
    ]);

  test('a list of a third party needs the permission of its owner, while that is in force', async () => {
    const said = { ...COMPLETE, origin: 'third-party-list:some-list' };
    const submit = async (text: string) =>
      rig.story(agency.officer, await rig.submit(agency, `${digest(text)}\n`, said), ['settled']);
    expect(await submit('not permitted')).toMatchObject({
      counts: { rejected: 1, asserted: 0 },
      rejected: [expect.objectContaining({ code: 'TOC_ITEM_ORIGIN' })],
    });
    const terms = 'agreement 12';
    for (const [name, until, asserted] of [
      ['permitted for good', null, 1],
      ['permitted for now', new Date(Date.now() + 60_000).toISOString(), 1],
      ['permitted until lately', new Date(Date.now() - 1000).toISOString(), 0],
    ] as const) {
      await permit([{ list: 'some-list', terms, until }]);
      // The directory is read once a second.
      await sleep(1100);
      expect((await submit(name)).counts).toMatchObject({ asserted });
      expect(await published(name)).toEqual(asserted ? expect.anything() : undefined);
    }
    await permit([]);
  });

  test("people's data waits for a second person of the agency, or for other words", async () => {
    const said = { ...COMPLETE, legal_basis: 'As agreed with Anna Berg, +47 22 12 34 56' };
    const id = await rig.submit(agency, `${digest('with a name')}\n`, said);
    const story = await rig.story(agency.officer, id, ['held']);
    const found = ['legal_basis: name', 'legal_basis: phone-number'];
    expect(story.holds).toEqual([
      expect.objectContaining({ reason: 'people-data', releasable: true, detail: { found, items: 1 } }),
    ]);
    expect(JSON.stringify(story.holds)).not.toContain('Berg');
    const [hold] = story.holds as { id: string }[];
    const release = (principal: typeof agency.officer) =>
      rig.normaliser.request('POST', `/internal/holds/${hold?.id}/release`, {
        principal,
        json: { reason: 'a lawyer' },
      });
    await expect(release(agency.officer)).rejects.toMatchObject({ family: 'rejection' });
    await release(agency.approver);
    expect((await rig.story(agency.officer, id, ['settled'])).counts).toMatchObject({ asserted: 1, held: 0 });
    expect(await published('with a name')).toBeDefined();
  });

  test('a bulletin is looked through with the words that it goes with, in the preview too', async () => {
    const bulletin = { title: 'What we know', what_to_do: 'Write to someone@post.example.org' };
    const id = await rig.submit(agency, `${digest('beside a bulletin')}\n`, { ...COMPLETE, bulletin });
    const story = await rig.story(agency.officer, id, ['held']);
    const found = ['bulletin.what_to_do: e-mail-address'];
    expect(story.holds).toEqual([expect.objectContaining({ reason: 'people-data', detail: { found, items: 0 } })]);
    const preview = await rig.normaliser.request<object>('POST', '/internal/previews', {
      principal: agency.officer,
      query: { ...COMPLETE, harm: 'tvec', valid_for: '30', format: 'value-list', bulletin: JSON.stringify(bulletin) },
      body: Buffer.from(`${digest('beside a bulletin')}\n`),
      contentType: 'application/octet-stream',
    });
    expect(preview).toMatchObject({ holds: [{ reason: 'people-data', rule: 'people-data', found, items: 0 }] });
    await rig.normaliser.request('POST', `/internal/submissions/${id}/completion`, {
      principal: agency.officer,
      json: { bulletin: { title: 'What we know' } },
    });
    expect((await rig.story(agency.officer, id, ['settled'])).holds).toEqual([]);
  });

  test('a validity is within what the harm allows', async () => {
    const valid = async (days: number, more: object = {}): Promise<object> =>
      (
        await rig.story(
          agency.officer,
          await rig.submit(agency, `${digest(`${days}`)}\n`, { ...COMPLETE, valid_for: days, ...more }),
        )
      ).counts;
    expect(await valid(700)).toMatchObject({ asserted: 1 });
    expect(await valid(800)).toMatchObject({ rejected: 1 });
    const csea = { harm: ['csea'], csea_class: 'A1', csea_verification: 'verified-twice', context: undefined };
    expect(await valid(801, csea)).toMatchObject({ asserted: 1 });
  });
});
