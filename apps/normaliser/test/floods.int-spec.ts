import { createHash, randomUUID } from 'node:crypto';
import { COMPLETE, NormaliserRig, type RigAgency } from './normaliser-rig.js';

const list = (name: string, lines: number): string =>
  Array.from({ length: lines }, (_one, at) => createHash('sha256').update(`${name} ${at}`).digest('hex')).join('\n');

/** One indicator with all these hashes in its pattern. */
const stix = (hashes: readonly string[]): string =>
  JSON.stringify({
    type: 'bundle',
    id: `bundle--${randomUUID()}`,
    objects: [
      {
        ...{ type: 'indicator', spec_version: '2.1', id: `indicator--${randomUUID()}`, pattern_type: 'stix' },
        ...{ created: '2026-01-01T00:00:00Z', modified: '2026-01-01T00:00:00Z', valid_from: '2026-01-01T00:00:00Z' },
        pattern: `[${hashes.map((hash) => `file:hashes.'SHA-256' = '${hash}'`).join(' OR ')}]`,
      },
    ],
  });

describe('floods', () => {
  let rig: NormaliserRig;

  beforeAll(async () => {
    rig = await NormaliserRig.start();
    await rig.channel('everyone');
    await rig.platform('P-FR', 'FR');
  }, 600_000);

  afterAll(() => rig.stop());

  async function agencyAllowed(signals: number): Promise<RigAgency> {
    const agency = await rig.agency(`Agency ${randomUUID()}`, 'NZ');
    await rig.database.query('UPDATE directory.organisation SET signals_a_day = $2 WHERE id = $1', [
      agency.id,
      signals,
    ]);
    return agency;
  }
  const submit = async (agency: RigAgency, document: string, said: object = COMPLETE, format = 'value-list') =>
    rig.story(agency.officer, await rig.submit(agency, document, said, { format }), ['settled', 'held']);
  const decide = (principal: RigAgency['officer'], hold: unknown): Promise<unknown> =>
    rig.normaliser.request('POST', `/internal/holds/${(hold as { id: string }).id}/release`, {
      principal,
      json: { reason: 'the yearly export' },
    });

  test('what goes beyond an agency’s day waits, and goes on when a second person says so', async () => {
    const agency = await agencyAllowed(10);
    expect((await submit(agency, list('a', 8))).counts).toMatchObject({ asserted: 8 });
    const story = await submit(agency, list('b', 5));
    expect(story).toMatchObject({ state: 'held', counts: { asserted: 0, held: 5 } });
    const [hold] = story.holds as object[];
    expect(hold).toMatchObject({ reason: 'flood', releasable: true, detail: { allowed_a_day: 10, items: 5 } });
    await expect(decide(agency.officer, hold)).rejects.toMatchObject({ family: 'rejection' });
    await decide(agency.approver, hold);
    expect((await rig.story(agency.officer, String(story.id), ['settled'])).counts).toMatchObject({ asserted: 5 });
    // Another agency is not slower for that.
    expect((await submit(await agencyAllowed(10), list('c', 9))).counts).toMatchObject({ asserted: 9 });
  });

  test('a list that is longer by itself waits, and one of what was said before does not', async () => {
    const agency = await agencyAllowed(20);
    expect((await submit(agency, list('d', 21))).state).toBe('held');
    await submit(agency, list('e', 15));
    await rig.database.query(`UPDATE normaliser.job SET received_at = now() - interval '2 days' WHERE agency_id = $1`, [
      agency.id,
    ]);
    expect((await submit(agency, list('f', 18))).counts).toMatchObject({ asserted: 18 });
  });

  /** Submissions of days ago, by what they asserted. @returns their ids */
  async function saidBefore(agency: RigAgency, days: readonly (readonly [daysAgo: number, signals: number])[]) {
    const ids = days.map(() => randomUUID());
    await rig.database.query(
      `INSERT INTO normaliser.job (submission_id, kind, agency_id, person_id, format, bytes, bytes_left, lane, received_at, state, counts, signals)
       SELECT id, 'advisory', $1, $2, 'value-list', 1, 0, 1, now() - days * interval '1 day', 'settled', '{}', signals
         FROM unnest($3::uuid[], $4::integer[], $5::integer[]) AS j (id, days, signals)`,
      [agency.id, agency.officer.personId, ids, days.map(([ago]) => ago), days.map(([, signals]) => signals)],
    );
    return ids;
  }

  test('a habit of four weeks allows five times its third-busiest day', async () => {
    const agency = await agencyAllowed(10);
    // Each of two days could be whoever has the key; forty days ago is no habit.
    await saidBefore(agency, [
      [1, 500],
      [2, 900],
      [3, 7],
      [3, 5],
      [4, 11],
      [40, 900],
    ]);
    expect((await submit(agency, list('g', 60))).counts).toMatchObject({ asserted: 60 });
    expect((await submit(agency, list('h', 1))).holds).toEqual([
      expect.objectContaining({ reason: 'flood', detail: { allowed_a_day: 60, items: 1 } }),
    ]);
  });

  test('what was a flood and let go is no habit', async () => {
    const agency = await agencyAllowed(10);
    const [, flood] = await saidBefore(agency, [
      [2, 5],
      [3, 50],
      [4, 6],
      [5, 7],
    ]);
    await rig.database.query(
      `INSERT INTO normaliser.hold (id, submission_id, agency_id, submitted_by, completed_by, scope, reason, rule, rule_version, state, decided_by, decided_at)
       VALUES (gen_random_uuid(), $1, $2, $3, '{}', 'submission', 'flood', 'flood', 1, 'released', $4, now())`,
      [flood, agency.id, agency.officer.personId, agency.approver.personId],
    );
    expect((await submit(agency, list('i', 26))).holds).toEqual([
      expect.objectContaining({ reason: 'flood', detail: { allowed_a_day: 25, items: 26 } }),
    ]);
  });

  test('counts signals: one item can have many', async () => {
    const agency = await agencyAllowed(10);
    const hashes = list('j', 11).split('\n');
    const story = await submit(agency, stix(hashes), COMPLETE, 'stix21');
    expect(story).toMatchObject({ state: 'held', counts: { held: 1 } });
    expect(story.holds).toEqual([expect.objectContaining({ reason: 'flood' })]);
  });

  test('a flood that was let go takes nothing of what is allowed', async () => {
    const agency = await agencyAllowed(10);
    const story = await submit(agency, list('k', 30));
    await decide(agency.approver, (story.holds as object[])[0]);
    expect((await rig.story(agency.officer, String(story.id), ['settled'])).counts).toMatchObject({ asserted: 30 });
    expect((await submit(agency, list('l', 9))).counts).toMatchObject({ asserted: 9 });
  });
});
