import { createHash, randomUUID } from 'node:crypto';
import type { Principal } from '#libs/access';
import { COMPLETE, NormaliserRig, type RigAgency } from './normaliser-rig.js';

interface Shown {
  id: string;
  row_id: string;
  reason: string;
  said?: string;
  state: string;
  signal?: { value?: string };
  opened_at: string;
  due_at: string;
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('challenges', () => {
  let rig: NormaliserRig;
  let agency: RigAgency;
  let other: RigAgency;
  let operator: Principal;

  beforeAll(async () => {
    rig = await NormaliserRig.start();
    await rig.channel('everyone');
    agency = await rig.agency('Agency A', 'NZ');
    other = await rig.agency('Agency B', 'FR');
    operator = { ...agency.officer, organisationId: randomUUID(), organisationKind: 'operator', roles: ['operator'] };
    operator.personId = randomUUID();
  }, 600_000);

  afterAll(() => rig.stop());

  const assertAs = async (by: RigAgency, text: string): Promise<{ id: string }> => {
    const id = await rig.submit(by, `${digest(text)}\n`, { ...COMPLETE, ceiling: 'block' });
    const story = await rig.story(by.officer, id);
    expect(story).toMatchObject({ state: 'settled' });
    return (story.advisories as { id: string }[])[0] ?? { id: '' };
  };
  const assertRow = async (text: string): Promise<string> => {
    await assertAs(agency, text);
    return String((await rig.rowsOf('everyone', digest(text)))[0]?.row_id);
  };
  const last = async (text: string) => (await rig.rowsOf('everyone', digest(text))).at(-1);
  const challenge = (text: string, reason = 'documentation'): Promise<unknown> =>
    rig.forPlatforms.request('POST', '/internal/public-challenges', {
      json: {
        challenges: [
          {
            received_at: new Date().toISOString(),
            said: {
              signals: [
                { type: 'sha256', value: digest(text) },
                { type: 'url-sha256', value: digest(text) },
              ],
              ...{ role: 'archive', reason, sentence: 'It shows what happened.' },
            },
          },
        ],
      },
    });
  const list = async (principal = operator): Promise<Shown[]> =>
    (await rig.normaliser.request<{ challenges: Shown[] }>('GET', '/internal/challenges', { principal })).challenges;
  const decide = (principal: Principal, id = '', how: 'uphold' | 'dismissal' = 'uphold'): Promise<Shown> =>
    rig.normaliser.request('POST', `/internal/challenges/${id}/${how}`, {
      principal,
      json: { sentence: 'It is a record of a court.' },
    });

  test('of what is listed wait for somebody who does not assert it, and lower nothing until then', async () => {
    const rowId = await assertRow('court film');
    const answers = [await challenge('court film'), await challenge('not listed')];
    expect(answers).toEqual([undefined, undefined]);
    const [shown, ...more] = await list();
    expect(more).toEqual([]);
    expect(shown).toMatchObject({
      ...{ row_id: rowId, reason: 'documentation', role: 'archive', state: 'open', said: 'It shows what happened.' },
      signal: { value: digest('court film') },
    });
    expect(Date.parse(shown?.due_at ?? '') - Date.parse(shown?.opened_at ?? '')).toBe(24 * 3_600_000);
    expect(await last('court film')).toMatchObject({ version: 1, ceiling: 'block' });
    // A flood of the same is one case.
    for (let index = 0; index < 5; index += 1) await challenge('court film');
    expect(await list()).toHaveLength(1);
    // The agency that asserts it neither sees nor decides it; nor does an officer of another.
    expect(await list(agency.approver)).toEqual([]);
    expect(await list(other.officer)).toEqual([]);
    for (const principal of [agency.approver, other.officer])
      await expect(decide(principal, shown?.id)).rejects.toThrow(
        expect.objectContaining({ code: 'TOC_ACCESS_NOT_FOUND', detail: 'there is no such challenge' }),
      );
    await expect(decide(other.approver, randomUUID())).rejects.toThrow(
      expect.objectContaining({ code: 'TOC_ACCESS_NOT_FOUND', detail: 'there is no such challenge' }),
    );
    expect((await list(other.approver)).map(({ id }) => id)).toEqual([shown?.id]);

    expect(await decide(other.approver, shown?.id)).toMatchObject({ state: 'upheld' });
    expect(await last('court film')).toMatchObject({ version: 2, ceiling: 'review' });
    expect(await list()).toEqual([]);
    await expect(decide(operator, shown?.id)).rejects.toThrow(
      expect.objectContaining({ code: 'TOC_REQUEST_CONFLICT' }),
    );
    // It is a dispute like any other now, and what is lowered needs no other challenge.
    await challenge('court film', 'wrong-match');
    expect(await list()).toEqual([]);
    const { disputes } = await rig.normaliser.request<{ disputes: Shown[] }>('GET', '/internal/disputes', {
      principal: operator,
    });
    expect(disputes).toEqual([expect.objectContaining({ row_id: rowId, reason: 'documentation', state: 'open' })]);
    await rig.normaliser.request('POST', `/internal/disputes/${disputes[0]?.id}/dismissal`, {
      principal: operator,
      json: { sentence: 'The court has not shown it.' },
    });
    expect(await last('court film')).toMatchObject({ version: 3, ceiling: 'block' });
    const platform = await rig.platform('P', 'NO');
    expect(
      await rig.forPlatforms.request('GET', `/internal/feedback/${shown?.id}/dispute`, {
        principal: { ...operator, organisationId: platform, organisationKind: 'platform', roles: ['analyst'] },
      }),
    ).toEqual({ state: 'received' });
  });

  test('that are worth it lower a row whatever their reason, and join a dispute of platforms', async () => {
    const rowId = await assertRow('a song');
    const platform = await rig.platform('Q', 'NO');
    await rig.dispute(platform, 'everyone', rowId, 'wrong-match');
    const disputesOf = () =>
      rig.database.query<{ of_public_interest: boolean; voices: number }[]>(
        `SELECT of_public_interest, (SELECT count(*)::integer FROM normaliser.dispute_voice v WHERE v.dispute_id = d.id) AS voices
           FROM normaliser.dispute d WHERE row_id = $1`,
        [rowId],
      );
    for (const end = Date.now() + 15_000; (await disputesOf()).length === 0 && Date.now() < end;)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await last('a song')).toMatchObject({ version: 1, ceiling: 'block' });
    await challenge('a song', 'wrong-match');
    const [shown] = await list();
    await decide(operator, shown?.id);
    expect(await last('a song')).toMatchObject({ version: 2, ceiling: 'review' });
    expect(await disputesOf()).toEqual([{ of_public_interest: true, voices: 2 }]);
  });

  test('that are dismissed change nothing, and are not opened again about the same for a while', async () => {
    await assertRow('a call to arms');
    await challenge('a call to arms');
    const [shown] = await list();
    expect(await decide(other.approver, shown?.id, 'dismissal')).toMatchObject({ state: 'dismissed' });
    expect(await last('a call to arms')).toMatchObject({ version: 1, ceiling: 'block' });
    await challenge('a call to arms');
    expect(await list()).toEqual([]);
    await challenge('a call to arms', 'lawful-here');
    expect(await list()).toHaveLength(1);
    await rig.database.query(
      `UPDATE normaliser.challenge SET decided_at = decided_at - interval '31 days' WHERE id = $1`,
      [shown?.id],
    );
    await challenge('a call to arms');
    expect(await list()).toHaveLength(2);
  });

  test('do not tell an agency that took its word back that another says the same (I17)', async () => {
    const advisory = await assertAs(agency, 'said twice');
    const event = { kind: 'retraction' as const, format: 'tocsin-retraction', advisory_id: advisory.id };
    const retraction = await rig.submit(agency, '{}', { reason: 'superseded' }, event);
    expect(await rig.story(agency.officer, retraction)).toMatchObject({ state: 'settled' });
    await assertAs(other, 'said twice');
    await challenge('said twice');
    const [shown] = (await list()).filter(({ signal }) => signal?.value === digest('said twice'));
    expect(shown).toBeDefined();
    expect((await list(agency.approver)).map(({ id }) => id)).not.toContain(shown?.id);
    await expect(decide(agency.approver, shown?.id)).rejects.toThrow(
      expect.objectContaining({ code: 'TOC_ACCESS_NOT_FOUND', detail: 'there is no such challenge' }),
    );
    // Nor once it was upheld, and is a dispute.
    await decide(operator, shown?.id);
    const disputes = async (principal: Principal): Promise<string[]> =>
      (await rig.normaliser.request<{ disputes: Shown[] }>('GET', '/internal/disputes', { principal })).disputes.map(
        ({ row_id }) => row_id,
      );
    expect(await disputes(operator)).toContain(shown?.row_id);
    expect(await disputes(other.approver)).toContain(shown?.row_id);
    expect(await disputes(agency.approver)).not.toContain(shown?.row_id);
  });

  test('come from platform-api alone, and of what is not listed nothing is kept', async () => {
    await expect(
      rig.normaliser.request('POST', '/internal/public-challenges', { json: { challenges: [] } }),
    ).rejects.toThrow(expect.objectContaining({ code: 'TOC_PEER_UNAVAILABLE' }));
    await expect(rig.forPlatforms.request('POST', '/internal/public-challenges', { json: {} })).rejects.toThrow(
      expect.objectContaining({ code: 'TOC_REQUEST_MALFORMED' }),
    );
    const state = () =>
      rig.database.query(
        `SELECT (SELECT count(*) FROM normaliser.challenge) AS challenges, (SELECT count(*) FROM normaliser.audit) AS audit,
                (SELECT count(*) FROM normaliser.signal) AS signals`,
      );
    const before = await state();
    for (let index = 0; index < 20; index += 1) await challenge(`never listed ${index}`);
    expect(await state()).toEqual(before);
  });
});
