import { createHash } from 'node:crypto';
import { COMPLETE, NormaliserRig, type RigAgency } from './normaliser-rig.js';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const list = (...texts: string[]): string => texts.map((text) => `${digest(text)}\n`).join('');

type Told = Record<string, unknown> & { state: string; counts: Record<string, number> };

describe('an agency whose publishing is stopped', () => {
  let rig: NormaliserRig;
  let agency: RigAgency;
  beforeAll(async () => {
    rig = await NormaliserRig.start();
    await rig.channel('everyone');
    await rig.channel('france', { countries: ['FR'] });
    agency = await rig.agency('Agency', 'NZ');
  });
  afterAll(() => rig.stop());
  afterEach(() => lift());

  const stop = (scope: 'agency' | 'everything'): Promise<void> => rig.stopPublishing(agency, scope);
  const lift = (): Promise<unknown> => rig.database.query('UPDATE directory.stop SET lifted_at = now()');
  // With times of its own, the same words are the same words whenever they are received.
  const both = {
    ...COMPLETE,
    channels: ['everyone', 'france'],
    valid_for: undefined,
    valid_from: new Date().toISOString(),
    valid_until: new Date(Date.now() + 86_400_000).toISOString(),
  };
  const submit = (document: string, parameters: object = both): Promise<string> =>
    rig.submit(agency, document, parameters);
  const told = (id: string, states: string[]): Promise<Told> => rig.story(agency.officer, id, states);
  const published = async (name: string): Promise<string> => {
    const advisories = (await told(await submit(list(`${name} kept`, `${name} dropped`)), ['settled'])).advisories;
    return (advisories as { id: string }[])[0]?.id ?? '';
  };
  const revise = (advisory: string, document: string, parameters: object = both): Promise<string> =>
    rig.submit(agency, document, parameters, { kind: 'revision', advisory_id: advisory });
  const last = async (channel: string, text: string) => (await rig.rowsOf(channel, digest(text))).at(-1);

  test.each(['agency', 'everything'] as const)(
    'withdraws what a revision no longer says, withholds what it says anew, and goes on when it is lifted (%s)',
    async (scope) => {
      const advisory = await published(scope);
      await stop(scope);
      const id = await revise(advisory, list(`${scope} kept`, `${scope} added`, `${scope} kept`));
      const held = await told(id, ['held']);
      expect(held.counts).toMatchObject({ read: 3, asserted: 1, repeated: 1, held: 1 });
      expect(held.holds).toEqual([
        expect.objectContaining({ reason: 'publishing-stopped', releasable: false, detail: { items: 1 } }),
      ]);
      expect(await last('everyone', `${scope} dropped`)).toMatchObject({
        type: 'withdrawal',
        retraction_reason: 'superseded',
      });
      expect(await last('everyone', `${scope} kept`)).toMatchObject({ type: 'row', version: 1 });
      expect(await last('everyone', `${scope} added`)).toBeUndefined();
      const waiting = await submit(list(`${scope} waits`));
      await lift();
      expect((await told(id, ['settled'])).counts).toMatchObject({ read: 3, asserted: 2, repeated: 1, held: 0 });
      expect(await last('everyone', `${scope} added`)).toMatchObject({ type: 'row', version: 1 });
      expect(await last('everyone', `${scope} kept`)).toMatchObject({ type: 'row', version: 1 });
      await told(waiting, ['settled']);
    },
  );

  test('leaves channels that a revision no longer names, and changes no words', async () => {
    const advisory = await published('narrowed');
    await stop('agency');
    const words = { ...both, channels: ['france'], ceiling: 'block' };
    const id = await revise(advisory, list('narrowed kept', 'narrowed dropped'), words);
    expect((await told(id, ['held'])).counts).toMatchObject({ read: 2, asserted: 0, held: 2 });
    expect(await last('everyone', 'narrowed kept')).toMatchObject({ type: 'withdrawal', reason: 'narrowed' });
    expect(await last('france', 'narrowed kept')).toMatchObject({ type: 'row', ceiling: 'review', version: 1 });
    await lift();
    await told(id, ['settled']);
    expect(await last('france', 'narrowed kept')).toMatchObject({ type: 'row', ceiling: 'block', version: 2 });
    expect(await last('everyone', 'narrowed kept')).toMatchObject({ type: 'withdrawal' });
  });

  test('keeps the words of its bulletin until then', async () => {
    const bulletin = { title: 'before' };
    const first = await told(await submit(list('with words'), { ...both, bulletin }), ['settled']);
    const [advisory] = first.advisories as { id: string }[];
    await stop('agency');
    const id = await revise(advisory?.id ?? '', list('with words'), { ...both, bulletin: { title: 'after' } });
    await told(id, ['held']);
    const titles = async (): Promise<unknown[]> =>
      (await rig.records('everyone')).flatMap(
        ({ bulletin: said }) => (said as { title?: string } | undefined)?.title ?? [],
      );
    expect(await titles()).toEqual(['before']);
    await lift();
    await told(id, ['settled']);
    expect(await titles()).toEqual(['before', 'after']);
  });

  test('retracts', async () => {
    const advisory = await published('retracted');
    await stop('everything');
    const retraction = { kind: 'retraction' as const, format: 'tocsin-retraction', advisory_id: advisory };
    await told(await rig.submit(agency, '{}', { reason: 'issued-in-error' }, retraction), ['settled']);
    expect(await last('everyone', 'retracted kept')).toMatchObject({ type: 'withdrawal', restore: true });
    await lift();
  });
});
