import { randomUUID } from 'node:crypto';
import { InternalSigner, type Principal } from '#libs/access';
import { liveRow, rowIds, withdrawnRow } from '#libs/testing';
import { PlatformRig, type RigPlatform } from './platform-rig.js';

const person = (kind: Principal['organisationKind'], roles: Principal['roles']): Principal => ({
  ...{ personId: randomUUID(), organisationId: randomUUID(), organisationName: 'O', country: 'NL', keyId: 'k' },
  ...{ organisationKind: kind, roles },
});
const OPERATOR = person('operator', ['operator']);

interface Reach {
  [fact: string]: unknown;
  had: number;
  told: number;
  platforms: { platform_id: string; [fact: string]: unknown }[];
}

describe('the reach of a retraction', () => {
  let rig: PlatformRig;
  let officer: Principal;

  beforeAll(async () => {
    rig = await PlatformRig.start();
  }, 600_000);

  beforeEach(() => {
    officer = person('agency', ['officer']);
  });

  afterAll(() => rig.stop());

  /** As the normaliser notes the end of words, by versions of rows. */
  const end = async (
    channel: string,
    rows: readonly { row: string; began?: number; ended: number }[],
    { reason = 'superseded', retraction = randomUUID(), advisory = randomUUID() } = {},
  ): Promise<string> => {
    await rig.database.query(
      `INSERT INTO normaliser.word_end (retraction_id, advisory_id, agency_id, reason, channel_id, row_ids, began, ended)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        ...[retraction, advisory, officer.organisationId, reason, channel],
        rows.map(({ row }) => row),
        rows.map(({ began = 1 }) => began),
        rows.map(({ ended }) => ended),
      ],
    );
    return retraction;
  };
  const reach = async (retraction: string, who = officer): Promise<Reach> => {
    const { status, body } = await rig.asConsole(who, `/internal/retractions/${retraction}/reach`);
    expect(status).toBe(200);
    return body as unknown as Reach;
  };
  const until = async (retraction: string, wanted: object, who = officer): Promise<Reach> => {
    for (let tries = 0; tries < 60; tries += 1) {
      const { status, body } = await rig.asConsole(who, `/internal/retractions/${retraction}/reach`);
      if (status === 200 && Object.entries(wanted).every(([name, value]) => body[name] === value))
        return body as unknown as Reach;
      await new Promise((next) => setTimeout(next, 250));
    }
    const last = await reach(retraction, who);
    expect(last).toMatchObject(wanted);
    return last;
  };
  /** Reads on to the end, and comes back, by which what was given counts as fetched. */
  const readOn = async (platform: RigPlatform, channel: string, cursor?: string): Promise<string> => {
    const { end: first } = await rig.changes(platform, channel, cursor ? { cursor } : {});
    await rig.changes(platform, channel, { cursor: first.cursor });
    return first.cursor;
  };
  const confirm = (platform: RigPlatform, channel: string, row: string, version: number, outcome: string, more = {}) =>
    rig.post(platform, '/v1/feedback', [{ kind: 'confirmation', channel, row_id: row, version, outcome, ...more }]);

  test('is told to its agency in the same bytes, whether anybody else says the same or not', async () => {
    const channel = await rig.channel();
    const platforms = [await rig.platform([channel]), await rig.platform([channel]), await rig.platform([channel])];
    const filtering = await rig.platform([channel], { ceilings: ['limit', 'block'] });
    const leaving = await rig.platform([channel]);
    const [alone = '', shared = '', before = ''] = rowIds(3);
    // Another agency was first about one of them.
    await rig.write(channel, [liveRow(channel, shared, 1, { ceiling: 'log' }), liveRow(channel, before)]);
    const early = await rig.platform([channel]);
    await readOn(early, channel);
    await rig.change(early, `state = 'paused'`);
    await rig.write(channel, [liveRow(channel, alone), liveRow(channel, shared, 2, { ceiling: 'log' })]);
    const cursors = new Map<RigPlatform, string>();
    for (const platform of [...platforms, filtering, leaving]) cursors.set(platform, await readOn(platform, channel));
    await rig.change(leaving, `state = 'left', leave_policy = 'keep-until-expiry'`);
    // Only who read meanwhile had the agency's word; it is back, and reads on.
    await rig.change(early, `state = 'active'`);
    await rig.write(channel, [withdrawnRow(channel, alone, 2), liveRow(channel, shared, 3, { ceiling: 'log' })]);
    const first = await end(channel, [{ row: alone, ended: 2 }]);
    const second = await end(channel, [{ row: shared, began: 2, ended: 3 }]);
    const both = async (wanted: object): Promise<string> => {
      const answers = [await until(first, wanted), await until(second, wanted)];
      const texts = answers.map((answer) => {
        const { retraction_id, began_at, advisories, due_at, ...rest } = answer;
        expect([retraction_id, began_at, advisories, due_at].every(Boolean) || answer.open === 0).toBe(true);
        return JSON.stringify(rest);
      });
      expect(texts[1]).toBe(texts[0]);
      return texts[0] ?? '';
    };
    await both({ followed: true, had: 3, told: 0, confirmed: 0, open: 3 });
    for (const platform of [...platforms, filtering, leaving]) {
      const lines = await rig.changes(platform, channel, { cursor: cursors.get(platform) ?? '' });
      if (lines.status === 200) await rig.changes(platform, channel, { cursor: lines.end.cursor });
    }
    await both({ had: 3, told: 3, confirmed: 0, open: 3 });
    const [one, two] = platforms as [RigPlatform, RigPlatform];
    await confirm(one, channel, alone, 2, 'removed');
    await confirm(one, channel, shared, 3, 'applied');
    await confirm(two, channel, alone, 2, 'restored');
    await confirm(two, channel, shared, 3, 'applied');
    const told = await both({ had: 3, told: 3, confirmed: 2, open: 1 });
    expect(JSON.parse(told)).toMatchObject({ followed_by_operators: { platforms: 2, closed_by_statement: 0 } });
    // No word of a platform, no count of its rows, and nobody who filters or left.
    expect(told).not.toMatch(/restored|applied|removed|rows":\{|outcomes|sent|desks/);
    expect(told).not.toContain(filtering.id);
    expect(told).not.toContain(leaving.id);
    // Operators are told all of it.
    const all = { had: 5, told: 5, sent: 0, fetched: 5, confirmed: 2, open: 3, closed_by_statement: 0 };
    expect(await until(first, all, OPERATOR)).toMatchObject({
      outcomes: [
        { outcome: 'removed', platforms: 1, rows: 1 },
        { outcome: 'restored', platforms: 1, rows: 1 },
      ],
    });
  });

  test('follows rows that changed again, words that were said before, and words that are said anew', async () => {
    const channel = await rig.channel();
    const [platform, slow] = [await rig.platform([channel]), await rig.platform([channel])];
    const rows = rowIds(30);
    await rig.write(
      channel,
      rows.map((row) => liveRow(channel, row)),
    );
    const cursor = await readOn(platform, channel);
    const late = await readOn(slow, channel);
    await rig.write(
      channel,
      rows.map((row) => withdrawnRow(channel, row, 2)),
    );
    const next = await readOn(platform, channel, cursor);
    expect(
      (await confirm(platform, channel, rows[0] ?? '', 2, 'cannot', { because: 'preservation-duty' })).status,
    ).toBe(200);
    // Somebody says some of it anew, before the slow one reads.
    await rig.write(
      channel,
      rows.slice(0, 10).map((row) => liveRow(channel, row, 3)),
    );
    const retraction = await end(
      channel,
      rows.map((row) => ({ row, ended: 2 })),
    );
    await until(retraction, { followed: true, had: 2, told: 1, fetched: 1 }, OPERATOR);
    await readOn(slow, channel, late);
    await readOn(platform, channel, next);
    const answer = await until(retraction, { told: 2, confirmed: 0, open: 2 }, OPERATOR);
    expect(answer.outcomes).toEqual([{ outcome: 'cannot', because: 'preservation-duty', platforms: 1, rows: 1 }]);
    const items = rows.map((row, nth) => ({
      ...{ kind: 'confirmation', channel, row_id: row, version: nth < 10 ? 3 : 2, outcome: 'removed' },
    }));
    await rig.post(platform, '/v1/feedback', items);
    const closed = await until(retraction, { confirmed: 1, open: 1 }, OPERATOR);
    expect(closed.outcomes).toEqual([{ outcome: 'removed', platforms: 1, rows: 30 }]);
    expect(closed.platforms.find(({ platform_id }) => platform_id === platform.id)).toMatchObject({
      ...{ confirmed: true, closed_by: 'confirmation', rows: { had: 30, sent: 0, fetched: 30, confirmed: 30 } },
    });
    // A version that nobody ever gave is no word about this one.
    await rig.post(
      slow,
      '/v1/feedback',
      items.map((item) => ({ ...item, version: 9 })),
    );
    expect(await reach(retraction, OPERATOR)).toMatchObject({ confirmed: 1, open: 1 });
  });

  test('is escalated once when the clock runs out, with one audit row', async () => {
    const channel = await rig.channel();
    const platform = await rig.platform([channel]);
    const [row = ''] = rowIds(1);
    await rig.write(channel, [liveRow(channel, row)]);
    await readOn(platform, channel);
    await rig.write(channel, [withdrawnRow(channel, row, 2)]);
    const retraction = await end(channel, [{ row, ended: 2 }], { reason: 'issued-in-error' });
    const opened = await until(retraction, { had: 1, overdue: 0 });
    const hours = (Date.parse(String(opened.due_at)) - Date.parse(String(opened.began_at))) / 3_600_000;
    expect(hours).toBe(4);
    await rig.database.query(
      `UPDATE platform_api.duty SET due_at = now() - interval '1 second' WHERE retraction_id = $1`,
      [retraction],
    );
    const audits = (): Promise<object[]> =>
      rig.database.query(`SELECT detail FROM platform_api.audit WHERE action = 'escalate-duty' AND subject = $1`, [
        `platform/${platform.id}`,
      ]);
    for (let tries = 0; tries < 40 && (await audits()).length === 0; tries += 1)
      await new Promise((next) => setTimeout(next, 250));
    await new Promise((next) => setTimeout(next, 1_200));
    expect(await audits()).toHaveLength(1);
    expect(await reach(retraction)).toMatchObject({ overdue: 1, platforms: [{ overdue: true }] });
    const { body } = await rig.asConsole(OPERATOR, '/internal/retractions/overdue');
    expect(body.overdue).toContainEqual(
      expect.objectContaining({ retraction_id: retraction, platform_id: platform.id, channel, rows: 1, desks: [] }),
    );
    await confirm(platform, channel, row, 2, 'restored');
    expect(await reach(retraction)).toMatchObject({ overdue: 0, open: 0, confirmed: 1 });
    expect(JSON.stringify((await rig.asConsole(OPERATOR, '/internal/retractions/overdue')).body)).not.toContain(
      retraction,
    );
  });

  test('is closed by the statement of a platform that left, which is withdrawn from all the same', async () => {
    const channel = await rig.channel();
    const platform = await rig.platform([channel]);
    const [row = '', next = ''] = rowIds(2);
    await rig.write(channel, [liveRow(channel, row), liveRow(channel, next)]);
    await readOn(platform, channel);
    await rig.write(channel, [withdrawnRow(channel, row, 2)]);
    const retraction = await end(channel, [{ row, ended: 2 }]);
    await until(retraction, { had: 1, open: 1 });
    const proposal = randomUUID();
    const close = async (): Promise<{ status: number; body: unknown }> => {
      const token = await InternalSigner.open(rig.keys, 'console').sign('platform-api', OPERATOR);
      const answer = await fetch(new URL('/internal/closing-statements', rig.url), {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          ...{ proposal_id: proposal, proposed_by: randomUUID(), confirmed_by: OPERATOR.personId, reason: 'it left' },
          ...{ platform: platform.id, statement: 'ab'.repeat(32), says: 'deleted' },
        }),
      });
      return { status: answer.status, body: await answer.json() };
    };
    // Not while it still subscribes.
    expect(await close()).toMatchObject({ status: 409 });
    await rig.change(platform, `state = 'left', leave_policy = 'delete-all'`);
    expect(await close()).toEqual({ status: 200, body: { duties: 1 } });
    expect(await close()).toEqual({ status: 200, body: { duties: 0 } });
    expect(await reach(retraction, OPERATOR)).toMatchObject({ open: 0, confirmed: 0, closed_by_statement: 1 });
    expect(await reach(retraction)).toMatchObject({
      ...{ had: 0, followed_by_operators: { platforms: 1, closed_by_statement: 1 } },
    });
    const audits = await rig.database.query<object[]>(
      `SELECT actor FROM platform_api.audit WHERE action = 'close-duty' AND subject = $1`,
      [`platform/${platform.id}`],
    );
    expect(audits).toEqual([{ actor: OPERATOR.personId }]);
    // What ends later is owed no word, and is withdrawn there too.
    await rig.write(channel, [withdrawnRow(channel, next, 2)]);
    const later = await end(channel, [{ row: next, ended: 2 }]);
    await until(later, { followed: true, had: 1, open: 0, closed_by_statement: 1 }, OPERATOR);
    const withdrawals = await rig.lines(platform, '/v1/withdrawals');
    expect(withdrawals.records.map(({ row_id }) => row_id)).toEqual(expect.arrayContaining([row, next]));
    // It came back, and left again: the statement says nothing of what it had in between.
    const [third = ''] = rowIds(1);
    const [{ id: again } = { id: '' }] = await rig.database.query<{ id: string }[]>(
      `INSERT INTO directory.subscription (id, platform_id, connector, channels, filter, settings, sealed_secrets)
       SELECT gen_random_uuid(), platform_id, connector, channels, filter, settings, sealed_secrets
         FROM directory.subscription WHERE id = $1 RETURNING id`,
      [platform.subscriptionId],
    );
    const back = { ...platform, subscriptionId: again };
    await rig.write(channel, [liveRow(channel, third)]);
    await readOn(back, channel);
    await rig.change(back, `state = 'left', leave_policy = 'delete-all'`);
    await rig.write(channel, [withdrawnRow(channel, third, 2)]);
    const last = await end(channel, [{ row: third, ended: 2 }]);
    await until(last, { followed: true, had: 1, open: 1, closed_by_statement: 0 }, OPERATOR);
  });

  test('is listed for a platform until it is confirmed, and for no other', async () => {
    const channel = await rig.channel();
    const [platform, other] = [await rig.platform([channel]), await rig.platform([channel])];
    const rows = rowIds(1_205);
    await rig.write(
      channel,
      rows.map((row) => liveRow(channel, row)),
    );
    await readOn(platform, channel);
    await rig.write(
      channel,
      rows.map((row) => withdrawnRow(channel, row, 2)),
    );
    const urgent = await end(channel, [{ row: rows[1_204] ?? '', ended: 2 }], { reason: 'issued-in-error' });
    const rest = await end(
      channel,
      rows.slice(0, 1_204).map((row) => ({ row, ended: 2 })),
    );
    await until(urgent, { followed: true, had: 1 });
    await until(rest, { followed: true, had: 1 });
    interface Page {
      rows: { row_id: string; version: number; overdue: boolean; channel: string }[];
      next?: string;
    }
    const list = async (who: RigPlatform, query = {}): Promise<Page> =>
      (await (await rig.fetch(who, '/v1/unconfirmed', query)).json()) as Page;
    const first = await list(platform);
    expect(first.rows).toHaveLength(1_000);
    expect(first.rows[0]).toMatchObject({ channel, row_id: rows[1_204], version: 2, overdue: false });
    const second = await list(platform, { after: first.next });
    expect(second.next).toBeUndefined();
    expect(new Set([...first.rows, ...second.rows].map(({ row_id }) => row_id))).toEqual(new Set(rows));
    expect(await list(other)).toEqual({ rows: [] });
    for (const after of ['x', `2026-02-30T00:00:00.000000Z_${channel}_1`])
      expect((await rig.fetch(platform, '/v1/unconfirmed', { after })).status).toBe(400);
    // One of them is owed for an error as well: it is due then, and listed once.
    const sooner = await end(channel, [{ row: rows[7] ?? '', ended: 2 }], { reason: 'issued-in-error' });
    await until(sooner, { followed: true, had: 1 });
    const again = await list(platform);
    expect(again.rows.slice(0, 2).map(({ row_id }) => row_id)).toEqual([rows[1_204], rows[7]]);
    const whole = [...again.rows, ...(await list(platform, { after: again.next })).rows];
    expect(whole.map(({ row_id }) => row_id).sort()).toEqual([...rows].sort());
    await confirm(platform, channel, rows[1_204] ?? '', 2, 'removed');
    await confirm(platform, channel, rows[3] ?? '', 2, 'restored');
    await rig.change(platform, `state = 'left', leave_policy = 'delete-all'`);
    const left = [...(await list(platform)).rows, ...(await list(platform, { after: first.next })).rows];
    expect(left.map(({ row_id }) => row_id)).not.toContain(rows[1_204]);
    expect(left.map(({ row_id }) => row_id)).not.toContain(rows[3]);
  });

  test('is found for others while that of one cannot be written', async () => {
    const channel = await rig.channel();
    const platform = await rig.platform([channel]);
    const [bad = '', good = ''] = rowIds(2);
    await rig.write(channel, [liveRow(channel, bad), liveRow(channel, good)]);
    await readOn(platform, channel);
    await rig.write(channel, [withdrawnRow(channel, bad, 2), withdrawnRow(channel, good, 2)]);
    const retraction = randomUUID();
    await rig.database.query(`
      CREATE FUNCTION platform_api.refuse_duty() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''refused''; END';
      CREATE TRIGGER refuse_duty BEFORE INSERT ON platform_api.duty FOR EACH ROW
        WHEN (NEW.retraction_id = '${retraction}') EXECUTE FUNCTION platform_api.refuse_duty();`);
    await end(channel, [{ row: bad, ended: 2 }], { retraction });
    await new Promise((next) => setTimeout(next, 500));
    const other = await end(channel, [{ row: good, ended: 2 }]);
    await until(other, { followed: true, had: 1, open: 1 });
    expect(await reach(retraction)).toMatchObject({ followed: false });
    await rig.database.query('DROP TRIGGER refuse_duty ON platform_api.duty; DROP FUNCTION platform_api.refuse_duty');
    await until(retraction, { followed: true, had: 1, open: 1 });
  });

  test('is told to its own agency alone, and to nobody else as if it were not there', async () => {
    const channel = await rig.channel();
    const [row = ''] = rowIds(1);
    await rig.write(channel, [withdrawnRow(channel, row, 2)]);
    const advisory = randomUUID();
    const retraction = await end(channel, [{ row, ended: 2 }], { advisory });
    await until(retraction, { followed: true, had: 0 });
    const ask = (who: Principal, path: string) => rig.asConsole(who, `/internal/retractions${path}`);
    const stranger = person('agency', ['officer', 'approver']);
    const [others, none] = [await ask(stranger, `/${retraction}/reach`), await ask(stranger, `/${randomUUID()}/reach`)];
    expect(others.status).toBe(404);
    const plain = ({ body: { trace_id: _trace, instance: _instance, ...body } }: typeof none) => body;
    expect(plain(others)).toEqual(plain(none));
    expect((await ask(person('platform', ['admin']), `/${retraction}/reach`)).status).toBe(403);
    expect((await ask(person('oversight', ['overseer']), `/${retraction}/reach`)).status).toBe(200);
    expect((await ask(officer, '/overdue')).status).toBe(403);
    expect((await ask(officer, `?advisory=${advisory}`)).body).toMatchObject({
      retractions: [{ retraction_id: retraction, reasons: ['superseded'], rows: 1 }],
    });
    expect((await ask(stranger, `?advisory=${advisory}`)).body).toEqual({ retractions: [] });
    expect((await ask(OPERATOR, '/overdue?after=x')).status).toBe(400);
    const delivery = await InternalSigner.open(rig.keys, 'normaliser').sign('platform-api', OPERATOR);
    const refused = await fetch(new URL(`/internal/retractions/${retraction}/reach`, rig.url), {
      headers: { authorization: `Bearer ${delivery}` },
    });
    expect([401, 403]).toContain(refused.status);
  });
});
