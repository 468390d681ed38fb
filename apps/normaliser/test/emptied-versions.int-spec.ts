import { createHash, randomUUID } from 'node:crypto';
import { COMPLETE, NormaliserRig, type RigAgency } from './normaliser-rig.js';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const MADE = '2026-01-01T00:00:00.000Z';
const LATER = '2026-02-01T00:00:00.000Z';

describe('a newer version of an indicator that says nothing usable', () => {
  let rig: NormaliserRig;
  let agency: RigAgency;

  beforeAll(async () => {
    rig = await NormaliserRig.start();
    await rig.channel('everyone');
    await rig.platform('P', 'FR');
    agency = await rig.agency('Agency A', 'NZ');
  }, 600_000);

  afterAll(() => rig.stop());

  const indicator = (text: string, more: object = {}) => ({
    type: 'indicator',
    spec_version: '2.1',
    id: `indicator--${randomUUID()}`,
    created: MADE,
    modified: MADE,
    pattern_type: 'stix',
    pattern: `[file:hashes.'SHA-256' = '${digest(text)}']`,
    valid_from: MADE,
    ...more,
  });
  const submit = async (...objects: object[]) => {
    const document = JSON.stringify({ type: 'bundle', id: `bundle--${randomUUID()}`, objects });
    const id = await rig.submit(agency, document, { ...COMPLETE, channels: ['everyone'] }, { format: 'stix21' });
    return rig.story(agency.officer, id);
  };
  const last = async (text: string) => (await rig.rowsOf('everyone', digest(text))).at(-1);

  const superseded = { type: 'withdrawal', reason: 'retracted', retraction_reason: 'superseded', restore: false };
  const inError = { type: 'withdrawal', reason: 'retracted', retraction_reason: 'issued-in-error', restore: true };
  test.each([
    ['is benign', { indicator_types: ['benign'] }, inError],
    ['speaks another pattern language', { pattern_type: 'snort', pattern: 'alert tcp any any' }, superseded],
    ['has a pattern that cannot be read', { pattern: '[file:name = ' }, superseded],
    ['has no pattern type', { pattern_type: undefined }, superseded],
    ['has a marking that is not known', { object_marking_refs: [`marking-definition--${randomUUID()}`] }, superseded],
    ['is over already', { valid_until: '2026-01-02T00:00:00.000Z' }, superseded],
  ])('takes back what the version before said: %s', async (name, more, withdrawn) => {
    const first = indicator(name);
    await submit(first);
    expect(await last(name)).toMatchObject({ type: 'row' });
    const newer = await submit({ ...first, modified: LATER, ...more });
    expect(newer.counts).toMatchObject({ asserted: 0 });
    for (const { detail } of newer.rejected as { detail: string }[])
      expect(detail).toContain('what the version before said is taken back');
    expect(await last(name)).toMatchObject(withdrawn);
    // What is older says nothing any more; what is newer still does.
    expect((await submit(first)).rejected).toEqual([expect.objectContaining({ code: 'TOC_ITEM_STALE' })]);
    await submit({ ...first, modified: '2026-03-01T00:00:00.000Z' });
    expect(await last(name)).toMatchObject({ type: 'row', generation: 2 });
  });

  test('in one document with the older one, in either order', async () => {
    const [before, after] = [indicator('before'), indicator('after')];
    const benign = { modified: LATER, indicator_types: ['benign'] };
    await submit({ ...before, ...benign }, before, after, { ...after, ...benign });
    expect(await last('before')).toBeUndefined();
    expect((await last('after'))?.type).not.toBe('row');
  });

  test('leaves what is said when it is older, the same version, or of another agency', async () => {
    const stays = indicator('stays', { modified: LATER });
    await submit(stays);
    const other = await rig.agency('Agency B', 'NZ');
    const benign = { ...stays, indicator_types: ['benign'] };
    await submit({ ...benign, modified: MADE }, benign);
    const document = JSON.stringify({ ...benign, modified: '2026-05-01T00:00:00.000Z' });
    const parameters = { ...COMPLETE, channels: ['everyone'] };
    await rig.story(other.officer, await rig.submit(other, document, parameters, { format: 'stix21' }));
    expect(await last('stays')).toMatchObject({ type: 'row', version: 1 });
  });
});
