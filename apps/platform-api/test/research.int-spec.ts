import { createHash, randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { Principal } from '#libs/access';
import { openDatabase } from '#libs/persistence';
import { ResearchPublisher } from '../src/publish-research/research-releases.js';
import { PlatformRig } from './platform-rig.js';

interface Release {
  quarter: string;
  advisories: Record<string, { counts: { word: string; advisories: number }[]; withheld: number }>;
  signals: { by_type: { counts: { word: string; signals: number }[]; withheld: number } };
  retractions: Record<string, { counts: { word: string; retractions: number }[]; withheld: number }>;
  disputes: { counts: { word: string; disputes: number }[]; withheld: number };
  restored?: object;
}

const OVERSEER: Principal = {
  ...{ personId: randomUUID(), organisationId: randomUUID(), organisationName: 'O', country: 'NL', keyId: 'k' },
  ...{ organisationKind: 'oversight', roles: ['overseer'] },
};
const QUARTER = '2026-Q2';
const DAY = (day: number): string => new Date(Date.UTC(2026, 3, day)).toISOString();

describe('research releases', () => {
  let rig: PlatformRig;
  let own: DataSource;
  const platforms: string[] = [];

  beforeAll(async () => {
    rig = await PlatformRig.start();
    own = await openDatabase({ url: rig.ownUrl, connections: 2, applicationName: 'research' }).initialize();
    for (let index = 0; index < 6; index += 1) platforms.push((await rig.platform([])).id);
  }, 600_000);

  afterAll(async () => {
    await own.destroy();
    await rig.stop();
  });

  const fact = (advisory: string, harm: string, country: string, type = 'sha256', at = DAY(10)): Promise<unknown> =>
    rig.database.query(
      `INSERT INTO normaliser.research_fact (at, advisory_id, country, harms, context, nature, signal_type, signals)
       VALUES ($1, $2, $3, $4, 'manifesto', 'referral', $5, 100)`,
      [at, advisory, country, [harm], type],
    );
  const advisory = async (created = DAY(10)): Promise<string> => {
    const id = randomUUID();
    await rig.database.query(
      'INSERT INTO normaliser.advisory (id, agency_id, submission_id, created_at) VALUES ($1, $2, $3, $4)',
      [id, randomUUID(), randomUUID(), created],
    );
    return id;
  };
  const answer = (platform: string, kind: string, row: string, said: object, at = DAY(20)): Promise<string> => {
    const id = randomUUID();
    return rig.database
      .query(
        `INSERT INTO platform_api.feedback (id, platform_id, person_id, kind, channel_id, row_id, said, received_at)
         VALUES ($1, $2, $3, $4, 'everyone', $5, $6, $7)`,
        [id, platform, randomUUID(), kind, row, said, at],
      )
      .then(() => id);
  };
  const publish = async (now: string): Promise<void> => {
    const publisher = new ResearchPublisher(own, () => new Date(now));
    while ((await publisher.step()) === 'again');
  };
  const read = async (): Promise<{ status: number; text: string; etag: string | null }> => {
    const response = await fetch(new URL(`/v1/research-releases/${QUARTER}`, rig.url));
    return { status: response.status, text: await response.text(), etag: response.headers.get('etag') };
  };
  const prove = () => rig.asConsole(OVERSEER, `/internal/research-releases/${QUARTER}/proof`);

  test('count a quarter a week after its end, for anybody, and never change', async () => {
    const [drill, channel] = [await rig.channel(), await rig.channel()];
    await rig.database.query('UPDATE directory.channel SET drill = true WHERE id = $1', [drill]);
    const advisories = await Promise.all(Array.from({ length: 8 }, () => advisory()));
    for (const [index, id] of advisories.entries()) {
      await fact(id, index < 6 ? 'tvec' : 'csea', index < 7 ? 'NL' : 'FR');
      await fact(id, 'other', 'NL', 'url');
    }
    // The same advisory again is the same advisory; what is of another quarter is of another quarter.
    await fact(advisories[0] ?? '', 'tvec', 'NL');
    await fact(randomUUID(), 'tvec', 'BE', 'md5', DAY(200));
    for (const [index, id] of advisories.entries())
      await rig.database.query(
        `INSERT INTO normaliser.word_end (retraction_id, advisory_id, agency_id, reason, channel_id, row_ids, began, ended, ended_at)
         VALUES ($1, $2, $3, 'issued-in-error', $4, $5, '{1}', '{2}', $6)`,
        [randomUUID(), id, randomUUID(), index < 7 ? channel : drill, [randomUUID()], DAY(12)],
      );
    const row = randomUUID();
    for (const [index, platform] of platforms.entries()) {
      await answer(platform, 'confirmation', row, { outcome: 'removed' });
      if (index < 5) await answer(platform, 'confirmation', row, { outcome: 'restored' }, DAY(21));
      else await answer(platform, 'confirmation', row, { outcome: 'restored' }, DAY(120));
    }
    // Of the last, too few platforms raised it.
    for (const [reason, many, voices] of [
      ['news', 5, platforms],
      ['documentation', 6, platforms],
      ['wrong-match', 1, platforms.slice(0, 4)],
    ] as const)
      for (let nth = 0; nth < many; nth += 1) {
        const id = randomUUID();
        await rig.database.query(
          `INSERT INTO normaliser.dispute (id, row_id, reason, of_public_interest, owners, state, opened_at, due_at, decided_by, decided_at, sentence)
           VALUES ($1, $2, $3, true, '{}', 'upheld', $4, $4, $2, $4, 'x')`,
          [id, row, reason, DAY(30)],
        );
        for (const platform of voices)
          await rig.database.query('INSERT INTO normaliser.dispute_voice VALUES ($1, $2, $3)', [
            await answer(platform, 'dispute', row, { reason }),
            id,
            platform,
          ]);
      }
    await publish('2026-07-07T23:00:00Z');
    expect((await read()).status).toBe(404);
    await publish('2026-07-08T00:00:00Z');
    const { status, text, etag } = await read();
    expect([status, etag]).toEqual([200, `"${createHash('sha256').update(text).digest('hex')}"`]);
    const release = JSON.parse(text) as Release;
    expect(release.quarter).toBe(QUARTER);
    expect(release.advisories.by_harm).toEqual({
      counts: [{ word: 'other', advisories: 8 }],
      // The two of csea, and with them the smallest other: a sum tells neither.
      withheld: 2,
    });
    expect(release.advisories.by_country).toEqual({ counts: [], withheld: 2 });
    expect(release.advisories.by_nature).toEqual({ counts: [{ word: 'referral', advisories: 8 }], withheld: 0 });
    expect(release.signals.by_type.counts).toEqual([
      { word: 'sha256', signals: 900 },
      { word: 'url', signals: 800 },
    ]);
    expect(release.retractions).toEqual({
      by_reason: { counts: [{ word: 'issued-in-error', retractions: 7 }], withheld: 0 },
      errors_by_age: { counts: [{ word: 'under-7-days', retractions: 7 }], withheld: 0 },
    });
    expect(release.disputes).toEqual({
      counts: [
        { word: 'documentation/upheld', disputes: 6 },
        { word: 'news/upheld', disputes: 5 },
      ],
      withheld: 0,
    });
    // One of six did not restore: how many did is not told.
    expect(release.restored).toEqual({ platforms: 6 });
    expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);

    expect((await prove()).body).toMatchObject({ quarter: QUARTER, same: true });
    await rig.database.query(`UPDATE directory.organisation SET corporate_group = 'one' WHERE id = ANY ($1)`, [
      platforms,
    ]);
    await answer(platforms[5] ?? '', 'confirmation', randomUUID(), { outcome: 'restored' }, DAY(180));
    await publish('2026-07-20T00:00:00Z');
    expect((await read()).text).toBe(text);
    expect((await prove()).body).toMatchObject({ same: true });
    const audits = await rig.database.query<object[]>(
      `SELECT actor, subject FROM platform_api.audit WHERE action = 'publish-research-release'`,
    );
    expect(audits).toEqual([{ actor: 'service:platform-api', subject: `research-release/${QUARTER}` }]);
  });

  test('are listed for anybody, and counted again for operators and overseers alone', async () => {
    const response = await fetch(new URL('/v1/research-releases', rig.url));
    const { releases } = (await response.json()) as { releases: { quarter: string }[] };
    expect(releases.map(({ quarter }) => quarter)).toEqual([QUARTER]);
    for (const quarter of ['2026-Q9', '2026-Q1', "x'"])
      expect((await fetch(new URL(`/v1/research-releases/${encodeURIComponent(quarter)}`, rig.url))).status).toBe(404);
    const refused = await rig.asConsole(
      { ...OVERSEER, organisationKind: 'platform', roles: ['admin'] },
      `/internal/research-releases/${QUARTER}/proof`,
    );
    expect(refused.status).toBe(403);
    // A fact that was not there changes what comes out.
    await fact(randomUUID(), 'other', 'NL');
    expect((await prove()).body).toMatchObject({ same: false });
  });
});
