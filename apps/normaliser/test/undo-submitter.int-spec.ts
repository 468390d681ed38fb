import { createHash, randomUUID } from 'node:crypto';
import { COMPLETE, NormaliserRig, type RigAgency } from './normaliser-rig.js';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const list = (name: string, lines: number): string =>
  Array.from({ length: lines }, (_, at) => digest(`${name} ${at}`)).join('\n');
const NIGHT = { from: '2020-01-01T00:00:00Z', until: '2099-01-01T00:00:00Z' };

describe('undoing a submitter', () => {
  let rig: NormaliserRig;
  let agency: RigAgency;
  let other: RigAgency;

  beforeAll(async () => {
    rig = await NormaliserRig.start();
    await rig.channel('everyone');
    await rig.platform('P-FR', 'FR');
  }, 600_000);

  beforeEach(async () => {
    agency = await rig.agency(`Agency ${randomUUID()}`, 'NZ');
    other = await rig.agency(`Other ${randomUUID()}`, 'NO');
  });

  afterAll(() => rig.stop());

  const operator = () => ({ ...agency.officer, organisationKind: 'operator' as const, roles: ['operator' as const] });
  const submit = async (by: RigAgency, document: string, more: object = {}, states = ['settled', 'held']) =>
    rig.story(by.officer, await rig.submit(by, document, COMPLETE, more), states);
  const preview = (query: object): Promise<Record<string, unknown>> =>
    rig.forOperators.request('GET', '/internal/undoings/preview', {
      principal: operator(),
      query: { agency: agency.id, ...NIGHT, ...query },
    });
  const undo = (selection: object, proposal: string): Promise<{ submissions: number }> =>
    rig.forOperators.request('POST', '/internal/undoings', {
      principal: operator(),
      json: { selection: { agency: agency.id, ...NIGHT, ...selection }, proposal_id: proposal, reason: 'a lost key' },
    });
  const withdrawn = async (): Promise<Record<string, unknown>[]> =>
    (await rig.records('everyone')).filter(({ type }) => type === 'withdrawal');

  test('takes back what one key said, as of a submitter who was not one, and nothing of anybody else', async () => {
    const [lost, kept] = ['00000000000000aa', '00000000000000bb'];
    const bad = await submit(agency, list(agency.id, 250), { key_id: lost });
    await submit(agency, digest(`${agency.id} kept`), { key_id: kept });
    await submit(other, digest(`${agency.id} 0`));
    expect(await preview({ key: lost })).toEqual({
      ...{ submissions: 1, unsettled: 0, advisories: 1, assertions: 250 },
      channels: [{ channel: 'everyone', rows: 250 }],
    });
    const before = (await withdrawn()).length;
    const proposal = randomUUID();
    expect(await undo({ key: lost }, proposal)).toEqual({ submissions: 1 });
    expect(await undo({ key: lost }, proposal)).toEqual({ submissions: 1 });
    const story = await rig.story(agency.officer, String(bad.id), ['refused']);
    expect(story).toMatchObject({ problem: { code: 'TOC_SUBMISSION_UNDONE' } });
    const ended = (await withdrawn()).slice(before);
    // One row is somebody else's too, and stays on their word.
    expect(ended).toHaveLength(249);
    for (const record of ended)
      expect(record).toMatchObject({ retraction_reason: 'compromised-submitter', restore: true });
    expect((await rig.rowsOf('everyone', digest(`${agency.id} 0`))).at(-1)).toMatchObject({ assertions_total: 1 });
    expect((await rig.rowsOf('everyone', digest(`${agency.id} kept`))).at(-1)).toMatchObject({ assertions_total: 1 });
    expect(await preview({ key: lost })).toMatchObject({ submissions: 0, assertions: 0, channels: [] });
    expect(await preview({})).toMatchObject({ submissions: 1, assertions: 1 });
  });

  test('ends what still waits or works, of one window of time alone', async () => {
    const { contact_desk: _desk, ...incomplete } = COMPLETE as Record<string, unknown>;
    const waiting = await rig.story(
      agency.officer,
      await rig.submit(agency, digest(`${agency.id} waiting`), incomplete),
      ['held'],
    );
    const early = await submit(agency, digest(`${agency.id} early`));
    await rig.database.query(
      `UPDATE normaliser.job SET received_at = received_at - interval '3 days' WHERE submission_id = $1`,
      [early.id],
    );
    let letItCome = (): void => undefined;
    const coming = new Promise<void>((resolve) => (letItCome = resolve));
    const working = await rig.submit(agency, list(`${agency.id} working`, 300), COMPLETE, {}, (id) =>
      rig.heldBack.set(id, coming),
    );
    while (!rig.asked.has(working)) await new Promise((next) => setTimeout(next, 20));
    const from = new Date(Date.now() - 86_400_000).toISOString();
    expect(await preview({ from })).toMatchObject({ submissions: 2, unsettled: 2 });
    expect(await undo({ from }, randomUUID())).toEqual({ submissions: 2 });
    letItCome();
    for (const id of [String(waiting.id), working]) {
      const story = await rig.story(agency.officer, id, ['refused']);
      expect(story).toMatchObject({ problem: { code: 'TOC_SUBMISSION_UNDONE' } });
      for (const hold of story.holds as object[]) expect(hold).toMatchObject({ state: 'refused' });
    }
    expect(await rig.rowsOf('everyone', digest(`${agency.id} working 0`))).toEqual([]);
    expect((await rig.rowsOf('everyone', digest(`${agency.id} early`))).at(-1)).toMatchObject({ assertions_total: 1 });
  });

  test('is decided by operators, about a selection that can be read', async () => {
    for (const wrong of [{ agency: 'x' }, { key: 'x' }, { person: '1' }, { from: 'yesterday' }, { until: NIGHT.from }])
      await expect(undo(wrong, randomUUID())).rejects.toMatchObject({ code: 'TOC_REQUEST_PARAMETER' });
    const officers = { principal: agency.officer, query: { agency: agency.id, ...NIGHT } };
    await expect(rig.forOperators.request('GET', '/internal/undoings/preview', officers)).rejects.toMatchObject({
      code: 'TOC_ACCESS_FORBIDDEN',
    });
  });
});
