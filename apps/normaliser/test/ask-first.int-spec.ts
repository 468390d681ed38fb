import { createHash } from 'node:crypto';
import { COMPLETE, NormaliserRig, type RigAgency } from './normaliser-rig.js';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

interface Shown {
  id: string;
  reason: string;
  submission_id?: string;
  detail: object;
  ask?: { agency: string; contact: { id: string }; due_at: string };
}

describe('asking first', () => {
  let rig: NormaliserRig;
  let holder: RigAgency;
  let asker: RigAgency;
  let other: RigAgency;

  beforeAll(async () => {
    rig = await NormaliserRig.start();
    await rig.channel('everyone');
    await rig.platform('P-FR', 'FR');
    holder = await rig.agency('Holder', 'NZ');
    asker = await rig.agency('Asker', 'NO');
    other = await rig.agency('Other', 'FR');
  }, 600_000);

  afterAll(() => rig.stop());

  const submit = async (by: RigAgency, text: string, more: object = {}, states = ['settled', 'held']) =>
    rig.story(by.officer, await rig.submit(by, `${text}\n`, { ...COMPLETE, ...more }), states);
  const holdsOf = async (by: RigAgency): Promise<Shown[]> =>
    (await rig.normaliser.request<{ holds: Shown[] }>('GET', '/internal/holds', { principal: by.officer })).holds;
  const decide = (by: RigAgency, id: string, how: 'release' | 'refusal'): Promise<unknown> =>
    rig.normaliser.request('POST', `/internal/holds/${id}/${how}`, {
      principal: by.approver,
      json: { reason: 'agreed on the phone' },
    });
  const assertionsOn = async (text: string): Promise<unknown> =>
    (await rig.rowsOf('everyone', digest(text))).at(-1)?.assertions_total;

  test('what another agency holds waits, and the holder alone is told, with whom to call', async () => {
    await submit(holder, digest('mine'), { ask_first: true });
    expect(JSON.stringify(await rig.rowsOf('everyone', digest('mine')))).not.toContain('ask');
    const story = await submit(asker, `${digest('mine')}\n${digest('free')}`);
    expect(story).toMatchObject({ counts: { asserted: 1, held: 1 } });
    const [told] = story.holds as Shown[];
    expect(told).toMatchObject({ reason: 'review', detail: {}, releasable: false });
    expect(JSON.stringify(story)).not.toContain('Holder');
    const [own] = await holdsOf(asker);
    expect(own).toMatchObject({ id: told?.id, reason: 'review' });
    expect(own).not.toHaveProperty('ask');
    expect(await holdsOf(other)).toEqual([]);
    const [seen] = await holdsOf(holder);
    expect(seen).toMatchObject({
      ...{ id: told?.id, signals: [{ type: 'sha256', value: digest('mine') }], channels: ['everyone'] },
      ask: { agency: 'Asker', contact: { id: 'desk' }, due_at: expect.any(String) },
    });
    expect(seen?.submission_id).toBeUndefined();
    for (const by of [asker, other])
      await expect(decide(by, told?.id ?? '', 'release')).rejects.toMatchObject({ family: 'rejection' });
    await decide(holder, told?.id ?? '', 'release');
    expect((await rig.story(asker.officer, String(story.id), ['settled'])).counts).toMatchObject({
      asserted: 2,
      held: 0,
    });
    expect(await assertionsOn('mine')).toBe(2);
  });

  test('the holder may refuse, and a preview tells nothing', async () => {
    await submit(holder, digest('operation'), { ask_first: true });
    const preview = await rig.normaliser.request<object>('POST', '/internal/previews', {
      principal: asker.officer,
      query: { ...COMPLETE, harm: 'tvec', valid_for: '30', format: 'value-list' },
      body: Buffer.from(`${digest('operation')}\n`),
      contentType: 'application/octet-stream',
    });
    expect(preview).toMatchObject({ counts: { asserted: 1, held: 0 }, holds: [] });
    const story = await submit(asker, digest('operation'));
    const [told] = story.holds as Shown[];
    await decide(holder, told?.id ?? '', 'refusal');
    expect((await rig.story(asker.officer, String(story.id), ['settled'])).counts).toMatchObject({ rejected: 1 });
    expect(await assertionsOn('operation')).toBe(1);
  });

  test('everybody who wants to be asked is, and each may refuse', async () => {
    for (const by of [holder, other]) await submit(by, digest('shared'), { ask_first: true });
    const [first] = await holdsOf(holder);
    // Whoever came second waited for the first one's word.
    await decide(holder, first?.id ?? '', 'release');
    const story = await submit(asker, digest('shared'));
    const [told] = story.holds as Shown[];
    const id = told?.id ?? '';
    for (const by of [holder, other]) expect((await holdsOf(by)).map((hold) => hold.id)).toContain(id);
    await decide(other, id, 'release');
    expect((await holdsOf(other)).map((hold) => hold.id)).not.toContain(id);
    await expect(decide(other, id, 'release')).rejects.toMatchObject({ family: 'rejection' });
    expect(await assertionsOn('shared')).toBe(2);
    await decide(holder, id, 'release');
    expect((await rig.story(asker.officer, String(story.id), ['settled'])).counts).toMatchObject({ asserted: 1 });
    expect(await assertionsOn('shared')).toBe(3);
    const again = await submit(
      asker,
      `${digest('shared')}
${digest('beside')}`,
    );
    const [refused] = again.holds as Shown[];
    await decide(other, refused?.id ?? '', 'release');
    await decide(holder, refused?.id ?? '', 'refusal');
    expect((await rig.story(asker.officer, String(again.id), ['settled'])).counts).toMatchObject({ rejected: 1 });
  });

  test('goes on by itself when nobody refuses in time', async () => {
    await submit(holder, digest('late'), { ask_first: true });
    const story = await submit(asker, digest('late'));
    await rig.database.query(`UPDATE normaliser.hold SET due_at = now() WHERE submission_id = $1`, [story.id]);
    expect((await rig.story(asker.officer, String(story.id), ['settled'])).counts).toMatchObject({ asserted: 1 });
    expect(await assertionsOn('late')).toBe(2);
  });

  test('ends when the holder says nothing about the signal any more', async () => {
    await submit(holder, digest('over'), { ask_first: true });
    await rig.database.query('UPDATE normaliser.ask_first SET until = now() WHERE agency_id = $1', [holder.id]);
    expect((await submit(asker, digest('over'))).counts).toMatchObject({ asserted: 1 });
    await submit(holder, digest('own'), { ask_first: true });
    expect((await submit(holder, digest('own'))).counts).toMatchObject({ held: 0 });
  });

  test('items that are drawn for review wait in the same words', async () => {
    await rig.database.query('UPDATE directory.organisation SET review_one_in = 1 WHERE id = $1', [other.id]);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const story = await submit(other, digest('drawn'));
    const { id: _id, position: _position, ...words } = (story.holds as Record<string, unknown>[])[0] ?? {};
    await submit(holder, digest('asked'), { ask_first: true });
    const asked = await submit(asker, digest('asked'));
    const { id: _other, position: _where, ...same } = (asked.holds as Record<string, unknown>[])[0] ?? {};
    expect(words).toEqual(same);
    await rig.database.query(`UPDATE normaliser.hold SET due_at = now() WHERE submission_id = $1`, [story.id]);
    expect((await rig.story(other.officer, String(story.id), ['settled'])).counts).toMatchObject({ asserted: 1 });
  });
});
