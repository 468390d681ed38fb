import { createHash } from 'node:crypto';
import { COMPLETE, NormaliserRig, type RigAgency } from './normaliser-rig.js';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const list = (name: string, lines: number): string =>
  Array.from({ length: lines }, (_, line) => `${digest(`${name} ${line}`)}\n`).join('');

describe('what is urgent waits for one chunk', () => {
  let rig: NormaliserRig;
  let agency: RigAgency;
  beforeAll(async () => {
    rig = await NormaliserRig.start();
    await rig.channel('everyone');
    agency = await rig.agency('Agency', 'NZ');
  });
  afterAll(() => rig.stop());

  const chunksOf = async (id: string): Promise<{ read: number; asserted: number }[]> => {
    const rows = await rig.database.query<{ counts: { read: number; asserted: number } }[]>(
      'SELECT counts FROM normaliser.chunk WHERE submission_id = $1 ORDER BY seq',
      [id],
    );
    return rows.map(({ counts }) => counts);
  };

  test('a document that is slow to be read keeps nobody waiting, however many there are', async () => {
    let letThemCome = (): void => undefined;
    const coming = new Promise<void>((resolve) => (letThemCome = resolve));
    const hold = (id: string): void => void rig.heldBack.set(id, coming);
    const slow: string[] = [];
    for (const name of ['one', 'two', 'three', 'four'])
      slow.push(await rig.submit(agency, list(name, 300), COMPLETE, {}, hold));
    for (const id of slow.slice(0, 2)) while (!rig.asked.has(id)) await new Promise((next) => setTimeout(next, 20));
    const quick = await rig.submit(agency, list('quick', 5), COMPLETE);
    expect(await rig.story(agency.officer, quick, ['settled'])).toMatchObject({ counts: { asserted: 5 } });
    for (const id of slow) expect(await chunksOf(id)).toEqual([]);
    letThemCome();
    for (const id of slow) {
      expect(await rig.story(agency.officer, id, ['settled'])).toMatchObject({ counts: { asserted: 300 } });
    }
  });

  test('chunks become shorter when their items take long, down to what a transaction is worth', async () => {
    await rig.database.query(`
      CREATE FUNCTION normaliser.slowly() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.003); RETURN NULL; END $$;
      CREATE TRIGGER slowly AFTER INSERT OR UPDATE ON normaliser.channel_row FOR EACH ROW EXECUTE FUNCTION normaliser.slowly()`);
    // A format that nobody used yet, whose chunks are as long as they may be.
    const heavy = list('heavy', 400).replace(/(\w+)\n/g, '{"sha256":"$1"}\n');
    const id = await rig.submit(agency, heavy, COMPLETE, { format: 'ndjson-list' });
    const story = await rig.story(agency.officer, id, ['settled']);
    expect(story).toMatchObject({ counts: { read: 400, asserted: 400 } });
    const sizes = (await chunksOf(id)).map(({ read }) => read);
    expect(sizes[0]).toBe(100);
    expect(sizes.slice(2)).toContain(50);
    expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThanOrEqual(50);

    const [advisory] = story.advisories as { id: string }[];
    const retraction = await rig.submit(
      agency,
      '{}',
      { reason: 'no-longer-needed' },
      { kind: 'retraction', format: 'tocsin-retraction', advisory_id: advisory?.id },
    );
    await rig.story(agency.officer, retraction, ['settled']);
    const takenBack = (await chunksOf(retraction)).map(({ read }) => read);
    expect(takenBack[0]).toBe(100);
    expect(takenBack.slice(1, 4)).toEqual([50, 50, 50]);
    expect(takenBack.reduce((sum, read) => sum + read, 0)).toBe(400);
  });
});
