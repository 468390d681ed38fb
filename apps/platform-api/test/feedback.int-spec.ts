import { randomUUID } from 'node:crypto';
import type { FeedbackGiven } from '#libs/events';
import { writeDisclosure } from '#libs/feed';
import { unpackFrames } from '#libs/persistence';
import { liveRow, rowIds, withdrawnRow } from '#libs/testing';
import { PlatformRig, type RigPlatform } from './platform-rig.js';

interface Item {
  position: number;
  state: string;
  id?: string;
  code?: string;
  detail?: string;
  problems?: string[];
}

const HOURS = { from: '2026-10-01T00:00:00Z', until: '2026-10-01T01:00:00Z' };
const REPORT = {
  ...{ kind: 'exploitation-report', readers: ['agencies'], harm: 'tvec', feature: 'comments' },
  ...{ technique: 'coded-language', scale: 'repeated', trend: 'new' },
};

describe('feedback', () => {
  let rig: PlatformRig;
  let channel: string;
  let platform: RigPlatform;
  let row: string;

  beforeAll(async () => {
    rig = await PlatformRig.start();
  }, 600_000);

  beforeEach(async () => {
    channel = await rig.channel();
    platform = await rig.platform([channel]);
    [row = ''] = rowIds(1);
    await rig.write(channel, [liveRow(channel, row)]);
    await rig.changes(platform, channel);
  });

  afterAll(() => rig.stop());

  const give = async (
    who: Pick<RigPlatform, 'key'>,
    items: unknown,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; items: Item[]; code?: unknown; accepted?: unknown }> => {
    const { status, body } = await rig.post(who, '/v1/feedback', items, headers);
    return { status, items: (body.items ?? []) as Item[], code: body.code, accepted: body.accepted };
  };
  const codes = (items: readonly Item[]): (string | undefined)[] => items.map(({ code, state }) => code ?? state);
  const told = async (platformId: string): Promise<FeedbackGiven[]> => {
    const rows = await rig.database.query<{ frames: Buffer }[]>('SELECT frames FROM platform_api.outbox ORDER BY id');
    return rows
      .flatMap(({ frames }) => unpackFrames(frames))
      .map(({ key, value }) => {
        const event = JSON.parse(value.toString()) as FeedbackGiven;
        expect(key).toBe('row_id' in event.feedback ? event.feedback.row_id : event.platform_id);
        return event;
      })
      .filter(({ platform_id }) => platform_id === platformId);
  };

  test('of every kind is answered one by one, kept, and told in one outbox row with one audit row', async () => {
    const about = { channel, row_id: row };
    const items = [
      { kind: 'sighting', ...about, ...HOURS, count: 2 },
      { kind: 'opinion', ...about, opinion: 'agree', reason: 'useful' },
      { kind: 'dispute', ...about, reason: 'documentation' },
      { kind: 'sighting', ...about, count: 2, user: 'someone' },
      { kind: 'action-taken', ...about, ...HOURS, action: 'removed', count: 1 },
      { kind: 'confirmation', ...about, version: 1, outcome: 'applied' },
      { ...REPORT, text: 'Code words replace the names of weapons.' },
      { kind: 'monthly-figures', month: '2026-10', figures: { appeals: 3 } },
      'no item',
    ];
    const answer = await give(platform, items);
    expect(answer).toMatchObject({ status: 200, accepted: 7 });
    expect(codes(answer.items)).toEqual([
      ...['accepted', 'accepted', 'accepted', 'TOC_ITEM_MALFORMED', 'accepted', 'accepted', 'accepted', 'accepted'],
      'TOC_ITEM_MALFORMED',
    ]);
    expect(answer.items[3]?.problems?.length).toBeGreaterThan(0);
    const events = await told(platform.id);
    const ids = answer.items.flatMap(({ id }) => id ?? []);
    expect(events.map(({ feedback_id }) => feedback_id)).toEqual(ids);
    // The text stays here, and nobody's person is told.
    expect(JSON.stringify(events)).not.toMatch(/Code words/);
    expect(JSON.stringify(events)).not.toContain(platform.personId);
    const [written] = await rig.database.query<{ outbox: number; audit: number; feedback: number }[]>(
      `SELECT (SELECT count(*)::integer FROM platform_api.outbox WHERE xmin = f.xmin) AS outbox,
              (SELECT count(*)::integer FROM platform_api.audit WHERE xmin = f.xmin) AS audit,
              (SELECT count(*)::integer FROM platform_api.feedback WHERE xmin = f.xmin) AS feedback
         FROM platform_api.feedback f WHERE id = $1`,
      [ids[0]],
    );
    expect(written).toEqual({ outbox: 1, audit: 1, feedback: 7 });
    const shown = await (await rig.fetch(platform, `/v1/feedback/${ids[5]}`)).json();
    expect(shown).toMatchObject({
      id: ids[5],
      text: 'Code words replace the names of weapons.',
      readers: ['agencies'],
    });
    const other = await rig.platform([channel]);
    for (const [who, id] of [
      [other, ids[5]],
      [platform, randomUUID()],
    ] as const) {
      const refused = await rig.fetch(who, `/v1/feedback/${id}`);
      expect(refused.status).toBe(404);
      expect(((await refused.json()) as { detail: string }).detail).toBe('there is no such object for this key');
    }
  });

  test('counts only from whoever was told of the row: what was not, what is another’s and what is nothing read the same', async () => {
    const [unfetched = '', elsewhere = ''] = rowIds(2);
    const foreign = await rig.channel();
    await rig.write(channel, [liveRow(channel, unfetched)]);
    await rig.write(foreign, [liveRow(foreign, elsewhere)]);
    const stranger = await rig.platform([foreign]);
    await rig.changes(stranger, foreign);
    const opinion = { kind: 'opinion', opinion: 'disagree' };
    const { items } = await give(platform, [
      { ...opinion, channel, row_id: unfetched },
      { ...opinion, channel: foreign, row_id: elsewhere },
      { ...opinion, channel, row_id: elsewhere },
      { ...opinion, channel: 'no-such-channel', row_id: row },
      { ...opinion, channel, row_id: randomUUID() },
    ]);
    expect(new Set(items.map(({ position: _, ...said }) => JSON.stringify(said)))).toEqual(
      new Set([
        '{"state":"rejected","code":"TOC_FEEDBACK_NOT_DISCLOSED","detail":"no such row was disclosed to this platform"}',
      ]),
    );
    expect((await give(stranger, [{ ...opinion, channel: foreign, row_id: elsewhere }])).accepted).toBe(1);
    expect(await told(platform.id)).toEqual([]);
  });

  test('counts after a withdrawal, and from a platform that has left', async () => {
    await rig.write(channel, [withdrawnRow(channel, row, 2)]);
    const confirmation = { kind: 'confirmation', channel, row_id: row, version: 2, outcome: 'restored' };
    expect((await give(platform, [confirmation])).accepted).toBe(1);
    await rig.change(platform, `state = 'left', leave_policy = 'delete-all', revision = 2`);
    expect((await give(platform, [confirmation])).accepted).toBe(1);
  });

  test('counts for what was sent by push, by the ledger of delivery and nothing else of it', async () => {
    const [pushed = ''] = rowIds(1);
    await rig.write(channel, [liveRow(channel, pushed)]);
    const receiver = await rig.platform([channel]);
    await rig.change(receiver, `connector = 'webhook'`);
    const opinion = { kind: 'opinion', opinion: 'agree', channel, row_id: pushed };
    expect(codes((await give(receiver, [opinion])).items)).toEqual(['TOC_FEEDBACK_NOT_DISCLOSED']);
    const [at] = await rig.database.query<{ position: string }[]>('SELECT position FROM feed.row WHERE row_id = $1', [
      pushed,
    ]);
    const position = BigInt(at?.position ?? 0);
    await writeDisclosure(rig.database.manager, 'delivery', {
      ...{ id: randomUUID(), platformId: receiver.id, subscriptionId: receiver.subscriptionId, channelId: channel },
      ...{ revision: 1, walk: 0, until: position },
      outgoing: [{ position, live: true, record: { eventId: randomUUID(), body: '{}' } as never }],
    });
    expect(codes((await give(receiver, [opinion])).items)).toEqual(['accepted']);
    const rights = await rig.database.query<{ table_name: string; column_name: string; privilege_type: string }[]>(
      `SELECT DISTINCT table_name, column_name, privilege_type FROM information_schema.column_privileges
        WHERE grantee = 'tocsin_platform_api' AND table_schema = 'delivery' AND table_name <> 'disclosed'`,
    );
    const may = (table_name: string, column_name: string) => ({ table_name, column_name, privilege_type: 'SELECT' });
    expect(rights).toHaveLength(3);
    expect(rights).toEqual(
      expect.arrayContaining([
        may('receipt', 'disclosure_id'),
        may('endpoint', 'subscription_id'),
        may('endpoint', 'paused_at'),
      ]),
    );
  });

  test.each([
    ['write to jane.doe@mail.example', 'e-mail-address'],
    ['the account @somebody_else posts it', 'account'],
    ['seen at https://service.example/u/17', 'link'],
    ['seen at service.example/u/somebody', 'link'],
    ['the user 100045677 posts it', 'long-number'],
    ['the id UCx7f83hG29sQpL1mmZ posts it', 'identifier'],
    ['call +44 20 7946 0958', 'phone-number'],
  ])('does not take a text that may name somebody: %s', async (text, kind) => {
    const { items } = await give(platform, [{ ...REPORT, text }]);
    expect(codes(items)).toEqual(['TOC_FEEDBACK_PEOPLE_DATA']);
    expect(items[0]?.problems).toContain(kind);
    expect(JSON.stringify(items)).not.toContain(text);
    const kept = await rig.database.query('SELECT FROM platform_api.feedback WHERE platform_id = $1', [platform.id]);
    expect(kept).toEqual([]);
  });

  test('of a service that was abused is read by agencies, without whose it was unless it says so', async () => {
    const reports = [
      { ...REPORT, text: 'Recipes are shared as cookery.' },
      { ...REPORT, readers: ['researchers'], feature: 'search' },
      { ...REPORT, readers: ['researchers', 'agencies'], feature: 'gaming', named: true },
    ];
    const { items } = await give(platform, reports);
    const [agency, stranger] = [await rig.agency(), await rig.platform([channel])];
    const read = async (after = ''): Promise<{ reports: Record<string, unknown>[]; more: boolean }> =>
      (await (await rig.fetch(agency, '/v1/exploitation-reports', after === '' ? {} : { after })).json()) as {
        reports: Record<string, unknown>[];
        more: boolean;
      };
    const own = (await read()).reports.filter(({ id }) => items.some((item) => item.id === id));
    const [name] = await rig.database.query<{ name: string }[]>(
      'SELECT name FROM directory.organisation WHERE id = $1',
      [platform.id],
    );
    const { kind: _kind, readers: _readers, ...said } = REPORT;
    const day = new Date().toISOString().slice(0, 10);
    expect(own).toEqual([
      { id: items[0]?.id, day, ...said, text: 'Recipes are shared as cookery.' },
      { id: items[2]?.id, day, ...said, feature: 'gaming', platform: name?.name },
    ]);
    expect((await read(items[0]?.id)).reports.map(({ id }) => id)).toEqual([items[2]?.id]);
    const { items: more } = await give(platform, Array(101).fill(REPORT));
    const page = await read(items[2]?.id);
    expect([page.reports.length, page.more]).toEqual([100, true]);
    expect(await read(more.at(-1)?.id)).toEqual({ reports: [], more: false });
    expect((await rig.fetch(stranger, '/v1/exploitation-reports')).status).toBe(403);
    expect((await rig.fetch({ key: 'none' }, '/v1/exploitation-reports')).status).toBe(401);
    expect((await rig.fetch(agency, '/v1/exploitation-reports', { after: 'x' })).status).toBe(400);
  });

  test('by name is a platform’s own decision, which the normaliser keeps', async () => {
    const advisory = randomUUID();
    const asked: string[] = [];
    rig.normaliser.answer = ({ path, principal }) => {
      asked.push(`${path} ${principal?.organisationId}`);
      return { namings: [] };
    };
    const admin = await rig.platform([channel]);
    await rig.database.query(`UPDATE directory.person SET roles = '{admin}' WHERE id = $1`, [admin.personId]);
    const path = `/v1/named-answers/${advisory}`;
    expect((await rig.send(admin, 'PUT', path, '')).status).toBe(200);
    expect((await rig.send(admin, 'DELETE', path, '')).status).toBe(204);
    expect((await rig.fetch(admin, '/v1/named-answers')).status).toBe(200);
    expect((await rig.send(platform, 'PUT', path, '')).status).toBe(403);
    expect((await rig.fetch(await rig.agency(), '/v1/named-answers')).status).toBe(403);
    expect(asked).toEqual([
      `/internal/namings/${advisory} ${admin.id}`,
      `/internal/namings/${advisory}/end ${admin.id}`,
      `/internal/namings ${admin.id}`,
    ]);
    rig.normaliser.answer = () => ({ state: 'received' });
  });

  test('with an idempotency key is taken once, also at the same moment, and never for something else', async () => {
    const items = [{ kind: 'opinion', channel, row_id: row, opinion: 'agree' }, { kind: 'nothing' }];
    const headers = { 'idempotency-key': 'once' };
    const answers = await Promise.all([1, 2, 3].map(() => give(platform, items, headers)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(answers.map((answer) => JSON.stringify(answer.items))).size).toBe(1);
    expect(await told(platform.id)).toHaveLength(1);
    expect(await give(platform, items.slice(0, 1), headers)).toMatchObject({
      status: 409,
      code: 'TOC_SUBMISSION_IDEMPOTENCY',
    });
    // Another platform's key is its own.
    const other = await rig.platform([channel]);
    await rig.changes(other, channel);
    expect((await give(other, items, headers)).accepted).toBe(1);
    expect(await give(platform, items, { 'idempotency-key': 'two words' })).toMatchObject({ status: 400 });
  });

  test('has a quota for each platform, a lower one for disputes, and costs no other anything', async () => {
    const dispute = { kind: 'dispute', channel, row_id: row, reason: 'wrong-label' };
    expect(codes((await give(platform, Array(7).fill(dispute))).items)).toEqual([
      ...Array<string>(5).fill('accepted'),
      ...Array<string>(2).fill('TOC_FEEDBACK_QUOTA'),
    ]);
    const opinions = Array(1000).fill({ kind: 'opinion', channel, row_id: row, opinion: 'neutral' });
    const accepted = [];
    for (let round = 0; round < 3; round += 1) accepted.push((await give(platform, opinions)).accepted);
    expect(accepted).toEqual([1000, 1000, 495]);
    const other = await rig.platform([channel]);
    await rig.changes(other, channel);
    expect((await give(other, [dispute])).accepted).toBe(1);
  });

  test('is a list within bounds, from people of platforms', async () => {
    for (const body of [{}, [], Array(1001).fill({})])
      expect(await give(platform, body)).toMatchObject({ status: 400, code: 'TOC_REQUEST_PARAMETER' });
    expect((await give({ key: 'no-key' }, [])).status).toBe(401);
    await rig.database.query(`UPDATE directory.person SET roles = '{officer}' WHERE id = $1`, [platform.personId]);
    expect((await give(platform, [REPORT])).status).toBe(403);
  });

  test('of a dispute says how it stands, as the normaliser tells this platform', async () => {
    const { items } = await give(platform, [{ kind: 'dispute', channel, row_id: row, reason: 'documentation' }]);
    const path = `/v1/feedback/${items[0]?.id}`;
    rig.normaliser.answer = ({ path: asked, principal }) => {
      expect(asked).toBe(`/internal/feedback/${items[0]?.id}/dispute`);
      expect(principal).toMatchObject({ organisationId: platform.id, organisationKind: 'platform' });
      return { state: 'dismissed', sentence: 'It was looked at.' };
    };
    expect(await (await rig.fetch(platform, path)).json()).toMatchObject({
      ...{ kind: 'dispute', reason: 'documentation', row_id: row },
      dispute: { state: 'dismissed', sentence: 'It was looked at.' },
    });
    const other = await rig.platform([channel]);
    rig.normaliser.answer = () => {
      throw new Error('nobody asks for another platform');
    };
    expect((await rig.fetch(other, path)).status).toBe(404);
    expect((await rig.fetch(platform, path)).status).toBe(503);
  });

  test('leaves one audit row for each transaction that kept anything (I12)', async () => {
    const [row] = await rig.database.query<{ orphans: number; kept: number }[]>(
      `WITH changed AS (SELECT DISTINCT xmin::text AS writer FROM (
          SELECT xmin FROM platform_api.feedback UNION ALL SELECT xmin FROM platform_api.feedback_request
          UNION ALL SELECT xmin FROM platform_api.outbox) c)
       SELECT count(*)::integer AS kept, count(*) FILTER (WHERE NOT EXISTS (
         SELECT FROM platform_api.audit a WHERE a.xmin::text = writer))::integer AS orphans FROM changed`,
    );
    expect(row?.orphans).toBe(0);
    expect(row?.kept).toBeGreaterThan(5);
  });
});
