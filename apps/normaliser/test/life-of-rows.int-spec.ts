import { createHash } from 'node:crypto';
import { COMPLETE, NormaliserRig, type RigAgency } from './normaliser-rig.js';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const list = (...texts: string[]): string => texts.map((text) => `${digest(text)}\n`).join('');

describe('the life of rows', () => {
  let rig: NormaliserRig;
  let agency: RigAgency;
  let other: RigAgency;

  // Another spec with a rig may have to end first.
  beforeAll(async () => {
    rig = await NormaliserRig.start();
    await rig.channel('everyone');
    await rig.channel('france', { countries: ['FR'] });
    await rig.platform('P-FR', 'FR');
    agency = await rig.agency('Agency A', 'NZ');
    other = await rig.agency('Agency B', 'FR');
  }, 600_000);

  afterAll(() => rig.stop());

  test('a list becomes rows, counts add up, a broken line costs itself', async () => {
    const id = await rig.submit(agency, `${list('a', 'b')}not a hash\n${list('a')}`, COMPLETE);
    const story = await rig.story(agency.officer, id);
    expect(story.state).toBe('settled');
    expect(story.counts).toMatchObject({ read: 4, asserted: 2, repeated: 1, rejected: 1 });
    expect(story.rejected).toEqual([expect.objectContaining({ position: 3 })]);
    const [row] = await rig.rowsOf('everyone', digest('a'));
    expect(row).toMatchObject({
      type: 'row',
      version: 1,
      generation: 1,
      ceiling: 'review',
      harms: ['tvec'],
      assertions_total: 1,
    });
  });

  test('two agencies merge on one row; one retraction leaves the other', async () => {
    const mine = await rig.submit(agency, list('merged'), { ...COMPLETE, ceiling: 'block' });
    await rig.story(agency.officer, mine);
    const theirs = await rig.submit(other, list('merged'), {
      ...COMPLETE,
      ceiling: 'limit',
      harm: ['tvec/recruitment'],
    });
    const story = await rig.story(other.officer, theirs);
    const [advisory] = story.advisories as { id: string }[];
    const retraction = await rig.submit(
      other,
      '{}',
      { reason: 'no-longer-needed' },
      { kind: 'retraction', format: 'tocsin-retraction', advisory_id: advisory?.id },
    );
    await rig.story(other.officer, retraction);
    const versions = await rig.rowsOf('everyone', digest('merged'));
    expect(versions.map(({ type, version, ceiling, harms }) => ({ type, version, ceiling, harms }))).toEqual([
      { type: 'row', version: 1, ceiling: 'block', harms: ['tvec'] },
      { type: 'row', version: 2, ceiling: 'limit', harms: ['tvec', 'tvec/recruitment'] },
      { type: 'row', version: 3, ceiling: 'block', harms: ['tvec'] },
    ]);
  });

  test('a retraction withdraws with its reason and asks to restore; asserted again is a new generation', async () => {
    const first = await rig.submit(agency, list('gone'), COMPLETE);
    const [advisory] = (await rig.story(agency.officer, first)).advisories as { id: string }[];
    const retraction = await rig.submit(
      agency,
      '{}',
      { reason: 'wrong-person' },
      { kind: 'retraction', format: 'tocsin-retraction', advisory_id: advisory?.id },
    );
    const story = await rig.story(agency.officer, retraction);
    expect(story.counts).toMatchObject({ read: 1, asserted: 1 });
    await rig.story(agency.officer, await rig.submit(agency, list('gone'), COMPLETE));
    const versions = await rig.rowsOf('everyone', digest('gone'));
    expect(versions).toEqual([
      expect.objectContaining({ type: 'row', version: 1, generation: 1 }),
      expect.objectContaining({
        type: 'withdrawal',
        version: 2,
        generation: 1,
        reason: 'retracted',
        retraction_reason: 'wrong-person',
        restore: true,
      }),
      expect.objectContaining({ type: 'row', version: 3, generation: 2 }),
    ]);
    expect(Object.keys(versions[1] ?? {})).not.toContain('signal');
  });

  test('a narrowing takes rows off one channel only', async () => {
    const first = await rig.submit(agency, list('narrow'), { ...COMPLETE, channels: ['everyone', 'france'] });
    const [advisory] = (await rig.story(agency.officer, first)).advisories as { id: string }[];
    const parameters = { reason: 'no-longer-needed', channels: ['everyone'] };
    await rig.story(
      agency.officer,
      await rig.submit(agency, '{}', parameters, {
        kind: 'retraction',
        format: 'tocsin-retraction',
        advisory_id: advisory?.id,
      }),
    );
    expect((await rig.rowsOf('everyone', digest('narrow'))).at(-1)).toMatchObject({
      type: 'withdrawal',
      reason: 'narrowed',
      restore: false,
    });
    expect((await rig.rowsOf('france', digest('narrow'))).at(-1)).toMatchObject({ type: 'row', version: 1 });
  });

  test('a revision states anew and sweeps what it no longer says', async () => {
    const first = await rig.submit(agency, list('kept', 'swept'), COMPLETE);
    const [advisory] = (await rig.story(agency.officer, first)).advisories as { id: string }[];
    const revision = await rig.submit(
      agency,
      list('kept', 'added'),
      { ...COMPLETE, ceiling: 'log' },
      { kind: 'revision', advisory_id: advisory?.id },
    );
    expect((await rig.story(agency.officer, revision)).counts).toMatchObject({ read: 2, asserted: 2 });
    expect((await rig.rowsOf('everyone', digest('kept'))).at(-1)).toMatchObject({
      type: 'row',
      version: 2,
      ceiling: 'log',
    });
    expect((await rig.rowsOf('everyone', digest('added'))).at(-1)).toMatchObject({ type: 'row', version: 1 });
    expect((await rig.rowsOf('everyone', digest('swept'))).at(-1)).toMatchObject({
      type: 'withdrawal',
      retraction_reason: 'superseded',
    });
  });

  test('a marking is lowered only by a second person of the owner (I6)', async () => {
    const first = await rig.submit(agency, list('secret'), { ...COMPLETE, tlp: 'amber' });
    const [advisory] = (await rig.story(agency.officer, first)).advisories as { id: string }[];
    const revision = await rig.submit(
      agency,
      list('secret'),
      { ...COMPLETE, tlp: 'clear' },
      { kind: 'revision', advisory_id: advisory?.id },
    );
    const story = await rig.story(agency.officer, revision);
    expect(story).toMatchObject({ state: 'held', counts: { read: 1, held: 1 } });
    const [hold] = story.holds as { id: string; reason: string }[];
    expect(hold?.reason).toBe('marking-lowered');
    const release = (principal: typeof agency.officer) =>
      rig.normaliser.request('POST', `/internal/holds/${hold?.id}/release`, { principal, json: { reason: 'agreed' } });
    await expect(release(agency.officer)).rejects.toMatchObject({ code: 'TOC_ACCESS_FORBIDDEN' });
    await expect(release(other.approver)).rejects.toMatchObject({ code: 'TOC_ACCESS_NOT_FOUND' });
    await release(agency.approver);
    expect((await rig.story(agency.officer, revision, ['settled'])).counts).toMatchObject({
      read: 1,
      asserted: 1,
      held: 0,
    });
    expect((await rig.rowsOf('everyone', digest('secret'))).at(-1)).toMatchObject({
      version: 2,
      marking: { tlp: 'clear' },
    });
  });

  test('what is missing holds the submission; completing it normalises again', async () => {
    const { harm: _harm, legal_basis: _basis, ...incomplete } = COMPLETE;
    const id = await rig.submit(agency, list('later'), incomplete);
    const story = await rig.story(agency.officer, id);
    expect(story).toMatchObject({ state: 'held', counts: { read: 1, held: 1 } });
    expect(story.holds).toEqual([
      expect.objectContaining({ reason: 'missing-fields', detail: { items: 1, missing: ['harm', 'legal_basis'] } }),
    ]);
    await rig.normaliser.request('POST', `/internal/submissions/${id}/completion`, {
      principal: agency.officer,
      json: { harm: ['tvec'], legal_basis: 'Example Act' },
    });
    expect((await rig.story(agency.officer, id, ['settled'])).counts).toMatchObject({ read: 1, asserted: 1, held: 0 });
  });

  const retract = (advisoryId: string | undefined, parameters: object): Promise<string> =>
    rig.submit(agency, '{}', parameters, { kind: 'retraction', format: 'tocsin-retraction', advisory_id: advisoryId });
  const advisoryOf = async (id: string): Promise<string | undefined> =>
    ((await rig.story(agency.officer, id)).advisories as { id: string }[])[0]?.id;

  test('a revision that adds a channel publishes there', async () => {
    const advisory = await advisoryOf(await rig.submit(agency, list('spread'), { ...COMPLETE, channels: ['france'] }));
    const parameters = { ...COMPLETE, channels: ['everyone', 'france'] };
    await rig.story(
      agency.officer,
      await rig.submit(agency, list('spread'), parameters, { kind: 'revision', advisory_id: advisory }),
    );
    expect((await rig.rowsOf('everyone', digest('spread'))).at(-1)).toMatchObject({
      type: 'row',
      version: 1,
      generation: 1,
    });
  });

  test('a reading that was received before a retraction does not undo it', async () => {
    const receivedBefore = new Date(Date.now() - 1000).toISOString();
    const advisory = await advisoryOf(
      await rig.submit(agency, list('undone'), COMPLETE, { received_at: receivedBefore }),
    );
    await rig.story(agency.officer, await retract(advisory, { reason: 'issued-in-error' }));
    const late = await rig.submit(agency, list('undone'), COMPLETE, {
      kind: 'revision',
      advisory_id: advisory,
      received_at: new Date(Date.now() - 60_000).toISOString(),
    });
    expect((await rig.story(agency.officer, late)).rejected).toEqual([
      expect.objectContaining({ code: 'TOC_ITEM_REVOKED' }),
    ]);
    expect((await rig.rowsOf('everyone', digest('undone'))).at(-1)).toMatchObject({
      type: 'withdrawal',
      restore: true,
    });
  });

  test('an older revision that comes late gives way to the newer one', async () => {
    const advisory = await advisoryOf(
      await rig.submit(agency, list('order'), COMPLETE, { received_at: new Date(Date.now() - 120_000).toISOString() }),
    );
    await rig.story(
      agency.officer,
      await rig.submit(
        agency,
        list('order'),
        { ...COMPLETE, ceiling: 'log' },
        { kind: 'revision', advisory_id: advisory },
      ),
    );
    const old = await rig.submit(
      agency,
      list('order'),
      { ...COMPLETE, ceiling: 'block' },
      { kind: 'revision', advisory_id: advisory, received_at: new Date(Date.now() - 60_000).toISOString() },
    );
    expect((await rig.story(agency.officer, old)).rejected).toEqual([
      expect.objectContaining({ code: 'TOC_ITEM_STALE' }),
    ]);
    expect((await rig.rowsOf('everyone', digest('order'))).at(-1)).toMatchObject({ type: 'row', ceiling: 'log' });
  });

  test('a revision whose every line is wrong takes nothing back', async () => {
    const advisory = await advisoryOf(await rig.submit(agency, list('stays'), COMPLETE));
    const story = await rig.story(
      agency.officer,
      await rig.submit(agency, 'no hash at all\n', COMPLETE, { kind: 'revision', advisory_id: advisory }),
    );
    expect(story).toMatchObject({ state: 'refused', problem: { code: 'TOC_SUBMISSION_EMPTY' } });
    expect((await rig.rowsOf('everyone', digest('stays'))).at(-1)).toMatchObject({ type: 'row', version: 1 });
  });

  test('one signal taken back while its list is still being read stays taken back', async () => {
    const texts = Array.from({ length: 3000 }, (_, line) => `running ${line}`);
    const id = await rig.submit(agency, list(...texts), COMPLETE);
    await rig.story(agency.officer, id, ['working']);
    const [advisory] = (await rig.story(agency.officer, id, ['working', 'settled'])).advisories as { id: string }[];
    const value = digest('running 2999');
    await rig.story(
      agency.officer,
      await retract(advisory?.id, { reason: 'wrong-person', signals: [{ type: 'sha256', value }] }),
      ['settled'],
    );
    await rig.story(agency.officer, id, ['settled']);
    // Withdrawn when it was read before, and never published when it is read after.
    const end = (await rig.rowsOf('everyone', value)).at(-1);
    expect(end?.type === 'withdrawal' ? end.retraction_reason : end).toBe(end && 'wrong-person');
    expect((await rig.story(agency.officer, id)).counts.read).toBe(3000);
  });

  test('a retraction of a signal that was never asserted says so', async () => {
    const advisory = await advisoryOf(await rig.submit(agency, list('asserted'), COMPLETE));
    const story = await rig.story(
      agency.officer,
      await retract(advisory, {
        reason: 'wrong-person',
        signals: [{ type: 'sha256', value: digest('never asserted') }],
      }),
    );
    expect(story.counts).toMatchObject({ read: 1, asserted: 0, rejected: 1 });
  });

  test('a completion that narrows takes back what went further before', async () => {
    await rig.database.query(
      `INSERT INTO directory.protected_list (id, title, version, judges, entries) VALUES ('news', 'News', 1, 'any-hit', '{news.example}')`,
    );
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const document = `${list('further')}https://news.example/other\n`;
    const id = await rig.submit(agency, document, COMPLETE);
    expect(await rig.story(agency.officer, id)).toMatchObject({ state: 'held', counts: { asserted: 1, held: 1 } });
    await rig.normaliser.request('POST', `/internal/submissions/${id}/completion`, {
      principal: agency.officer,
      json: { channels: ['france'] },
    });
    await rig.story(agency.officer, id, ['held']);
    expect((await rig.rowsOf('everyone', digest('further'))).at(-1)).toMatchObject({
      type: 'withdrawal',
      reason: 'narrowed',
    });
    expect((await rig.rowsOf('france', digest('further'))).at(-1)).toMatchObject({ type: 'row', version: 1 });
  });

  test('expiry withdraws in its own words', async () => {
    const validUntil = Date.now() + 10_000;
    const id = await rig.submit(agency, list('short'), {
      ...COMPLETE,
      valid_for: undefined,
      valid_until: new Date(validUntil).toISOString(),
    });
    expect((await rig.story(agency.officer, id)).counts).toMatchObject({ asserted: 1 });
    let last: Record<string, unknown> | undefined;
    for (const end = Date.now() + 60_000; last?.type !== 'withdrawal' && Date.now() < end;) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      last = (await rig.rowsOf('everyone', digest('short'))).at(-1);
    }
    expect(last).toMatchObject({ type: 'withdrawal', reason: 'expired', restore: false });
    expect(Date.now()).toBeGreaterThanOrEqual(validUntil);
  });

  test('every transaction that changed state wrote exactly one audit row (I12)', async () => {
    const [row] = await rig.database.query<{ orphans: string }[]>(
      `WITH changed AS (
         SELECT xmin FROM normaliser.channel_row UNION ALL SELECT xmin FROM normaliser.assertion UNION ALL SELECT xmin FROM normaliser.chunk
         UNION ALL SELECT xmin FROM normaliser.hold UNION ALL SELECT xmin FROM normaliser.advisory UNION ALL SELECT xmin FROM normaliser.outbox)
       SELECT count(*) AS orphans FROM changed
        WHERE NOT EXISTS (SELECT FROM normaliser.audit a WHERE a.tx::text::bigint % 4294967296 = changed.xmin::text::bigint)`,
    );
    expect(Number(row?.orphans)).toBe(0);
  });
});
