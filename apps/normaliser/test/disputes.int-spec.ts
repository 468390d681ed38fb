import { createHash, randomUUID } from 'node:crypto';
import type { Principal } from '#libs/access';
import { COMPLETE, NormaliserRig, type RigAgency } from './normaliser-rig.js';

interface Shown {
  id: string;
  reason: string;
  state: string;
  own: boolean;
  signal?: { value: string };
  due_at: string;
  opened_at: string;
  [name: string]: unknown;
}
type Version = Record<string, unknown> & { row_id: string; version: number };

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('disputes', () => {
  let rig: NormaliserRig;
  let agency: RigAgency;
  let other: RigAgency;
  let stranger: RigAgency;
  let operator: Principal;
  const platforms: string[] = [];

  beforeAll(async () => {
    rig = await NormaliserRig.start();
    await rig.channel('everyone');
    await rig.channel('france', { countries: ['FR'] });
    for (const country of ['FR', 'DE', 'NO', 'NZ']) platforms.push(await rig.platform(`P-${country}`, country));
    agency = await rig.agency('Agency A', 'NZ');
    other = await rig.agency('Agency B', 'FR');
    stranger = await rig.agency('Agency C', 'XA');
    operator = { ...agency.officer, organisationId: randomUUID(), organisationKind: 'operator', roles: ['operator'] };
    operator.personId = randomUUID();
  }, 600_000);

  afterAll(() => rig.stop());

  /** Has a digest asserted. @returns the id of its row */
  const assertedRow = async (text: string, parameters: object = {}, by = agency): Promise<string> => {
    const id = await rig.submit(by, `${digest(text)}\n`, { ...COMPLETE, ceiling: 'block', ...parameters });
    expect(await rig.story(by.officer, id)).toMatchObject({ state: 'settled', counts: { asserted: 1 } });
    const channel = (parameters as { channels?: string[] }).channels?.[0] ?? 'everyone';
    return String((await rig.rowsOf(channel, digest(text))).at(-1)?.row_id);
  };
  const last = async (text: string, channel = 'everyone'): Promise<Version> =>
    (await rig.rowsOf(channel, digest(text))).at(-1) as Version;
  const until = async <Value>(what: () => Promise<Value>, is: (value: Value) => boolean): Promise<Value> => {
    for (const end = Date.now() + 30_000; ;) {
      const value = await what();
      if (is(value)) return value;
      if (Date.now() > end) throw new Error(`not so after 30 s: ${JSON.stringify(value)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const voices = async (): Promise<number> => {
    const [row] = await rig.database.query<{ n: number }[]>(
      'SELECT count(*)::integer AS n FROM normaliser.dispute_voice',
    );
    return row?.n ?? 0;
  };
  /** Disputes, and waits until it was heard. @returns its id */
  const dispute = async (platform: number, rowId: string, reason: string): Promise<string> => {
    const before = await voices();
    const id = await rig.dispute(platforms[platform] ?? '', 'everyone', rowId, reason);
    await until(voices, (now) => now > before);
    return id;
  };
  const list = async (principal: Principal): Promise<Shown[]> =>
    (await rig.normaliser.request<{ disputes: Shown[] }>('GET', '/internal/disputes', { principal })).disputes;
  const openOf = async (rowId: string, principal = operator): Promise<Shown[]> =>
    (await list(principal)).filter(({ row_id }) => row_id === rowId);
  const decide = (principal: Principal, id: string | undefined, how: 'uphold' | 'dismissal', sentence: string) =>
    rig.normaliser.request<Shown>('POST', `/internal/disputes/${id}/${how}`, { principal, json: { sentence } });
  const outcome = (platform: number, feedbackId: string): Promise<Record<string, unknown>> =>
    rig.forPlatforms.request('GET', `/internal/feedback/${feedbackId}/dispute`, {
      principal: {
        ...agency.officer,
        organisationId: platforms[platform] ?? '',
        organisationKind: 'platform',
        roles: ['analyst'],
      },
    });

  test('of public interest lowers the ceiling to review everywhere at once, and once decided gives it back or not', async () => {
    const rowId = await assertedRow('evidence', {
      channels: ['everyone', 'france'],
      ceiling_by_country: { FR: 'limit' },
    });
    const feedbackId = await dispute(0, rowId, 'news-or-public-interest');
    for (const channel of ['everyone', 'france']) {
      expect(await last('evidence', channel)).toMatchObject({
        ...{ type: 'row', version: 2, ceiling: 'review', ceiling_by_country: { FR: 'review' }, generation: 1 },
        assertions: [expect.objectContaining({ ceiling: 'block' })],
      });
      expect(await last('evidence', channel)).not.toHaveProperty('disputed');
    }
    const [shown] = await openOf(rowId);
    expect(shown).toMatchObject({
      reason: 'news-or-public-interest',
      state: 'open',
      signal: { value: digest('evidence') },
    });
    expect(Date.parse(shown?.due_at ?? '') - Date.parse(shown?.opened_at ?? '')).toBe(24 * 3_600_000);
    expect(JSON.stringify(shown)).not.toContain(platforms[0]);
    expect(await outcome(0, feedbackId)).toEqual({ state: 'open', due_at: shown?.due_at });
    await expect(outcome(1, feedbackId)).rejects.toThrow(expect.objectContaining({ code: 'TOC_ACCESS_NOT_FOUND' }));
    expect(await outcome(1, randomUUID())).toEqual({ state: 'received' });

    await expect(decide(agency.approver, shown?.id, 'dismissal', 'We are right.')).rejects.toThrow(
      expect.objectContaining({ code: 'TOC_ACCESS_SECOND_PERSON' }),
    );
    await decide(other.approver, shown?.id, 'dismissal', 'The whole file is a recruitment film.');
    for (const channel of ['everyone', 'france'])
      expect(await last('evidence', channel)).toMatchObject({
        version: 3,
        ceiling: 'block',
        ceiling_by_country: { FR: 'limit' },
      });
    expect(await outcome(0, feedbackId)).toMatchObject({
      state: 'dismissed',
      sentence: 'The whole file is a recruitment film.',
    });
    // The same platform is not heard twice about the same; another one is.
    const again = await dispute(0, rowId, 'news-or-public-interest');
    expect(await outcome(0, again)).toMatchObject({ state: 'dismissed' });
    expect((await last('evidence')).version).toBe(3);
    await dispute(1, rowId, 'news-or-public-interest');
    expect(await last('evidence')).toMatchObject({ version: 4, ceiling: 'review' });
    const [second] = await openOf(rowId);
    await decide(operator, second?.id, 'uphold', 'A newspaper published it.');
    expect(await last('evidence')).toMatchObject({ version: 4, ceiling: 'review' });
    await expect(decide(operator, second?.id, 'dismissal', 'Otherwise.')).rejects.toThrow(
      expect.objectContaining({ code: 'TOC_REQUEST_CONFLICT' }),
    );
  });

  test('lowers what is said later, on another channel and by somebody else, and a rebuild gives the same bytes', async () => {
    const rowId = await assertedRow('later');
    await dispute(0, rowId, 'documentation');
    await assertedRow('later', { channels: ['france'] }, other);
    expect(await last('later', 'france')).toMatchObject({ version: 1, ceiling: 'review' });
    await assertedRow('later', {}, other);
    expect(await last('later')).toMatchObject({ version: 3, ceiling: 'review', assertions_total: 2 });
    const published = await last('later');
    const before = (await rig.records('everyone')).length;
    await rig.normaliser.request('POST', '/internal/rebuilds', {
      principal: operator,
      json: { channel: 'everyone', proposal_id: randomUUID() },
    });
    const records = await until(
      async () => (await rig.records('everyone')).slice(before),
      (now) => now.some(({ row_id }) => row_id === rowId),
    );
    expect(records.find(({ row_id }) => row_id === rowId)).toEqual(published);
    // Taken back and said anew it is still disputed: a case ends by a decision.
    const [open] = await openOf(rowId);
    expect(open).toMatchObject({ state: 'open' });
  });

  test('of abuse material lowers it to log, never to review', async () => {
    const rowId = await assertedRow('abuse', {
      ...{ harm: ['csea'], context: undefined, csea_class: 'A1', csea_verification: 'verified-twice' },
    });
    expect(await last('abuse')).toMatchObject({ ceiling: 'block' });
    await dispute(0, rowId, 'documentation');
    expect(await last('abuse')).toMatchObject({ type: 'row', version: 2, ceiling: 'log' });
  });

  test('of other reasons lowers nothing; three platforms flag it; nobody alone does, and nothing is unpublished (I11)', async () => {
    const rowId = await assertedRow('flagged');
    for (const reason of ['wrong-label', 'wrong-match', 'too-broad']) await dispute(0, rowId, reason);
    await dispute(1, rowId, 'wrong-label');
    expect(await last('flagged')).toMatchObject({ version: 1, ceiling: 'block' });
    await dispute(2, rowId, 'lawful-here');
    expect(await last('flagged')).toMatchObject({ type: 'row', version: 2, ceiling: 'block', disputed: true });
    // One case for each reason, whoever raised it; it may be decided by who says the words.
    expect((await openOf(rowId, agency.approver)).map(({ reason, own }) => [reason, own]).sort()).toEqual([
      ...[
        ['lawful-here', true],
        ['too-broad', true],
        ['wrong-label', true],
        ['wrong-match', true],
      ],
    ]);
    await dispute(3, rowId, 'documentation');
    expect(await last('flagged')).toMatchObject({ type: 'row', version: 3, ceiling: 'review', disputed: true });
    for (const { id, reason } of await openOf(rowId)) {
      const who = reason === 'documentation' ? operator : agency.approver;
      await decide(who, id, 'dismissal', 'It was looked at again.');
    }
    const versions = await rig.rowsOf('everyone', digest('flagged'));
    expect(versions.every(({ type }) => type === 'row')).toBe(true);
    expect(versions.at(-1)).toMatchObject({ ceiling: 'block' });
    expect(versions.at(-1)).not.toHaveProperty('disputed');
  });

  test('whose time has run out stays as it is', async () => {
    const rowId = await assertedRow('overdue');
    await dispute(0, rowId, 'documentation');
    await rig.database.query(`UPDATE normaliser.dispute SET due_at = now() - interval '1 hour' WHERE row_id = $1`, [
      rowId,
    ]);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(await last('overdue')).toMatchObject({ version: 2, ceiling: 'review' });
    expect((await openOf(rowId))[0]).toMatchObject({ state: 'open', overdue: true });
    expect((await list(operator))[0]?.row_id).toBe(rowId);
  });

  test('is seen by who asserts the row and by approvers who may read it; anybody else finds nothing', async () => {
    const rowId = await assertedRow('narrow', { releasable_to: ['FR'], channels: ['france'] });
    await rig.dispute(platforms[0] ?? '', 'france', rowId, 'documentation');
    const [shown] = await until(
      () => openOf(rowId),
      (found) => found.length > 0,
    );
    const sees = async (principal: Principal): Promise<boolean> => (await openOf(rowId, principal)).length > 0;
    expect(await Promise.all([agency.officer, agency.approver, other.approver, operator].map(sees))).toEqual(
      Array(4).fill(true),
    );
    expect(await Promise.all([other.officer, stranger.approver, stranger.officer].map(sees))).toEqual(
      Array(3).fill(false),
    );
    const absent = await decide(stranger.approver, randomUUID(), 'uphold', 'As it is.').catch(
      (error: unknown) => error,
    );
    const hidden = await decide(stranger.approver, shown?.id, 'uphold', 'As it is.').catch((error: unknown) => error);
    expect(String(hidden)).toBe(String(absent));
    await expect(decide(other.officer, shown?.id, 'uphold', 'As it is.')).rejects.toThrow(
      expect.objectContaining({ code: 'TOC_ACCESS_NOT_FOUND' }),
    );
    for (const sentence of ['', 'x'.repeat(501), 'two\nlines', 'Ask jane.doe@mail.example.'])
      await expect(decide(other.approver, shown?.id, 'uphold', sentence)).rejects.toThrow(
        expect.objectContaining({ code: 'TOC_REQUEST_PARAMETER' }),
      );
  });

  test('is heard once, whatever comes again; what is about nothing, and what cannot be read, stops nothing', async () => {
    const rowId = await assertedRow('once');
    const id = await dispute(0, rowId, 'documentation');
    await rig.dispute(platforms[0] ?? '', 'everyone', rowId, 'documentation', id);
    await rig.dispute(platforms[0] ?? '', 'everyone', randomUUID(), 'documentation');
    await rig.dispute(platforms[0] ?? '', 'everyone', rowId, 'because-i-say-so');
    await dispute(1, rowId, 'documentation');
    expect((await last('once')).version).toBe(2);
    expect(await openOf(rowId)).toHaveLength(1);
    const letters = await until(
      () =>
        rig.database.query<{ code: string }[]>(
          `SELECT code FROM normaliser.dead_letter WHERE source = 'tocsin.feedback.v1' AND key = $1`,
          [Buffer.from(rowId)],
        ),
      (found) => found.length > 0,
    );
    expect(letters).toEqual([{ code: 'TOC_EVENT_MALFORMED' }]);
  });

  test('that comes while the row is first said on another channel finds it there or is found', async () => {
    const rows = await Promise.all(Array.from({ length: 12 }, (_, index) => assertedRow(`race ${index}`)));
    const documents = rows.map((_, index) => `${digest(`race ${index}`)}\n`);
    await Promise.all([
      ...rows.map((rowId) => rig.dispute(platforms[0] ?? '', 'everyone', rowId, 'documentation')),
      ...documents.map(async (document) =>
        rig.story(
          other.officer,
          await rig.submit(other, document, { ...COMPLETE, ceiling: 'block', channels: ['france'] }),
        ),
      ),
    ]);
    await until(
      () => list(operator),
      (open) => rows.every((rowId) => open.some(({ row_id }) => row_id === rowId)),
    );
    for (const index of rows.keys())
      expect([index, (await last(`race ${index}`, 'france')).ceiling]).toEqual([index, 'review']);
  });

  test('leaves one audit row for each transaction (I12)', async () => {
    const [row] = await rig.database.query<{ orphans: number; changed: number }[]>(
      `WITH changed AS (
         SELECT xmin::text AS writer FROM normaliser.dispute UNION SELECT xmin::text FROM normaliser.dispute_voice
         UNION SELECT xmin::text FROM normaliser.channel_row UNION SELECT xmin::text FROM normaliser.outbox)
       SELECT count(*)::integer AS changed, count(*) FILTER (WHERE NOT EXISTS (
         SELECT FROM normaliser.audit a WHERE a.tx::text::bigint % 4294967296 = writer::bigint))::integer AS orphans
         FROM changed WHERE writer <> (SELECT xmin::text FROM normaliser.dispute WHERE due_at < opened_at)`,
    );
    expect(row?.orphans).toBe(0);
    expect(row?.changed).toBeGreaterThan(10);
  });
});
