import { randomUUID } from 'node:crypto';
import { InternalSigner, type Principal } from '#libs/access';
import { liveRow, rowIds, withdrawnRow } from '#libs/testing';
import { PlatformRig, type RigPlatform } from './platform-rig.js';

const officerOf = (agency: string): Principal => ({
  ...{ personId: randomUUID(), organisationId: agency, organisationName: 'A', country: 'NL', keyId: 'k' },
  ...{ organisationKind: 'agency', roles: ['officer'] },
});

interface Told {
  signals: number;
  partly: boolean;
  platforms: { platform_id: string; offered: number; fetched: number }[];
  followed_by_operators: number;
}

describe('the reach of an advisory', () => {
  let rig: PlatformRig;

  beforeAll(async () => {
    rig = await PlatformRig.start();
  }, 600_000);

  afterAll(() => rig.stop());

  /** An advisory that asserts rows, as the normaliser keeps it. @returns its id */
  const assert = async (agency: string, channel: string, rows: readonly string[], began = 1): Promise<string> => {
    const id = randomUUID();
    await rig.database.query('INSERT INTO normaliser.advisory (id, agency_id, submission_id) VALUES ($1, $2, $3)', [
      ...[id, agency, randomUUID()],
    ]);
    const [statement] = await rig.database.query<{ id: string }[]>(
      `INSERT INTO normaliser.statement (advisory_id, digest, body, channels, valid_until)
       VALUES ($1, '', '{}', $2, now() + interval '1 day') RETURNING id`,
      [id, [channel]],
    );
    for (const row of rows) {
      await rig.database.query(
        `INSERT INTO normaliser.signal (id, type) VALUES ($1, 'sha256') ON CONFLICT DO NOTHING`,
        [row],
      );
      await rig.database.query(
        'INSERT INTO normaliser.assertion (advisory_id, row_id, statement_id, revision) VALUES ($1, $2, $3, 1)',
        [id, row, statement?.id],
      );
      if (began > 1)
        await rig.database.query(
          'INSERT INTO normaliser.word_begin (row_id, advisory_id, channel_id, version) VALUES ($1, $2, $3, $4)',
          [row, id, channel, began],
        );
    }
    return id;
  };
  const ask = async (agency: string, advisory: string): Promise<{ status: number; body: Told }> => {
    const token = await InternalSigner.open(rig.keys, 'intake').sign('platform-api', officerOf(agency));
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(new URL(`/internal/advisories/${advisory}/reach`, rig.url), { headers });
    return { status: answer.status, body: (await answer.json()) as Told };
  };
  /** Reads to the end, and comes back, by which what was given counts as fetched. */
  const read = async (platform: RigPlatform, channel: string, cursor?: string, comesBack = true): Promise<string> => {
    const { end } = await rig.changes(platform, channel, cursor ? { cursor } : {});
    if (comesBack) await rig.changes(platform, channel, { cursor: end.cursor });
    return end.cursor;
  };

  test('is what each platform was offered and fetched, and of some platforms nothing', async () => {
    const [agency, channel] = [randomUUID(), await rig.channel()];
    const [one, two, three] = [
      await rig.platform([channel]),
      await rig.platform([channel]),
      await rig.platform([channel]),
    ];
    const filtering = await rig.platform([channel], { ceilings: ['limit', 'block'] });
    const rows = rowIds(3);
    const advisory = await assert(agency, channel, rows);
    await rig.write(
      channel,
      rows.slice(0, 2).map((row) => liveRow(channel, row)),
    );
    await read(one, channel);
    await read(two, channel, undefined, false);
    await read(filtering, channel);
    await rig.write(channel, [liveRow(channel, rows[2] ?? '')]);
    await read(two, channel, undefined, false);
    const given = (platform: RigPlatform, { platforms }: Told): number[] => {
      const it = platforms.find(({ platform_id }) => platform_id === platform.id);
      return it ? [it.offered, it.fetched] : [];
    };
    const { status, body } = await ask(agency, advisory);
    expect(status).toBe(200);
    expect(body).toMatchObject({ signals: 3, partly: false, followed_by_operators: 1 });
    expect([one, two, three, filtering].map((platform) => given(platform, body))).toEqual([[2, 2], [3, 0], [0, 0], []]);
    // What is withdrawn is not on its word any more.
    await rig.write(channel, [withdrawnRow(channel, rows[0] ?? '', 2)]);
    expect(given(one, (await ask(agency, advisory)).body)).toEqual([1, 1]);
  });

  test('is the same whether another agency was first, and said something since, or not (I17)', async () => {
    const [agency, channel] = [randomUUID(), await rig.channel()];
    const platform = await rig.platform([channel]);
    const [alone = '', shared = ''] = rowIds(2);
    await rig.write(channel, [liveRow(channel, shared)]);
    const cursor = await read(platform, channel);
    const mine = await assert(agency, channel, [alone]);
    const ours = await assert(agency, channel, [shared], 2);
    await rig.write(channel, [liveRow(channel, alone), liveRow(channel, shared, 2)]);
    const same = async (): Promise<Told> => {
      const [first, second] = [await ask(agency, mine), await ask(agency, ours)];
      const plain = ({ body }: typeof first): string => JSON.stringify({ ...body, advisory_id: '' });
      expect(plain(second)).toBe(plain(first));
      return first.body;
    };
    expect((await same()).platforms).toMatchObject([{ offered: 0, fetched: 0 }]);
    await read(platform, channel, cursor);
    expect((await same()).platforms).toMatchObject([{ offered: 1, fetched: 1 }]);
    // Another version of the one row, which nobody has fetched: it has the word all the same.
    await rig.write(channel, [liveRow(channel, shared, 3)]);
    expect((await same()).platforms).toMatchObject([{ offered: 1, fetched: 1 }]);
  });

  test('is told to its own agency alone', async () => {
    const [agency, channel] = [randomUUID(), await rig.channel()];
    const advisory = await assert(agency, channel, rowIds(1));
    const [others, none] = [await ask(randomUUID(), advisory), await ask(agency, randomUUID())];
    expect([others.status, none.status]).toEqual([404, 404]);
    const { trace_id: _a, instance: _b, ...first } = others.body as unknown as Record<string, unknown>;
    const { trace_id: _c, instance: _d, ...second } = none.body as unknown as Record<string, unknown>;
    expect(first).toEqual(second);
  });
});
