import { createHash, randomUUID } from 'node:crypto';
import { COMPLETE, NormaliserRig, type RigAgency } from './normaliser-rig.js';

const list = (name: string, lines: number): string =>
  Array.from({ length: lines }, (_one, at) => createHash('sha256').update(`${name} ${at}`).digest('hex')).join('\n');

describe('floods', () => {
  let rig: NormaliserRig;

  beforeAll(async () => {
    rig = await NormaliserRig.start();
    await rig.channel('everyone');
    await rig.platform('P-FR', 'FR');
  }, 600_000);

  afterAll(() => rig.stop());

  async function agencyAllowed(items: number): Promise<RigAgency> {
    const agency = await rig.agency(`Agency ${randomUUID()}`, 'NZ');
    await rig.database.query('UPDATE directory.organisation SET items_a_day = $2 WHERE id = $1', [agency.id, items]);
    return agency;
  }
  const submit = async (agency: RigAgency, document: string, said: object = COMPLETE) =>
    rig.story(agency.officer, await rig.submit(agency, document, said), ['settled', 'held']);
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

  test('a habit of four weeks allows five times its busiest day', async () => {
    const agency = await agencyAllowed(10);
    await rig.database.query(
      `INSERT INTO normaliser.job (submission_id, kind, agency_id, person_id, format, bytes, bytes_left, lane, received_at, state, counts)
       SELECT gen_random_uuid(), 'advisory', $1, $2, 'value-list', 1, 0, 1, now() - days * interval '1 day', 'settled', counts
         FROM (VALUES (2, '{"asserted": 7}'::jsonb), (2, '{"asserted": 5}'::jsonb), (40, '{"asserted": 900}'::jsonb)) AS j (days, counts)`,
      [agency.id, agency.officer.personId],
    );
    expect((await submit(agency, list('g', 60))).counts).toMatchObject({ asserted: 60 });
    expect((await submit(agency, list('h', 1))).holds).toEqual([
      expect.objectContaining({ reason: 'flood', detail: { allowed_a_day: 60, items: 1 } }),
    ]);
  });

  test('what was a flood and let go is no habit', async () => {
    const agency = await agencyAllowed(10);
    const flood = randomUUID();
    await rig.database.query(
      `INSERT INTO normaliser.job (submission_id, kind, agency_id, person_id, format, bytes, bytes_left, lane, received_at, state, counts)
       SELECT id, 'advisory', $1, $2, 'value-list', 1, 0, 1, now() - days * interval '1 day', 'settled', counts
         FROM (VALUES (gen_random_uuid(), 2, '{"asserted": 5}'::jsonb), ($3::uuid, 3, '{"asserted": 50}'::jsonb)) AS j (id, days, counts)`,
      [agency.id, agency.officer.personId, flood],
    );
    await rig.database.query(
      `INSERT INTO normaliser.hold (id, submission_id, agency_id, submitted_by, completed_by, scope, reason, rule, rule_version, state, decided_by, decided_at)
       VALUES (gen_random_uuid(), $1, $2, $3, '{}', 'submission', 'flood', 'flood', 1, 'released', $4, now())`,
      [flood, agency.id, agency.officer.personId, agency.approver.personId],
    );
    expect((await submit(agency, list('i', 26))).holds).toEqual([
      expect.objectContaining({ reason: 'flood', detail: { allowed_a_day: 25, items: 26 } }),
    ]);
  });
});
