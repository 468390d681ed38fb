import { createHash, randomUUID } from 'node:crypto';
import { COMPLETE, NormaliserRig, type RigAgency } from './normaliser-rig.js';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const list = (...texts: string[]): string => texts.map((text) => `${digest(text)}\n`).join('');
const ago = (milliseconds: number): string => new Date(Date.now() - milliseconds).toISOString();

describe('what was taken back', () => {
  let rig: NormaliserRig;
  let agency: RigAgency;

  beforeAll(async () => {
    rig = await NormaliserRig.start();
    await rig.channel('everyone');
    await rig.channel('france', { countries: ['FR'] });
    await rig.platform('P-FR', 'FR');
    agency = await rig.agency('Agency A', 'NZ');
  }, 600_000);

  afterAll(() => rig.stop());

  const both = { ...COMPLETE, channels: ['everyone', 'france'] };
  const told = (id: string, states?: string[]) => rig.story(agency.officer, id, states);
  const advisoryOf = async (id: string, states?: string[]): Promise<string> =>
    ((await told(id, states)).advisories as { id: string }[])[0]?.id ?? '';
  const retract = async (advisory: string, parameters: object) =>
    told(
      await rig.submit(agency, '{}', parameters, {
        kind: 'retraction',
        format: 'tocsin-retraction',
        advisory_id: advisory,
      }),
    );
  const signals = (...texts: string[]) => texts.map((text) => ({ type: 'sha256', value: digest(text) }));
  const last = async (channel: string, text: string) => (await rig.rowsOf(channel, digest(text))).at(-1);

  test('in part is said by no reading that was received before, and by every later one', async () => {
    await told(await rig.submit(agency, list('strict'), { ...both, tlp: 'amber' }));
    const document = list('wrong', 'narrowed', 'stays', 'strict');
    const id = await rig.submit(agency, document, both, { received_at: ago(120_000) });
    const advisory = await advisoryOf(id, ['held']);
    await retract(advisory, { reason: 'wrong-person', signals: signals('wrong') });
    await retract(advisory, { reason: 'no-longer-needed', signals: signals('narrowed'), channels: ['everyone'] });
    const [hold] = (await told(id)).holds as { id: string }[];
    await rig.normaliser.request('POST', `/internal/holds/${hold?.id}/release`, {
      principal: agency.approver,
      json: { reason: 'agreed' },
    });
    const again = await told(id, ['settled']);
    expect(again.counts).toMatchObject({ read: 4, asserted: 3, rejected: 1 });
    expect(again.rejected).toEqual([expect.objectContaining({ position: 1, code: 'TOC_ITEM_REVOKED' })]);
    const expectTaken = async (): Promise<void> => {
      expect(await last('everyone', 'wrong')).toMatchObject({ type: 'withdrawal', restore: true });
      expect(await last('everyone', 'narrowed')).toMatchObject({ type: 'withdrawal', reason: 'narrowed' });
      expect(await last('france', 'narrowed')).toMatchObject({ type: 'row' });
      expect(await last('everyone', 'stays')).toMatchObject({ type: 'row', generation: 1 });
    };
    await expectTaken();
    const revise = (received_at: string) =>
      rig.submit(agency, document, both, { kind: 'revision', advisory_id: advisory, received_at });
    expect((await told(await revise(ago(60_000)))).counts).toMatchObject({ read: 4, asserted: 3, rejected: 1 });
    await expectTaken();
    expect((await told(await revise(ago(0)))).counts).toMatchObject({ read: 4, asserted: 4, rejected: 0 });
    expect(await last('everyone', 'wrong')).toMatchObject({ type: 'row', generation: 2 });
    expect(await last('everyone', 'narrowed')).toMatchObject({ type: 'row', generation: 2 });
  });

  test('off a channel leaves it for signals and bulletin, whatever is read again', async () => {
    const bulletin = { title: 'narrowed' };
    const id = await rig.submit(agency, list('all off'), { ...both, bulletin }, { received_at: ago(120_000) });
    const advisory = await advisoryOf(id);
    await retract(advisory, { reason: 'no-longer-needed', channels: ['everyone'] });
    const revision = { kind: 'revision' as const, advisory_id: advisory, received_at: ago(60_000) };
    await told(await rig.submit(agency, list('all off', 'and more'), { ...both, bulletin }, revision), ['settled']);
    expect(await last('everyone', 'all off')).toMatchObject({ type: 'withdrawal', reason: 'narrowed' });
    expect(await last('everyone', 'and more')).toBeUndefined();
    expect(await last('france', 'and more')).toMatchObject({ type: 'row' });
    const live = async (channel: string) => {
      const said = await rig.records(channel);
      const about = said.find(({ bulletin: words }) => (words as { title?: string } | undefined)?.title === 'narrowed');
      return said.filter(({ row_id }) => row_id === about?.row_id).at(-1)?.type;
    };
    expect([await live('everyone'), await live('france')]).toEqual(['withdrawal', 'row']);
  });

  test('as a whole waits for no document that a stop holds', async () => {
    const lines = Array.from({ length: 20_000 }, (_, line) => `stopped ${line}`);
    const id = await rig.submit(agency, list(...lines), both, { received_at: ago(60_000) });
    const advisory = await advisoryOf(id, ['working']);
    await stop();
    expect(await retract(advisory, { reason: 'issued-in-error' })).toMatchObject({ state: 'settled' });
    expect(await told(id, ['working'])).toMatchObject({ state: 'working' });
    await rig.database.query('UPDATE directory.stop SET lifted_at = now()');
    const { counts } = await told(id, ['settled']);
    expect(counts).toMatchObject({ read: 20_000 });
    expect(counts.rejected).toBeGreaterThan(0);
    const [left] = await rig.database.query<object[]>(
      'SELECT count(*)::integer AS said FROM normaliser.assertion WHERE advisory_id = $1',
      [advisory],
    );
    expect(left).toEqual({ said: 0 });
  });

  test('by its producer before it came is not asserted', async () => {
    const common = { spec_version: '2.1', created: '2026-01-01T00:00:00.000Z' };
    const indicator = {
      ...common,
      type: 'indicator',
      id: `indicator--${randomUUID()}`,
      modified: '2026-01-01T00:00:00.000Z',
      pattern_type: 'stix',
      pattern: `[file:hashes.'SHA-256' = '${digest('early')}']`,
      valid_from: '2026-01-01T00:00:00.000Z',
    };
    const report = {
      ...common,
      type: 'report',
      id: `report--${randomUUID()}`,
      name: 'a report',
      published: '2026-01-01T00:00:00.000Z',
      modified: '2026-01-01T00:00:00.000Z',
      object_refs: [indicator.id],
    };
    const bundle = (...objects: object[]): Promise<string> =>
      rig.submit(
        agency,
        JSON.stringify({ type: 'bundle', id: `bundle--${randomUUID()}`, objects }),
        { ...COMPLETE, channels: ['everyone'] },
        { format: 'stix21' },
      );
    await told(await bundle({ ...report, modified: '2026-02-01T00:00:00.000Z', revoked: true }), ['settled']);
    const late = await told(await bundle(indicator, report));
    expect(late.counts).toMatchObject({ asserted: 0 });
    expect(late.rejected).toEqual([expect.objectContaining({ code: 'TOC_ITEM_REVOKED' })]);
    expect(await last('everyone', 'early')).toBeUndefined();
  });

  const stop = async (): Promise<void> => {
    const [id, personId] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];
    await rig.database.query(
      `INSERT INTO directory.person (id, organisation_id, name, roles) VALUES ($1, $2, 'operator', '{operator}')`,
      [personId, agency.id],
    );
    await rig.database.query(
      `INSERT INTO directory.proposal (id, action, subject, reason, proposed_by) VALUES ($1, 'stop', '{}', 'x', $2)`,
      [id, personId],
    );
    await rig.database.query(`INSERT INTO directory.stop (id, scope, subject) VALUES ($1, 'agency', $2)`, [
      id,
      agency.id,
    ]);
  };
});
