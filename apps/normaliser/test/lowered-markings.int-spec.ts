import { createHash, randomUUID } from 'node:crypto';
import type { DataSource, QueryRunner } from 'typeorm';
import type { Principal } from '#libs/access';
import { completeStatement, type Tlp } from '#libs/domain';
import { draftOfParameters, readSubmissionParameters } from '#libs/events';
import { DirectoryReader, type DirectorySnapshot } from '../src/read-directory/directory-snapshot.js';
import { openAdvisory } from '../src/write-rows/advisory-store.js';
import { AssertionWriter, type AssertionEnd } from '../src/write-rows/assertion-writer.js';
import { RowWriter } from '../src/write-rows/row-writer.js';
import { storeStatement } from '../src/write-rows/statement-store.js';
import { COMPLETE, NormaliserRig, type RigAgency } from './normaliser-rig.js';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const list = (...texts: string[]): string => texts.map((text) => `${digest(text)}\n`).join('');
const AMBER = { ...COMPLETE, tlp: 'amber', channels: ['closed'] };
const CLEAR = { ...COMPLETE, tlp: 'clear', channels: ['everyone'] };

const AMBER_ID = 'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421';
const CLEAR_ID = 'marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487';
const STIX = { format: 'stix21' };

/** An indicator of one digest, under an id of its own. */
function indicator(text: string, markings: string[] = []): object {
  return {
    type: 'indicator',
    spec_version: '2.1',
    id: `indicator--${randomUUID()}`,
    created: '2026-01-01T00:00:00.000Z',
    modified: '2026-01-01T00:00:00.000Z',
    pattern_type: 'stix',
    pattern: `[file:hashes.'SHA-256' = '${digest(text)}']`,
    valid_from: '2026-01-01T00:00:00.000Z',
    ...(markings.length > 0 && { object_marking_refs: markings }),
  };
}

const bundle = (...objects: object[]): string =>
  JSON.stringify({ type: 'bundle', id: `bundle--${randomUUID()}`, objects });

type Told = Record<string, unknown> & { state: string; counts: Record<string, number> };

describe('a marking is lowered only by its owner plus a second person (I6)', () => {
  let rig: NormaliserRig;
  let agency: RigAgency;
  let other: RigAgency;

  beforeAll(async () => {
    rig = await NormaliserRig.start();
    await rig.channel('everyone', {}, 'ordinary', 'clear');
    await rig.channel('closed');
    agency = await rig.agency('Agency A', 'NZ');
    other = await rig.agency('Agency B', 'FR');
  });

  afterAll(() => rig.stop());

  const submit = async (who: RigAgency, document: string, parameters: object, more: object = {}): Promise<Told> =>
    rig.story(who.officer, await rig.submit(who, document, parameters, more));
  const revision = (advisory: string | undefined): object => ({ kind: 'revision', advisory_id: advisory });
  const retraction = (advisory: string | undefined): object => ({
    kind: 'retraction',
    format: 'tocsin-retraction',
    advisory_id: advisory,
  });
  const advisoryOf = ({ advisories }: Told): string | undefined => (advisories as { id: string }[])[0]?.id;
  const published = async (text: string): Promise<unknown[]> => {
    const records = await rig.records('everyone');
    return records.filter((record) => (record.signal as { value?: string } | undefined)?.value === digest(text));
  };
  const expectHeld = async (story: Told, text: string): Promise<void> => {
    expect(story).toMatchObject({ state: 'held', counts: { held: 1 } });
    expect(story.holds).toEqual([expect.objectContaining({ reason: 'marking-lowered' })]);
    expect(await published(text)).toEqual([]);
  };
  const release = (story: Told): Promise<unknown> =>
    rig.normaliser.request('POST', `/internal/holds/${(story.holds as { id: string }[])[0]?.id}/release`, {
      principal: agency.approver,
      json: { reason: 'agreed' },
    });

  test('in another advisory of the same agency', async () => {
    await submit(agency, list('elsewhere', 'untouched'), AMBER);
    const story = await submit(agency, list('elsewhere', 'unheard-of'), CLEAR);
    expect(story).toMatchObject({ state: 'held', counts: { read: 2, asserted: 1, held: 1 } });
    expect(await published('elsewhere')).toEqual([]);
    expect(await published('unheard-of')).toHaveLength(1);
  });

  test('by taking back and stating again', async () => {
    const first = await submit(agency, list('again'), AMBER);
    expect(await submit(agency, '{}', { reason: 'no-longer-needed' }, retraction(advisoryOf(first)))).toMatchObject({
      state: 'settled',
      counts: { asserted: 1 },
    });
    await expectHeld(await submit(agency, list('again'), CLEAR), 'again');
    await expectHeld(await submit(agency, list('again'), CLEAR, revision(advisoryOf(first))), 'again');
  });

  test('by leaving it out of a revision and stating it in the next', async () => {
    const first = await submit(agency, list('swept', 'rest'), AMBER);
    const advisory = advisoryOf(first);
    expect(await submit(agency, list('rest'), AMBER, revision(advisory))).toMatchObject({ state: 'settled' });
    await expectHeld(await submit(agency, list('swept'), CLEAR), 'swept');
  });

  test('by letting it run out', async () => {
    const until = new Date(Date.now() + 2000).toISOString();
    await submit(agency, list('brief'), { ...AMBER, valid_for: undefined, valid_until: until });
    const gone = async (): Promise<boolean> =>
      (await rig.records('closed')).some(({ type, reason }) => type === 'withdrawal' && reason === 'expired');
    for (let look = 0; look < 300 && !(await gone()); look += 1) await new Promise((next) => setTimeout(next, 100));
    await expectHeld(await submit(agency, list('brief'), CLEAR), 'brief');
  });

  test('under another object of the same document', async () => {
    const first = await submit(agency, bundle(indicator('object')), AMBER, STIX);
    expect(first).toMatchObject({ state: 'settled', counts: { asserted: 1 } });
    const again = { ...STIX, ...revision(advisoryOf(first)) };
    await expectHeld(await submit(agency, bundle(indicator('object')), CLEAR, again), 'object');
  });

  test('under another object of the same chunk, as in another chunk', async () => {
    const both = bundle(indicator('twice', [AMBER_ID]), indicator('twice', [CLEAR_ID]));
    const story = await submit(agency, both, { ...COMPLETE, channels: ['closed', 'everyone'] }, STIX);
    expect(story).toMatchObject({ state: 'held', counts: { read: 2, asserted: 1, held: 1 } });
    expect(await published('twice')).toEqual([]);
  });

  test('in the words of a bulletin, which stay what they were until somebody decides', async () => {
    const told = (title: string): object => ({ bulletin: { title } });
    const first = await submit(agency, list('with a bulletin'), { ...AMBER, ...told('As it was') });
    const held = await submit(
      agency,
      list('more'),
      { ...CLEAR, ...told('As it would be') },
      revision(advisoryOf(first)),
    );
    expect(held).toMatchObject({ state: 'held' });
    const bodies = 'SELECT body FROM normaliser.bulletin WHERE advisory_id = $1';
    expect(await rig.database.query(bodies, [advisoryOf(first)])).toEqual([{ body: { title: 'As it was' } }]);
    await release(held);
    await rig.story(agency.officer, String(held.id), ['settled']);
    expect(await rig.database.query(bodies, [advisoryOf(first)])).toEqual([{ body: { title: 'As it would be' } }]);
  });

  test('nobody whose words are in a submission is a second person about it, whoever added last', async () => {
    await submit(agency, list('completed'), AMBER);
    const held = await submit(agency, list('completed'), { ...CLEAR, legal_basis: undefined });
    expect(held).toMatchObject({ state: 'held', holds: [expect.objectContaining({ reason: 'missing-fields' })] });
    const both = ['officer', 'approver'] as const;
    const author = { ...agency.officer, roles: [...both] };
    const colleague = { ...agency.approver, personId: randomUUID(), roles: [...both] };
    await rig.normaliser.request('POST', `/internal/submissions/${String(held.id)}/completion`, {
      principal: colleague,
      json: { legal_basis: 'Act, section 4' },
    });
    const again = await rig.story(author, String(held.id), ['held']);
    const lowered = (again.holds as { id: string; reason: string }[]).find(
      ({ reason }) => reason === 'marking-lowered',
    );
    const decide = (principal: Principal): Promise<unknown> =>
      rig.normaliser.request('POST', `/internal/holds/${lowered?.id}/release`, {
        principal,
        json: { reason: 'agreed' },
      });
    const refused = { code: 'TOC_ACCESS_SECOND_PERSON' };
    await expect(decide(author)).rejects.toMatchObject(refused);
    await expect(decide(colleague)).rejects.toMatchObject(refused);
    await decide(agency.approver);
    expect(await rig.story(author, String(held.id), ['settled'])).toMatchObject({ counts: { asserted: 1 } });
  });

  test('countries, caveats and the audience inside are part of the marking', async () => {
    await submit(agency, list('france'), { ...AMBER, channels: ['closed'], audience: 'named-staff' });
    const story = await submit(agency, list('france'), { ...AMBER, audience: 'reviewers' });
    expect(story).toMatchObject({ state: 'held', holds: [expect.objectContaining({ reason: 'marking-lowered' })] });
  });

  test('another agency speaks for itself, and a stricter word needs nobody', async () => {
    await submit(agency, list('shared'), AMBER);
    expect(await submit(other, list('shared'), CLEAR)).toMatchObject({ state: 'settled', counts: { asserted: 1 } });
    await submit(agency, list('raised'), { ...CLEAR, channels: ['everyone'] });
    expect(await submit(agency, list('raised'), AMBER)).toMatchObject({ state: 'settled', counts: { asserted: 1 } });
  });

  test('once a second person let it go, the lower marking stands', async () => {
    const first = await submit(agency, list('let go'), AMBER);
    await submit(agency, '{}', { reason: 'no-longer-needed' }, retraction(advisoryOf(first)));
    const held = await submit(agency, list('let go'), CLEAR);
    await expectHeld(held, 'let go');
    await release(held);
    expect(await rig.story(agency.officer, String(held.id), ['settled'])).toMatchObject({ counts: { asserted: 1 } });
    expect(await submit(agency, list('let go'), CLEAR)).toMatchObject({ state: 'settled', counts: { asserted: 1 } });
    expect(await published('let go')).toHaveLength(2);
  });

  test('of two transactions at one moment the lower one waits for the other, and sees it', async () => {
    // The signal is known already, by another agency's word.
    await submit(other, list('raced'), { ...CLEAR, channels: ['closed'] });
    const directory = await new DirectoryReader(rig.database).read();
    const { writeAs, begin } = directly(rig.database, directory, agency);
    const [strict, low] = [await begin(), await begin()];
    try {
      expect(await writeAs(strict, 'raced', 'amber')).toEqual(['asserted']);
      const lowEnds = writeAs(low, 'raced', 'clear');
      await untilOneWaits(rig.database);
      await strict.commitTransaction();
      expect(await lowEnds).toEqual(['lowered']);
    } finally {
      await low.rollbackTransaction();
      await Promise.all([strict.release(), low.release()]);
    }
  });
});

/** Writes assertions of an agency in transactions that the test holds open. */
function directly(database: DataSource, directory: DirectorySnapshot, { id, officer }: RigAgency) {
  const begin = async (): Promise<QueryRunner> => {
    const runner = database.createQueryRunner();
    await runner.startTransaction();
    return runner;
  };
  const writeAs = async ({ manager }: QueryRunner, text: string, tlp: Tlp): Promise<AssertionEnd[]> => {
    const [signal] = await manager.query<{ id: string }[]>('SELECT id FROM normaliser.signal WHERE value = $1', [
      digest(text),
    ]);
    const submissionId = randomUUID();
    const opened = await openAdvisory(manager, { agencyId: id, submissionId, pass: 1, receivedAt: new Date() });
    const completion = completeStatement(
      [{ ...draftOfParameters(readSubmissionParameters({ ...COMPLETE, tlp })) }],
      {},
      [{ id: 'desk', name: 'Desk' }],
      new Date(),
    );
    if (!completion.complete) throw new Error('the words are complete');
    const said = { id, name: officer.organisationName, country: officer.country };
    const digestOfWords = createHash('sha256').update(tlp).digest();
    const channels = [tlp === 'clear' ? 'everyone' : 'closed'];
    const statement = await storeStatement(manager, opened.id, digestOfWords, completion.statement, channels, said);
    const writer = new AssertionWriter(manager, directory, new RowWriter(manager, new Date()), false);
    const subject = { signal: { type: 'sha256', value: digest(text) } };
    const rowId = signal?.id ?? '';
    return writer.write([
      { advisoryId: opened.id, revision: opened.revision, rowId, subject, objectKey: '', statement },
    ]);
  };
  return { begin, writeAs };
}

async function untilOneWaits(database: DataSource): Promise<void> {
  for (;;) {
    const [row] = await database.query<{ waiting: number }[]>(
      `SELECT count(*)::integer AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    if (row && row.waiting > 0) return;
    await new Promise((next) => setTimeout(next, 20));
  }
}
