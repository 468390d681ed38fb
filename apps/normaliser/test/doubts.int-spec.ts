import { createHash } from 'node:crypto';
import { COMPLETE, NormaliserRig, type RigAgency } from './normaliser-rig.js';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const list = (texts: readonly string[]): string => texts.map((text) => `${digest(text)}\n`).join('');

interface Doubt {
  id: string;
  reason: string;
  overdue: boolean;
  signals_total: number;
  signals: { type: string; value?: string; masked?: string }[];
  advisories: string[];
}

describe('what another agency took back as an error', () => {
  let rig: NormaliserRig;
  let first: RigAgency;
  let owner: RigAgency;
  let third: RigAgency;

  beforeAll(async () => {
    rig = await NormaliserRig.start();
    await rig.channel('everyone');
    await rig.channel('france', { countries: ['FR'] });
    await rig.platform('P-FR', 'FR');
    first = await rig.agency('First', 'NZ');
    owner = await rig.agency('Owner', 'NO');
    third = await rig.agency('Third', 'FR');
  }, 600_000);

  afterAll(() => rig.stop());

  const blocking = { ...COMPLETE, channels: ['everyone'], ceiling: 'block' };
  const submit = async (by: RigAgency, texts: readonly string[], more: object = {}, event: object = {}) => {
    const id = await rig.submit(by, list(texts), { ...blocking, ...more }, event);
    const story = await rig.story(by.officer, id, ['settled', 'held']);
    expect(story.state).toBe('settled');
    return (story.advisories as { id: string }[])[0]?.id ?? '';
  };
  const retract = async (by: RigAgency, advisory: string, parameters: object) => {
    const event = { kind: 'retraction' as const, format: 'tocsin-retraction', advisory_id: advisory };
    return rig.story(by.officer, await rig.submit(by, '{}', parameters, event), ['settled']);
  };
  const doubtsOf = async (by: RigAgency): Promise<Doubt[]> =>
    (await rig.normaliser.request<{ doubts: Doubt[] }>('GET', '/internal/doubts', { principal: by.officer })).doubts;
  const decide = (principal: RigAgency['officer'], id: string, how: 'stand-by' | 'retraction') =>
    rig.normaliser.request('POST', `/internal/doubts/${id}/${how}`, { principal, json: { reason: 'looked at it' } });
  const last = async (channel: string, text: string) => (await rig.rowsOf(channel, digest(text))).at(-1);
  const until = async (test: () => Promise<boolean>): Promise<void> => {
    const end = Date.now() + 30_000;
    while (!(await test())) {
      if (Date.now() > end) throw new Error('it did not become true within 30 s');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  test('counts as review until a second person of its owner stands by it', async () => {
    const mistaken = await submit(first, ['both', 'alone']);
    const own = await submit(owner, ['both', 'beside'], { channels: ['everyone', 'france'] });
    expect(await last('everyone', 'both')).toMatchObject({ ceiling: 'block', assertions_total: 2 });
    const before = await last('everyone', 'both');
    await retract(first, mistaken, { reason: 'issued-in-error' });
    for (const channel of ['everyone', 'france']) {
      const lowered = await last(channel, 'both');
      expect(lowered).toMatchObject({ type: 'row', ceiling: 'review', assertions_total: 1 });
      expect(lowered?.assertions).toEqual([expect.objectContaining({ advisory_id: own, ceiling: 'review' })]);
      expect(Object.keys(lowered ?? {}).sort()).toEqual(Object.keys(before ?? {}).sort());
      expect(await last(channel, 'beside')).toMatchObject({ ceiling: 'block', version: 1 });
    }
    expect(await last('everyone', 'alone')).toMatchObject({ type: 'withdrawal', restore: true });
    const [doubt, ...others] = await doubtsOf(owner);
    expect(others).toEqual([]);
    expect(doubt).toMatchObject({ reason: 'issued-in-error', overdue: false, signals_total: 1, advisories: [own] });
    expect(doubt?.signals).toEqual([{ type: 'sha256', value: digest('both') }]);
    expect(JSON.stringify(doubt)).not.toContain(first.id);
    expect(JSON.stringify(doubt)).not.toContain(mistaken);
    const id = doubt?.id ?? '';
    expect([await doubtsOf(first), await doubtsOf(third)]).toEqual([[], []]);
    await expect(decide(third.approver, id, 'stand-by')).rejects.toMatchObject({ code: 'TOC_ACCESS_NOT_FOUND' });
    await expect(decide(third.officer, id, 'retraction')).rejects.toMatchObject({ code: 'TOC_ACCESS_NOT_FOUND' });
    const submitter = { ...owner.officer, roles: ['officer', 'approver'] } as typeof owner.officer;
    await expect(decide(submitter, id, 'stand-by')).rejects.toMatchObject({ code: 'TOC_ACCESS_SECOND_PERSON' });
    // What its owner says in the meantime is lowered too, also on a channel where it was not said before.
    await rig.channel('later');
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await submit(owner, ['both'], { channels: ['later'] });
    expect(await last('later', 'both')).toMatchObject({ ceiling: 'review', version: 1 });
    await rig.database.query(`UPDATE normaliser.doubt_case SET due_at = now() - interval '1 hour' WHERE id = $1`, [id]);
    expect(await doubtsOf(owner)).toEqual([expect.objectContaining({ id, overdue: true })]);
    expect(await last('everyone', 'both')).toMatchObject({ ceiling: 'review' });
    await decide(owner.approver, id, 'stand-by');
    await until(async () => (await last('later', 'both'))?.ceiling === 'block');
    for (const channel of ['everyone', 'france', 'later'])
      expect(await last(channel, 'both')).toMatchObject({ ceiling: 'block', generation: 1 });
    expect(await doubtsOf(owner)).toEqual([]);
    await expect(decide(owner.approver, id, 'stand-by')).rejects.toMatchObject({ code: 'TOC_REQUEST_CONFLICT' });
  });

  test('of abuse material counts as log, and is withdrawn when its owner takes it back too', async () => {
    const csea = { harm: ['csea'], csea_verification: 'verified-twice', csea_class: 'A1' };
    const mistaken = await submit(first, ['abuse'], csea);
    await submit(owner, ['abuse'], csea);
    await submit(third, ['abuse'], csea);
    await retract(first, mistaken, { reason: 'wrong-person' });
    expect(await last('everyone', 'abuse')).toMatchObject({ ceiling: 'log', assertions_total: 2 });
    const [doubt] = await doubtsOf(owner);
    await decide(owner.officer, doubt?.id ?? '', 'retraction');
    await until(async () => (await last('everyone', 'abuse'))?.assertions_total === 1);
    expect(await last('everyone', 'abuse')).toMatchObject({ ceiling: 'log' });
    // The third agency has the case that it had.
    const [theirs, ...more] = await doubtsOf(third);
    expect([theirs?.signals_total, more]).toEqual([1, []]);
    await decide(third.officer, theirs?.id ?? '', 'retraction');
    await until(async () => (await last('everyone', 'abuse'))?.type === 'withdrawal');
    expect(await last('everyone', 'abuse')).toMatchObject({ retraction_reason: 'wrong-person', restore: true });
  });

  test('leaves alone what is no error: other reasons, narrowings, and what a revision drops', async () => {
    const said = await submit(first, ['dropped', 'narrowed', 'needless', 'kept']);
    await submit(owner, ['dropped', 'narrowed', 'needless', 'kept']);
    const signals = (text: string) => [{ type: 'sha256', value: digest(text) }];
    await retract(first, said, { reason: 'no-longer-needed', signals: signals('needless') });
    await retract(first, said, { reason: 'issued-in-error', signals: signals('narrowed'), channels: ['everyone'] });
    await submit(first, ['kept'], {}, { kind: 'revision', advisory_id: said });
    for (const text of ['dropped', 'narrowed', 'needless']) {
      expect(await last('everyone', text)).toMatchObject({ ceiling: 'block', assertions_total: 1 });
    }
    expect(await doubtsOf(owner)).toEqual([]);
  });

  test('is one case however many signals, chunk by chunk, and a repeat changes nothing', async () => {
    const many = Array.from({ length: 450 }, (_one, at) => `many ${at}`);
    const said = await submit(first, many);
    await submit(owner, [...many.slice(0, 350), 'not theirs']);
    await retract(first, said, { reason: 'issued-in-error' });
    const rows = await rig.records('everyone');
    const [doubt, ...others] = await doubtsOf(owner);
    expect([doubt?.signals_total, others]).toEqual([350, []]);
    await retract(first, said, { reason: 'issued-in-error' });
    expect(await rig.records('everyone')).toHaveLength(rows.length);
    expect(await doubtsOf(owner)).toEqual([doubt]);
    await decide(owner.approver, doubt?.id ?? '', 'stand-by');
    await until(async () => (await rig.records('everyone')).length === rows.length + 350);
    const [left] = await rig.database.query<object[]>(
      'SELECT count(*)::integer AS doubts FROM normaliser.doubt WHERE case_id = $1',
      [doubt?.id],
    );
    expect(left).toEqual({ doubts: 0 });
    for (const text of ['many 0', 'many 349', 'not theirs'])
      expect(await last('everyone', text)).toMatchObject({ ceiling: 'block' });
    // Nothing of others was withdrawn.
    const [kept] = await rig.database.query<object[]>(
      `SELECT count(DISTINCT a.row_id)::integer AS rows FROM normaliser.assertion a
         JOIN normaliser.advisory v ON v.id = a.advisory_id JOIN normaliser.channel_row r USING (row_id)
         JOIN normaliser.signal g ON g.id = a.row_id
        WHERE v.agency_id = $1 AND r.channel_id = 'everyone' AND r.withdrawal IS NULL AND g.value = ANY($2)`,
      [owner.id, [...many, 'not theirs'].map(digest)],
    );
    expect(kept).toEqual({ rows: 351 });
  });
});
