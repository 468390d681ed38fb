import { createHash } from 'node:crypto';
import { COMPLETE, NormaliserRig, type RigAgency } from './normaliser-rig.js';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('ceilings that go too far', () => {
  let rig: NormaliserRig;
  let agency: RigAgency;

  beforeAll(async () => {
    rig = await NormaliserRig.start();
    await rig.channel('everyone');
    await rig.platform('P-FR', 'FR');
    agency = await rig.agency('Agency A', 'NZ');
  }, 600_000);

  afterAll(() => rig.stop());

  const published = async (text: string) => (await rig.rowsOf('everyone', digest(text)))[0];
  const rule = { rule: 'context-ceiling', rule_version: 1 };

  test('are lowered for publication and preview alike, and told with the rule', async () => {
    const document = `${digest('reported')}\n${digest('and more')}\n`;
    const said = { ...COMPLETE, context: 'news-reporting', ceiling: 'block', ceiling_by_country: { FR: 'limit' } };
    const story = await rig.story(agency.officer, await rig.submit(agency, document, said));
    const lowered = [
      { ...rule, from: 'block', to: 'review', rows: 2 },
      { ...rule, from: 'limit', to: 'review', country: 'FR', rows: 2 },
    ];
    expect(story).toMatchObject({ state: 'settled', counts: { asserted: 2, rejected: 0 }, ceilings_lowered: lowered });
    expect(await published('reported')).toMatchObject({ ceiling: 'review', ceiling_by_country: { FR: 'review' } });
    const preview = await rig.normaliser.request<object>('POST', '/internal/previews', {
      principal: agency.officer,
      query: { ...said, ceiling_by_country: '{"FR":"limit"}', harm: 'tvec', valid_for: '30', format: 'value-list' },
      body: Buffer.from(document),
      contentType: 'application/octet-stream',
    });
    expect(preview).toMatchObject({ ceilings_lowered: lowered });
  });

  test('stay where the context allows them', async () => {
    const said = { ...COMPLETE, context: 'entity-produced', ceiling: 'block' };
    const story = await rig.story(agency.officer, await rig.submit(agency, `${digest('made by it')}\n`, said));
    expect(story.ceilings_lowered).toEqual([]);
    expect(await published('made by it')).toMatchObject({ ceiling: 'block' });
  });

  test('of abuse material follow its verification, and of a bulletin its context', async () => {
    const { context: _context, ...words } = COMPLETE as Record<string, unknown>;
    const csea = { ...words, harm: ['csea'], csea_class: 'A1', csea_verification: 'verified-once' };
    const story = await rig.story(
      agency.officer,
      await rig.submit(agency, `${digest('verified once')}\n`, { ...csea, ceiling: 'block' }),
    );
    expect(story.ceilings_lowered).toEqual([
      { rule: 'csea-ceiling', rule_version: 1, from: 'block', to: 'limit', rows: 1 },
    ]);
    expect(await published('verified once')).toMatchObject({ ceiling: 'limit' });
    const bulletin = { ...COMPLETE, context: 'unknown', ceiling: 'limit', bulletin: { title: 'What we know' } };
    const told = await rig.story(agency.officer, await rig.submit(agency, `${digest('beside it')}\n`, bulletin));
    expect(told.ceilings_lowered).toEqual([{ ...rule, from: 'limit', to: 'review', rows: 2 }]);
  });
});
