import { createHash } from 'node:crypto';
import { COMPLETE, NormaliserRig, type RigAgency } from './normaliser-rig.js';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('research facts', () => {
  let rig: NormaliserRig;
  let agency: RigAgency;

  beforeAll(async () => {
    rig = await NormaliserRig.start();
    await rig.channel('everyone');
    await rig.channel('drills');
    await rig.database.query(`UPDATE directory.channel SET drill = true WHERE id = 'drills'`);
    agency = await rig.agency('Agency A', 'NZ');
  }, 600_000);

  afterAll(() => rig.stop());

  const facts = () =>
    rig.database.query<object[]>(
      `SELECT country, harms, context, nature, signal_type, sum(signals)::integer AS signals, count(DISTINCT advisory_id)::integer AS advisories
         FROM normaliser.research_fact GROUP BY 1, 2, 3, 4, 5 ORDER BY signal_type`,
    );
  const submit = async (text: string, more: object = {}): Promise<void> => {
    const id = await rig.submit(agency, text, { ...COMPLETE, ...more });
    expect(await rig.story(agency.officer, id)).toMatchObject({ state: 'settled' });
  };

  test('count what began to be asserted, once, without a value, and not in drills', async () => {
    const before = await facts();
    expect(before).toEqual([]);
    await submit(`${digest('one')}\n${digest('two')}\n${digest('two')}\n`, {
      harm: ['tvec/recruitment', 'tvec/otter'],
    });
    await submit(`${digest('two')}\n`);
    await submit(`${digest('exercise')}\n`, { drill: true, channels: ['drills'] });
    const [fact, ...more] = await facts();
    expect(more).toEqual([]);
    expect(fact).toMatchObject({ country: 'NZ', harms: ['tvec'], signal_type: 'sha256', signals: 3, advisories: 2 });
    const everything = JSON.stringify(await rig.database.query('SELECT * FROM normaliser.research_fact'));
    expect(everything).not.toMatch(/[0-9a-f]{64}/);
  });
});
