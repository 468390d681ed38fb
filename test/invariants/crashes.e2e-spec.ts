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

  /** The same (channel, row, version) always comes under the same event id. */
  async function expectTrueRepeats(platform: string): Promise<void> {
    const ids = new Map<string, string>();
    for (const { channel, rowId, version, eventId } of await under.arrivals(platform)) {
      const key = `${channel}/${rowId}/${version}`;
      expect(ids.get(key) ?? eventId).toBe(eventId);
      ids.set(key, eventId);
    }
  }

  test('one submission came of it each time (I1)', async () => {
    const { rows } = await under.database.query<{ n: number }>(`SELECT count(*)::int AS n FROM intake.submission`);
    expect(rows[0]?.n).toBe(POINTS.length);
  });

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
