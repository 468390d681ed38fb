import { createHash, randomUUID } from 'node:crypto';
import type { Principal } from '#libs/access';
import { COMPLETE, NormaliserRig, type RigAgency } from './normaliser-rig.js';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const valuesOf = (name: string, lines: number): string[] =>
  Array.from({ length: lines }, (_, line) => digest(`${name} ${line + 1}`));

interface Letter {
  id: string;
  source: string;
  position: string;
  code: string;
  detail: string;
  bytes: number;
  replayed_at?: string;
}

describe('an item that cannot be worked on', () => {
  let rig: NormaliserRig;
  let agency: RigAgency;
  let operator: Principal;
  beforeAll(async () => {
    rig = await NormaliserRig.start();
    await rig.channel('everyone');
    agency = await rig.agency('Agency', 'NZ');
    const operators = {
      organisationId: randomUUID(),
      organisationKind: 'operator' as const,
      roles: ['operator' as const],
    };
    operator = { ...agency.officer, personId: randomUUID(), ...operators };
    await rig.database.query(`
      CREATE TABLE public.poison (value text PRIMARY KEY);
      CREATE FUNCTION public.refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF EXISTS (SELECT FROM public.poison p WHERE p.value = NEW.value) THEN RAISE EXCEPTION 'refused %', NEW.value; END IF;
          RETURN NEW;
        END $$;
      CREATE TRIGGER refuse_poison BEFORE INSERT ON normaliser.signal FOR EACH ROW EXECUTE FUNCTION public.refuse_poison()`);
  });
  afterAll(() => rig.stop());
  afterEach(() => rig.database.query('DELETE FROM public.poison'));

  const poison = (values: readonly (string | undefined)[]): Promise<unknown> =>
    rig.database.query('INSERT INTO public.poison SELECT unnest($1::text[])', [values]);
  const letters = async (id: string): Promise<Letter[]> => {
    const path = '/internal/dead-letters';
    const { dead_letters: all } = await rig.normaliser.request<{ dead_letters: Letter[] }>('GET', path, {
      principal: operator,
    });
    return all
      .filter(({ source }) => source === `submission/${id}`)
      .sort((a, b) => Number(a.position) - Number(b.position));
  };
  const replay = (id: string, principal = operator): Promise<Letter> =>
    rig.normaliser.request('POST', `/internal/dead-letters/${id}/replay`, { principal, json: {} });
  const published = async (value: string | undefined): Promise<number> =>
    (await rig.records('everyone')).filter(
      (record) => (record.signal as { value?: string } | undefined)?.value === value,
    ).length;

  test('becomes one dead letter; the others go on, sums are equal, and it is tried again when the cause is gone', async () => {
    const values = valuesOf('list', 250);
    // Two in the first chunk, one in the last.
    const places = [17, 80, 249];
    await poison(places.map((place) => values[place - 1]));
    const id = await rig.submit(agency, values.join('\n'), COMPLETE);
    const other = await rig.submit(agency, valuesOf('other', 120).join('\n'), COMPLETE);
    expect(await rig.story(agency.officer, other)).toMatchObject({
      state: 'settled',
      counts: { read: 120, asserted: 120 },
    });
    const counts = { read: 250, asserted: 247, dead_lettered: 3, rejected: 0, repeated: 0, held: 0, ignored: 0 };
    expect(await rig.story(agency.officer, id)).toMatchObject({ state: 'settled', counts });
    const [sums] = await rig.database.query<Record<string, number>[]>(
      `SELECT sum((counts->>'read')::int)::int AS read, sum((counts->>'asserted')::int)::int AS asserted,
              sum((counts->>'dead_lettered')::int)::int AS dead_lettered FROM normaliser.chunk WHERE submission_id = $1`,
      [id],
    );
    expect(sums).toEqual({ read: 250, asserted: 247, dead_lettered: 3 });
    const dead = await letters(id);
    expect(dead.map(({ position }) => Number(position))).toEqual(places);
    for (const letter of dead) {
      expect(letter).toMatchObject({ code: 'TOC_FAULT', detail: 'QueryFailedError P0001', bytes: 0 });
      expect(letter.replayed_at).toBeUndefined();
    }
    for (const [index, value] of values.entries()) if (index % 60 === 0) expect(await published(value)).toBe(1);

    const [first, second, third] = dead;
    await expect(replay(first?.id ?? '', agency.approver)).rejects.toMatchObject({ code: 'TOC_ACCESS_FORBIDDEN' });
    // The cause is still there.
    await expect(replay(first?.id ?? '')).rejects.toBeDefined();
    expect((await letters(id))[0]?.replayed_at).toBeUndefined();
    expect(await rig.story(agency.officer, id)).toMatchObject({ state: 'settled', counts });

    await rig.database.query('DELETE FROM public.poison');
    expect(await replay(first?.id ?? '')).toHaveProperty('replayed_at');
    expect(await published(values[16])).toBe(1);
    await expect(replay(first?.id ?? '')).rejects.toMatchObject({ code: 'TOC_REQUEST_CONFLICT' });
    await replay(third?.id ?? '');
    expect(await published(values[248])).toBe(1);
    const story = await rig.story(agency.officer, id);
    expect(story).toMatchObject({ state: 'settled', counts: { ...counts, asserted: 249, dead_lettered: 1 } });
    expect(story.advisories).toHaveLength(1);
    // What was destroyed is not tried again.
    rig.destroy(id);
    await expect(replay(second?.id ?? '')).rejects.toMatchObject({ code: 'TOC_SUBMISSION_PURGED' });
    expect(await published(values[79])).toBe(0);
  });

  test('is set aside when it is the only one', async () => {
    const [value] = valuesOf('alone', 1);
    await poison([value]);
    const id = await rig.submit(agency, String(value), COMPLETE);
    expect(await rig.story(agency.officer, id)).toMatchObject({
      state: 'settled',
      counts: { read: 1, dead_lettered: 1 },
    });
    await rig.database.query('DELETE FROM public.poison');
    // A stop holds back this way of stating something too.
    await rig.stopPublishing(agency);
    await expect(replay((await letters(id))[0]?.id ?? '')).rejects.toMatchObject({ code: 'TOC_REQUEST_CONFLICT' });
    await rig.database.query('UPDATE directory.stop SET lifted_at = now()');
    await replay((await letters(id))[0]?.id ?? '');
    expect(await rig.story(agency.officer, id)).toMatchObject({ counts: { read: 1, asserted: 1, dead_lettered: 0 } });
  });

  test('is tried with the others when the submission is read again', async () => {
    const values = valuesOf('held', 2);
    await poison([values[0]]);
    // A public suffix waits for a person, so that the submission can be completed.
    const lines = [{ type: 'domain', value: 'co.uk' }, ...values.map((value) => ({ type: 'sha256', value }))];
    const document = lines.map((line) => JSON.stringify(line)).join('\n');
    const id = await rig.submit(agency, document, COMPLETE, { format: 'ndjson-list' });
    const counts = { read: 3, held: 1, asserted: 1, dead_lettered: 1 };
    expect(await rig.story(agency.officer, id)).toMatchObject({ state: 'held', counts });
    await rig.database.query('DELETE FROM public.poison');
    await rig.normaliser.request('POST', `/internal/submissions/${id}/completion`, {
      principal: agency.officer,
      json: { legal_basis: 'Example Act 2019, section 5' },
    });
    expect(await rig.story(agency.officer, id, ['held'])).toMatchObject({
      counts: { ...counts, asserted: 2, dead_lettered: 0 },
    });
    const [letter] = await letters(id);
    expect(letter).toHaveProperty('replayed_at');
    await expect(replay(letter?.id ?? '')).rejects.toMatchObject({ code: 'TOC_REQUEST_CONFLICT' });
  });

  test('is none when nothing works: then the submission fails as a whole, and goes on when that is mended', async () => {
    const values = valuesOf('all', 30);
    await poison(values);
    const id = await rig.submit(agency, values.join('\n'), COMPLETE);
    expect(await rig.story(agency.officer, id, ['failed'])).toMatchObject({ counts: { read: 0 } });
    const [letter, ...more] = await letters(id);
    expect([letter?.position, more.length]).toEqual(['document', 0]);
    await rig.database.query('DELETE FROM public.poison');
    await replay(letter?.id ?? '');
    expect(await rig.story(agency.officer, id, ['settled'])).toMatchObject({ counts: { read: 30, asserted: 30 } });
  });
});
