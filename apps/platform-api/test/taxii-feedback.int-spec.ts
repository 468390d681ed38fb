import { randomUUID } from 'node:crypto';
import { TAXII_MEDIA_TYPE } from '#libs/taxii';
import { liveRow, rowIds } from '#libs/testing';
import { PlatformRig, type RigPlatform } from './platform-rig.js';
import { openCollection, type OpenCollection } from './taxii-reader.js';

const ANSWER = 'extension-definition--655aa8fc-5610-4352-8da4-68312cb331a3';
const FEEDBACK = '/taxii2/channels/collections/feedback/objects/';
const TIME = '2026-10-01T08:15:00.000Z';

const answer = (type: string, more: Record<string, unknown>): Record<string, unknown> & { id: string } => ({
  ...{ type, spec_version: '2.1', id: `${type}--${randomUUID()}`, created: TIME, modified: TIME },
  ...more,
});
const extended = (said: Record<string, unknown>): Record<string, unknown> => ({
  extensions: { [ANSWER]: { extension_type: 'property-extension', ...said } },
});

describe('the feedback collection', () => {
  let rig: PlatformRig;
  let open: OpenCollection;
  let objectId: string;
  let row: string;

  beforeAll(async () => {
    rig = await PlatformRig.start();
  }, 600_000);
  beforeEach(async () => {
    open = await openCollection(rig);
    [row = ''] = rowIds(1);
    await rig.write(open.channel, [liveRow(open.channel, row)]);
    objectId = (await open.reader.rows()).objects[0]?.id ?? '';
  });
  afterAll(() => rig.stop());

  const give = async (
    objects: unknown,
    who: Pick<RigPlatform, 'key'> = open.platform,
    path = FEEDBACK,
  ): Promise<{ status: number; body: Record<string, unknown> }> =>
    rig.post(who, path, { objects }, { 'content-type': TAXII_MEDIA_TYPE, accept: TAXII_MEDIA_TYPE });
  const kept = (who = open.platform): Promise<Record<string, unknown>[]> =>
    rig.database.query(
      'SELECT kind, channel_id, row_id, said FROM platform_api.feedback WHERE platform_id = $1 ORDER BY id',
      [who.id],
    );

  test('takes sightings, opinions, disputes and notes as the same answers that are given as JSON', async () => {
    const about = { object_refs: [objectId] };
    const objects = [
      answer('sighting', { sighting_of_ref: objectId, count: 3, first_seen: TIME, last_seen: '2026-10-01T09:00:00Z' }),
      answer('opinion', { ...about, opinion: 'disagree', ...extended({ reason: 'cannot-tell' }) }),
      answer('opinion', {
        ...about,
        opinion: 'strongly-disagree',
        ...extended({ kind: 'dispute', reason: 'documentation' }),
      }),
      answer('note', {
        ...about,
        content: 'Undone.',
        ...extended({ kind: 'confirmation', version: 1, outcome: 'applied' }),
      }),
      answer('opinion', {
        ...about,
        opinion: 'agree',
        explanation: 'Useful to us.',
        created_by_ref: `identity--${randomUUID()}`,
      }),
    ];
    const { status, body } = await give(objects);
    expect({ status, body }).toMatchObject({
      status: 202,
      body: { status: 'complete', total_count: 5, success_count: 5, failure_count: 0, pending_count: 0 },
    });
    expect(body['successes']).toEqual(objects.map(({ id }) => ({ id, version: TIME })));
    const where = { channel_id: open.channel, row_id: row };
    expect(await kept()).toEqual([
      {
        ...where,
        kind: 'sighting',
        said: { count: 3, from: '2026-10-01T08:00:00.000Z', until: '2026-10-01T10:00:00.000Z' },
      },
      { ...where, kind: 'opinion', said: { opinion: 'disagree', reason: 'cannot-tell' } },
      { ...where, kind: 'dispute', said: { reason: 'documentation' } },
      { ...where, kind: 'confirmation', said: { version: 1, outcome: 'applied' } },
      { ...where, kind: 'opinion', said: { opinion: 'agree' } },
    ]);
    // The same again is the same answer, and its status is told to nobody else.
    expect((await give(objects)).body).toMatchObject({ id: body['id'], success_count: 5 });
    expect(await kept()).toHaveLength(5);
    const path = `/taxii2/channels/status/${String(body['id'])}/`;
    expect(await (await rig.fetch(open.platform, path)).json()).toMatchObject({ id: body['id'], success_count: 5 });
    const other = await rig.platform([open.channel]);
    expect((await rig.fetch(other, path)).status).toBe(404);
  });

  test('takes nothing about what was not disclosed, and says the same of what is there and what is not', async () => {
    const foreign = await openCollection(rig);
    const [theirs = '', unread = ''] = rowIds(2);
    await rig.write(foreign.channel, [liveRow(foreign.channel, theirs)]);
    const theirId = (await foreign.reader.rows()).objects[0]?.id ?? '';
    await rig.write(open.channel, [liveRow(open.channel, unread)]);
    // Its id is told by the manifest, which gives nothing.
    const manifest = await open.reader.read({}, 'manifest/');
    const unreadId = manifest.objects.map(({ id }) => id).findLast((id) => id.startsWith('indicator--')) ?? '';
    expect(unreadId).not.toBe(objectId);
    const refs = [theirId, unreadId, `indicator--${randomUUID()}`, `identity--${randomUUID()}`, 'nothing'];
    const { body } = await give(refs.map((ref) => answer('opinion', { opinion: 'agree', object_refs: [ref] })));
    expect(body).toMatchObject({ status: 'complete', success_count: 0, failure_count: 5 });
    const failures = body['failures'] as { message: string }[];
    expect(new Set(failures.map(({ message }) => message))).toEqual(
      new Set(['TOC_FEEDBACK_NOT_DISCLOSED: no such row was disclosed to this platform']),
    );
    expect(await kept()).toEqual([]);
  });

  test.each<[string, string, Record<string, unknown>, string]>([
    [
      'an address of somebody',
      'opinion',
      { explanation: 'write to jane.doe@mail.example' },
      'TOC_FEEDBACK_PEOPLE_DATA',
    ],
    [
      'an account',
      'note',
      { content: 'it was @somebody_else', ...extended({ kind: 'confirmation', version: 1, outcome: 'applied' }) },
      'TOC_FEEDBACK_PEOPLE_DATA',
    ],
    ['an author', 'opinion', { authors: ['Jane Doe'] }, 'TOC_ITEM_MALFORMED'],
    [
      'a link to somewhere',
      'opinion',
      { external_references: [{ source_name: 'x', url: 'https://a.example/u/1' }] },
      'TOC_ITEM_MALFORMED',
    ],
    ['a property of its own', 'opinion', { x_user: 'u-1' }, 'TOC_ITEM_MALFORMED'],
    ['a place', 'sighting', { where_sighted_refs: [`location--${randomUUID()}`] }, 'TOC_ITEM_MALFORMED'],
    ['that it was never seen', 'sighting', { count: 0 }, 'TOC_ITEM_MALFORMED'],
    ['nothing of when', 'sighting', { first_seen: undefined }, 'TOC_ITEM_MALFORMED'],
    ['nothing but a text', 'note', { content: 'We looked.' }, 'TOC_ITEM_MALFORMED'],
    ['two things', 'opinion', { object_refs: ['a', 'b'] }, 'TOC_ITEM_MALFORMED'],
    [
      'an answer of another kind',
      'sighting',
      extended({ kind: 'dispute', reason: 'documentation' }),
      'TOC_ITEM_MALFORMED',
    ],
    ['a word of nobody', 'opinion', { opinion: 'maybe' }, 'TOC_ITEM_MALFORMED'],
    ['a thing of another type', 'indicator', {}, 'TOC_ITEM_MALFORMED'],
  ])('refuses an object that says %s', async (_what, type, more, code) => {
    const base = {
      sighting: { sighting_of_ref: objectId, first_seen: TIME },
      opinion: { opinion: 'agree', object_refs: [objectId] },
    };
    const own = type === 'note' ? { object_refs: [objectId] } : ((base as Record<string, object>)[type] ?? {});
    const { body } = await give([answer(type, { ...own, ...more })]);
    expect(body).toMatchObject({ status: 'complete', failure_count: 1 });
    const [failure] = body['failures'] as { message: string }[];
    expect(failure?.message).toMatch(code);
    expect(failure?.message).not.toMatch(/jane|somebody_else|Doe|u-1/);
    expect(await kept()).toEqual([]);
  });

  test('is written and never read, is each platform’s own, and is no channel', async () => {
    const list = await open.reader.get('/taxii2/channels/collections/');
    const collections = list.body['collections'] as {
      id: string;
      alias: string;
      can_read: boolean;
      can_write: boolean;
    }[];
    const own = collections.find(({ alias }) => alias === 'feedback');
    expect(own).toMatchObject({ can_read: false, can_write: true });
    const path = `/taxii2/channels/collections/${own?.id}/`;
    expect((await open.reader.get(path)).body).toEqual(own);
    for (const below of ['objects/', 'manifest/', `objects/${objectId}/`, `objects/${objectId}/versions/`])
      expect((await open.reader.get(`${path}${below}`)).status).toBe(403);
    const deleted = await fetch(`${rig.url}${path}objects/${objectId}/`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${open.platform.key}` },
    });
    expect(deleted.status).toBe(403);
    const other = await rig.platform([open.channel]);
    const opinion = [answer('opinion', { opinion: 'agree', object_refs: [objectId] })];
    expect((await give(opinion, other, `${path}objects/`)).status).toBe(404);
    expect((await give(opinion, open.platform, `/taxii2/channels/collections/${open.channel}/objects/`)).status).toBe(
      403,
    );
    for (const [objects, status] of [
      [[], 400],
      [Array(501).fill({}), 413],
      [undefined, 400],
    ] as const)
      expect((await give(objects)).status).toBe(status);
    expect((await rig.post(open.platform, FEEDBACK, { objects: opinion })).status).toBe(415);
  });
});
