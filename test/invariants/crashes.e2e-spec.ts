import { randomUUID } from 'node:crypto';
import { type ServiceName } from '../../tools/local-exchange/start-services.js';
import { digestOf, ExchangeUnderTest, HARBOUR } from '../exchange-under-test.js';

/** Each service is killed once at each of these points, in the middle of a list of several chunks. */
const POINTS: [ServiceName, string][] = [
  ['intake', 'after-commit-before-reply'],
  ['relay', 'after-send-before-mark'],
  ['normaliser', 'after-effect-before-offset'],
  ['normaliser', 'after-chunk'],
  ['delivery', 'after-effect-before-offset'],
  ['delivery', 'after-2xx-before-receipt'],
];
const LINES = 2500;
const PLATFORMS = ['Framehub', 'Streamvale'];

/** A bundle with one indicator for each value. */
function stixOf(values: readonly string[]): string {
  const made = '2026-01-05T10:00:00.000Z';
  const common = (type: string) => ({
    type,
    spec_version: '2.1',
    id: `${type}--${randomUUID()}`,
    created: made,
    modified: made,
  });
  const indicators = values.map((value) => ({
    ...common('indicator'),
    pattern: `[file:hashes.'SHA-256' = '${value}']`,
    pattern_type: 'stix',
    valid_from: made,
  }));
  const identity = { ...common('identity'), name: 'Producer', identity_class: 'organization' };
  return JSON.stringify({ type: 'bundle', id: `bundle--${randomUUID()}`, objects: [identity, ...indicators] });
}

describe('kill -9 at named points (I1, I2, I3, I8)', () => {
  let under: ExchangeUnderTest;
  beforeAll(async () => void (under = await ExchangeUnderTest.start('crashes')));
  afterAll(() => under.stop());

  async function arrivesEverywhere(values: readonly string[]): Promise<void> {
    for (const platform of PLATFORMS) {
      await under.until(async () => {
        const live = await under.liveValues(platform);
        return values.every((value) => live.has(value));
      }, `${values.length} values live at ${platform}`);
    }
  }

  test.each(POINTS)('%s, %s: nothing lost, counts add up, repeats are the same', async (service, point) => {
    const { services } = under.exchange;
    const values = Array.from({ length: LINES }, (_, line) => digestOf(`${service}/${point}/${line}`));
    await services.stop(service);
    await services.start(service, { TOCSIN_CRASH_AT: point });
    await services.ready(service);
    const headers = { 'idempotency-key': `${service}-${point}` };
    const submitted = under.submit(values.join('\n'), {}, HARBOUR, headers).catch(() => undefined);
    await services.ended(service);
    const first = await submitted;
    await services.start(service);
    await services.ready(service);
    // What was answered stays answered; what was not may be sent again under the same word.
    const id = await under.submit(values.join('\n'), {}, HARBOUR, headers);
    if (first !== undefined) expect(id).toBe(first);
    const told = await under.told(id);
    expect(told).toMatchObject({
      state: 'settled',
      counts: { read: LINES, asserted: LINES, rejected: 0, repeated: 0, held: 0 },
    });
    await arrivesEverywhere(values);
    for (const platform of PLATFORMS) await expectTrueRepeats(platform);
  });

  test('one submission came of it each time (I1)', async () => {
    const { rows } = await under.database.query<{ n: number }>(`SELECT count(*)::int AS n FROM intake.submission`);
    expect(rows[0]?.n).toBe(POINTS.length);
  });

  /** The same (channel, row, version) always comes under the same event id. */
  async function expectTrueRepeats(platform: string): Promise<void> {
    const ids = new Map<string, string>();
    for (const { channel, rowId, version, eventId } of await under.arrivals(platform)) {
      const key = `${channel}/${rowId}/${version}`;
      expect(ids.get(key) ?? eventId).toBe(eventId);
      ids.set(key, eventId);
    }
  }

  test.each([1, 2])(
    'the normaliser, in the middle of a STIX document, %d times: it goes on where it stood',
    async (times) => {
      const { services } = under.exchange;
      const values = Array.from({ length: LINES }, (_, line) => digestOf(`stix/${times}/${line}`));
      await services.stop('normaliser');
      await services.start('normaliser', { TOCSIN_CRASH_AT: 'after-chunk' });
      await services.ready('normaliser');
      const id = await under.submit(stixOf(values), { format: 'stix21' });
      await services.ended('normaliser');
      expect(await chunksOf(id)).toBe(1);
      for (let again = 1; again < times; again += 1) {
        await services.start('normaliser', { TOCSIN_CRASH_AT: 'after-chunk' });
        await services.ended('normaliser');
        expect(await chunksOf(id)).toBe(again + 1);
      }
      await services.start('normaliser');
      await services.ready('normaliser');
      // The identity that begins the bundle says nothing of a signal.
      expect(await under.told(id)).toMatchObject({
        state: 'settled',
        counts: { read: LINES + 1, asserted: LINES, ignored: 1, rejected: 0, repeated: 0, held: 0, dead_lettered: 0 },
      });
      await arrivesEverywhere(values);
      const { rows } = await under.database.query<{ objects: number; versions: number }>(
        `SELECT count(*)::int AS objects, max(r.version)::int AS versions
           FROM normaliser.assertion a JOIN normaliser.advisory_reading d USING (advisory_id)
           JOIN normaliser.channel_row r ON r.row_id = a.row_id WHERE d.submission_id = $1`,
        [id],
      );
      expect(rows).toEqual([{ objects: LINES, versions: 1 }]);
    },
  );

  async function chunksOf(id: string): Promise<number | undefined> {
    const { rows } = await under.database.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM normaliser.chunk WHERE submission_id = $1',
      [id],
    );
    return rows[0]?.n;
  }

  test.each([
    ['purge', 'before-carrying-out'],
    ['purge', 'after-carrying-out-before-outcome'],
    ['retract', 'before-carrying-out'],
    ['retract', 'after-carrying-out-before-outcome'],
  ])('console, a %s that two confirmed, %s: it is carried out once', async (action, point) => {
    const { services } = under.exchange;
    const value = digestOf(`console/${action}/${point}`);
    const { id, advisories } = await under.told(await under.submit(value));
    await arrivesEverywhere([value]);
    const advisory = advisories[0]?.id;
    const about = action === 'purge' ? `submission/${id}` : `advisory/${advisory}`;
    const subject = action === 'purge' ? { submission: id } : { advisory, reason: 'issued-in-error' };
    await services.stop('console');
    await services.start('console', { TOCSIN_CRASH_AT: point });
    await services.ready('console');
    const proposal = await under
      .operator()
      .call<{ id: string }>('POST', '/v1/proposals', { action, subject, reason: 'for this test' });
    // The confirmation is answered or not: it is in force either way.
    await under
      .operator(true)
      .call('POST', `/v1/proposals/${proposal.id}/confirmation`, {})
      .catch(() => undefined);
    await services.ended('console');
    await services.start('console');
    await services.ready('console');
    await under.until(async () => {
      const { state } = await under.operator().call<{ state: string }>('GET', `/v1/proposals/${proposal.id}`);
      return state === 'done';
    }, 'carried out');
    const { rows } = await under.database.query<{ carried: number; asked: number; orders: number }>(
      `SELECT (SELECT count(*) FROM directory.audit WHERE subject = $1 AND action = 'carry-out-' || $2)::int AS carried,
              (SELECT count(*) FROM normaliser.audit WHERE subject = $1 AND action = 'purge-submission')::int AS asked,
              (SELECT count(*) FROM normaliser.job WHERE kind = 'retraction' AND advisory_id = $3)::int AS orders`,
      [about, action, advisory],
    );
    if (action === 'purge') {
      expect(rows).toEqual([{ carried: 1, asked: 1, orders: 0 }]);
      const told = await under.told(id);
      expect(told).toMatchObject({ state: 'settled', bytes_state: 'purged' });
    } else {
      await under.until(async () => !(await under.liveValues('Framehub')).has(value), 'withdrawn');
      const outcome = await under
        .operator()
        .call<{ outcome: { submission_id: string } }>('GET', `/v1/proposals/${proposal.id}`);
      expect(outcome.outcome).toHaveProperty('result', 'done');
      await expectOneWithdrawal(value, advisory);
    }
  });

  async function expectOneWithdrawal(value: string, advisory: string | undefined): Promise<void> {
    const { rows } = await under.database.query<{ orders: number; version: number }>(
      `SELECT (SELECT count(*) FROM normaliser.job WHERE kind = 'retraction' AND advisory_id = $2)::int AS orders, r.version
         FROM normaliser.signal s JOIN normaliser.channel_row r ON r.row_id = s.id WHERE s.value = $1`,
      [value, advisory],
    );
    expect(rows).toEqual([{ orders: 1, version: 2 }]);
  }

  test('the broker is killed while a list goes through', async () => {
    const values = Array.from({ length: 4 * LINES }, (_, line) => digestOf(`broker/${line}`));
    const id = await under.submit(values.join('\n'));
    await under.exchange.servers.kafka.kill9();
    const during = await under.submit(digestOf('while Kafka is away'));
    await under.exchange.servers.kafka.restart();
    expect((await under.told(id)).counts).toMatchObject({ read: values.length, asserted: values.length });
    expect((await under.told(during)).state).toBe('settled');
    await arrivesEverywhere([...values, digestOf('while Kafka is away')]);
  }, 180_000);

  test('every chunk’s sums are the submission’s (I2)', async () => {
    const { rows } = await under.database.query<{ wrong: number }>(
      `SELECT count(*)::int AS wrong FROM normaliser.job j
        WHERE (SELECT sum((c.counts->>'read')::int) FROM normaliser.chunk c WHERE c.submission_id = j.submission_id AND c.pass = j.pass)
              IS DISTINCT FROM (j.counts->>'read')::int`,
    );
    expect(rows[0]?.wrong).toBe(0);
  });
});
