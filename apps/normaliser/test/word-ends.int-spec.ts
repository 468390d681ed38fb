import { createHash, randomUUID } from 'node:crypto';
import { COMPLETE, NormaliserRig, type RigAgency } from './normaliser-rig.js';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const list = (...texts: string[]): string => texts.map((text) => `${digest(text)}\n`).join('');

/** The end of an advisory's word about one row on one channel. */
interface End {
  retraction_id: string;
  advisory_id: string;
  proposal_id: string | null;
  reason: string;
  channel: string;
  began: number;
  ended: number;
}

describe('the end of a word', () => {
  let rig: NormaliserRig;
  let agency: RigAgency;
  let other: RigAgency;

  beforeAll(async () => {
    rig = await NormaliserRig.start();
    await rig.channel('everyone');
    await rig.channel('france', { countries: ['FR'] });
    await rig.platform('P-FR', 'FR');
    agency = await rig.agency('Agency A', 'NZ');
    other = await rig.agency('Agency B', 'NO');
  }, 600_000);

  afterAll(() => rig.stop());

  const EVERYONE = { ...COMPLETE, channels: ['everyone'] };
  const BOTH = { ...COMPLETE, channels: ['everyone', 'france'] };
  /** Reads a document to its end. @returns the advisory that came of it */
  const say = async (by: RigAgency, document: string, parameters: object = EVERYONE, event: object = {}) => {
    const id = await rig.submit(by, document, parameters, event);
    const story = await rig.story(by.officer, id);
    expect(story.state).toBe('settled');
    return { id, advisory: (story.advisories as { id: string }[])[0]?.id ?? '' };
  };
  const retract = async (by: RigAgency, advisory: string, parameters: object): Promise<string> => {
    const event = { kind: 'retraction' as const, format: 'tocsin-retraction', advisory_id: advisory };
    const id = await rig.submit(by, '{}', parameters, event);
    expect((await rig.story(by.officer, id)).state).toBe('settled');
    return id;
  };
  /** Every end that was kept about a signal, in order. */
  const endsOf = async (text: string): Promise<End[]> => {
    const [row] = await rig.rowsOf('everyone', digest(text));
    return rig.database.query(
      `SELECT e.retraction_id, e.advisory_id, e.proposal_id, e.reason, e.channel_id AS channel, w.began::integer, w.ended::integer
         FROM normaliser.word_end e CROSS JOIN unnest(e.row_ids, e.began, e.ended) AS w(row_id, began, ended)
        WHERE w.row_id = $1 ORDER BY e.id`,
      [row?.row_id],
    );
  };
  const versions = async (channel: string, text: string) =>
    (await rig.rowsOf(channel, digest(text))).map(({ type, version }) => `${String(type)} ${String(version)}`);
  const end = (retraction: string, advisory: string, reason: string, began: number, ended: number, more = {}) => ({
    ...{ retraction_id: retraction, advisory_id: advisory, proposal_id: null, reason, channel: 'everyone' },
    ...{ began, ended },
    ...more,
  });

  test('is kept alike for a row that ends and for one that another agency still says', async () => {
    await say(other, list('said first by another'));
    const { advisory } = await say(agency, list('alone', 'said first by another', 'said later by another'));
    await say(other, list('said later by another'));
    const retraction = await retract(agency, advisory, { reason: 'wrong-person' });
    expect(await endsOf('alone')).toEqual([end(retraction, advisory, 'wrong-person', 1, 2)]);
    expect(await endsOf('said first by another')).toEqual([end(retraction, advisory, 'wrong-person', 2, 3)]);
    expect(await endsOf('said later by another')).toEqual([end(retraction, advisory, 'wrong-person', 1, 3)]);
    expect(await versions('everyone', 'alone')).toEqual(['row 1', 'withdrawal 2']);
    expect(await versions('everyone', 'said first by another')).toEqual(['row 1', 'row 2', 'row 3']);
  });

  test('of a row that is said again afterwards begins where it was said again', async () => {
    const first = await say(agency, list('again'));
    const taken = await retract(agency, first.advisory, { reason: 'wrong-person' });
    const second = await say(agency, list('again'));
    const again = await retract(agency, second.advisory, { reason: 'no-longer-needed' });
    expect(await endsOf('again')).toEqual([
      end(taken, first.advisory, 'wrong-person', 1, 2),
      end(again, second.advisory, 'no-longer-needed', 3, 4),
    ]);
  });

  test('comes when the last of two objects that say it is taken back, once', async () => {
    const at = (month: number): string => `2026-0${month}-01T00:00:00.000Z`;
    const ids = [randomUUID(), randomUUID()].map((id) => `indicator--${id}`);
    const report = `report--${randomUUID()}`;
    const common = { spec_version: '2.1', created: at(1) };
    const bundle = (...objects: object[]): string =>
      JSON.stringify({ type: 'bundle', id: `bundle--${randomUUID()}`, objects });
    const indicator = (id: string) => ({
      ...{ ...common, type: 'indicator', id, modified: at(1), pattern_type: 'stix', valid_from: at(1) },
      pattern: `[file:hashes.'SHA-256' = '${digest('two objects')}']`,
    });
    const about = (month: number, refs: string[]) => ({
      ...{ ...common, type: 'report', id: report, name: 'a report', published: at(1), modified: at(month) },
      object_refs: refs,
    });
    const stix = { format: 'stix21' };
    const { advisory } = await say(agency, bundle(...ids.map(indicator), about(1, ids)), EVERYONE, stix);
    const [said] = await rig.database.query<object[]>(
      'SELECT count(*)::integer AS objects FROM normaliser.assertion WHERE advisory_id = $1',
      [advisory],
    );
    expect(said).toEqual({ objects: 2 });
    const one = ids.slice(0, 1);
    const revision = { ...stix, kind: 'revision' as const, advisory_id: advisory };
    await say(agency, bundle(...one.map(indicator), about(2, one)), EVERYONE, revision);
    expect(await endsOf('two objects')).toEqual([]);
    const retraction = await retract(agency, advisory, { reason: 'superseded' });
    expect(await endsOf('two objects')).toEqual([
      expect.objectContaining({ retraction_id: retraction, reason: 'superseded', began: 1 }),
    ]);
    // Both at once are one end too.
    const again = await say(agency, bundle(...ids.map(indicator), about(3, ids)), EVERYONE, revision);
    await retract(agency, again.advisory, { reason: 'wrong-person' });
    expect((await endsOf('two objects')).map(({ reason }) => reason)).toEqual(['superseded', 'wrong-person']);
  });

  test('is on one channel where a narrowing or a revision leaves it', async () => {
    const { advisory } = await say(agency, list('narrowed', 'revised'), BOTH);
    const narrowed = await retract(agency, advisory, {
      ...{ reason: 'no-longer-needed', channels: ['everyone'] },
      signals: [{ type: 'sha256', value: digest('narrowed') }],
    });
    expect(await endsOf('narrowed')).toEqual([end(narrowed, advisory, 'no-longer-needed', 1, 2)]);
    expect(await versions('france', 'narrowed')).toEqual(['row 1']);
    const revision = await say(agency, list('narrowed', 'revised'), EVERYONE, {
      kind: 'revision',
      advisory_id: advisory,
    });
    const france = { channel: 'france' };
    expect(await endsOf('revised')).toEqual([end(revision.id, advisory, 'narrowed', 1, 2, france)]);
    // The same revision says on the one channel what it no longer says on the other.
    expect((await endsOf('narrowed')).slice(1)).toEqual([end(revision.id, advisory, 'narrowed', 1, 2, france)]);
    const retraction = await retract(agency, advisory, { reason: 'wrong-person' });
    expect((await endsOf('narrowed')).slice(2)).toEqual([end(retraction, advisory, 'wrong-person', 3, 4)]);
  });

  test('is what a revision no longer says, and nothing that it says again', async () => {
    const { advisory } = await say(agency, list('kept', 'swept'));
    const revision = { kind: 'revision' as const, advisory_id: advisory };
    const { id } = await say(agency, list('kept', 'added'), { ...EVERYONE, ceiling: 'log' }, revision);
    expect(await endsOf('swept')).toEqual([end(id, advisory, 'superseded', 1, 2)]);
    expect([...(await endsOf('kept')), ...(await endsOf('added'))]).toEqual([]);
  });

  test('comes by the undoing of a submitter, with the proposal that decided it', async () => {
    const lost = '00000000000000aa';
    const { id, advisory } = await say(agency, list('undone', 'undone and shared'), EVERYONE, { key_id: lost });
    await say(other, list('undone and shared'));
    const proposal = randomUUID();
    await rig.forOperators.request('POST', '/internal/undoings', {
      principal: { ...agency.officer, organisationKind: 'operator', roles: ['operator'] },
      json: {
        selection: { agency: agency.id, key: lost, from: '2020-01-01T00:00:00Z', until: '2099-01-01T00:00:00Z' },
        ...{ proposal_id: proposal, reason: 'a lost key' },
      },
    });
    await rig.story(agency.officer, id, ['refused']);
    const by = { proposal_id: proposal };
    expect(await endsOf('undone')).toEqual([end(id, advisory, 'compromised-submitter', 1, 2, by)]);
    expect(await endsOf('undone and shared')).toEqual([end(id, advisory, 'compromised-submitter', 1, 3, by)]);
  });

  test('is none when it runs out, and begins anew when it is said again', async () => {
    await say(other, list('ran out'));
    const short = { ...EVERYONE, valid_for: undefined, valid_until: new Date(Date.now() + 4000).toISOString() };
    const first = await say(agency, list('ran out'), short);
    const begun = await versions('everyone', 'ran out');
    expect(begun).toEqual(['row 1', 'row 2']);
    for (const until = Date.now() + 60_000; Date.now() < until;) {
      if ((await versions('everyone', 'ran out')).length > 2) break;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(await versions('everyone', 'ran out')).toEqual(['row 1', 'row 2', 'row 3']);
    expect(await endsOf('ran out')).toEqual([]);
    const { advisory } = await say(agency, list('ran out'), EVERYONE, {
      kind: 'revision',
      advisory_id: first.advisory,
    });
    const retraction = await retract(agency, advisory, { reason: 'wrong-person' });
    expect(await endsOf('ran out')).toEqual([end(retraction, advisory, 'wrong-person', 4, 5)]);
  }, 120_000);

  test('has its beginning still when one of two objects that say it runs out', async () => {
    await say(other, list('one ran out'));
    const until = new Date(Date.now() + 4000).toISOString();
    const at = '2026-01-01T00:00:00.000Z';
    const common = { spec_version: '2.1', created: at, modified: at };
    const indicators = [{ valid_until: until }, {}].map((ends) => ({
      ...{ ...common, type: 'indicator', id: `indicator--${randomUUID()}`, pattern_type: 'stix', valid_from: at },
      ...{ pattern: `[file:hashes.'SHA-256' = '${digest('one ran out')}']`, ...ends },
    }));
    const report = {
      ...{ ...common, type: 'report', id: `report--${randomUUID()}`, name: 'a report', published: at },
      object_refs: indicators.map(({ id }) => id),
    };
    const bundle = { type: 'bundle', id: `bundle--${randomUUID()}`, objects: [...indicators, report] };
    const { advisory } = await say(agency, JSON.stringify(bundle), EVERYONE, { format: 'stix21' });
    const objects = async (): Promise<unknown> =>
      (
        await rig.database.query<object[]>(
          'SELECT count(*)::integer AS objects FROM normaliser.assertion WHERE advisory_id = $1',
          [advisory],
        )
      )[0];
    expect(await objects()).toEqual({ objects: 2 });
    while (JSON.stringify(await objects()) !== '{"objects":1}') await new Promise((next) => setTimeout(next, 200));
    expect(await endsOf('one ran out')).toEqual([]);
    const retraction = await retract(agency, advisory, { reason: 'wrong-person' });
    expect(await endsOf('one ran out')).toEqual([
      expect.objectContaining({ retraction_id: retraction, advisory_id: advisory, began: 2 }),
    ]);
  }, 60_000);

  test('is not what becomes doubtful, but what its owner then takes back', async () => {
    const mistaken = await say(other, list('doubted', 'stood by'));
    const { advisory } = await say(agency, list('doubted'));
    const error = await retract(other, mistaken.advisory, { reason: 'issued-in-error' });
    expect(await endsOf('doubted')).toEqual([end(error, mistaken.advisory, 'issued-in-error', 1, 3)]);
    const { doubts } = await rig.normaliser.request<{ doubts: { id: string }[] }>('GET', '/internal/doubts', {
      principal: agency.officer,
    });
    const id = doubts[0]?.id ?? '';
    await rig.normaliser.request('POST', `/internal/doubts/${id}/retraction`, {
      ...{ principal: agency.officer, json: { reason: 'looked at it' } },
    });
    for (const until = Date.now() + 30_000; Date.now() < until;) {
      if ((await endsOf('doubted')).length > 1) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect((await endsOf('doubted')).slice(1)).toEqual([end(id, advisory, 'issued-in-error', 2, 4)]);
  });

  test('is kept once of each row, though a chunk of the retraction fails and is done again', async () => {
    const texts = Array.from({ length: 350 }, (_one, at) => `chunked ${at}`);
    const { advisory } = await say(agency, list(...texts));
    // A sequence counts on although its transaction is undone.
    await rig.database.query(`
      CREATE SEQUENCE public.chunks;
      CREATE FUNCTION public.fail_once() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN IF nextval('public.chunks') = 2 THEN RAISE 'a fault' USING ERRCODE = '40001'; END IF; RETURN NEW; END $$;
      CREATE TRIGGER fail_once BEFORE INSERT ON normaliser.word_end FOR EACH ROW EXECUTE FUNCTION public.fail_once();
      GRANT USAGE ON SEQUENCE public.chunks TO PUBLIC`);
    const retraction = await retract(agency, advisory, { reason: 'wrong-person' });
    await rig.database.query('DROP TRIGGER fail_once ON normaliser.word_end');
    const [tries] = await rig.database.query<object[]>('SELECT last_value::integer AS tries FROM public.chunks');
    const [kept] = await rig.database.query<object[]>(
      `SELECT count(DISTINCT e.id)::integer AS chunks, count(*)::integer AS rows, count(DISTINCT w.row_id)::integer AS different,
              bool_and(w.began = 1 AND w.ended = 2) AS right
         FROM normaliser.word_end e CROSS JOIN unnest(e.row_ids, e.began, e.ended) AS w(row_id, began, ended)
        WHERE e.retraction_id = $1`,
      [retraction],
    );
    const { chunks } = kept as { chunks: number };
    expect(chunks).toBeGreaterThan(1);
    expect(tries).toEqual({ tries: chunks + 1 });
    expect(kept).toEqual({ chunks, rows: 350, different: 350, right: true });
  });
});
