import pg from 'pg';
import { ApiClient } from '../../tools/local-exchange/api-client.js';
import { startWebhookReceiver, type WebhookReceiver } from '../../tools/receivers/webhook-receiver.js';
import { digestOf, ExchangeUnderTest } from '../exchange-under-test.js';

const LINES = 46_000;
const ADVISORIES = 3;
/** Longer than anything waits for an answer. */
const NEVER_MS = 3_600_000;

describe('an emergency while everything else is busy or broken (I9, I14)', () => {
  let under: ExchangeUnderTest;
  let sound: WebhookReceiver;
  let longOpen: pg.Client;
  beforeAll(async () => {
    under = await ExchangeUnderTest.start('emergency');
    sound = await startWebhookReceiver();
    const subscription = await under
      .admin('Framehub')
      .call<{ hand_over: { public_keys: string[] } }>('POST', '/v1/subscriptions', {
        connector: 'webhook',
        channels: ['emergency'],
        settings: { url: sound.url },
      });
    sound.trust({ publicKeys: subscription.hand_over.public_keys });
    longOpen = new pg.Client({ connectionString: under.exchange.servers.ownerUrl });
    await longOpen.connect();
  });
  afterAll(async () => {
    await longOpen.end();
    // It would wait for the platform that never answers.
    await under.exchange.services.kill('delivery');
    await sound.close();
    await under.stop();
  });

  const arrived = (value: string): boolean =>
    sound
      .table()
      .some(
        ({ state, record }) => state === 'live' && JSON.stringify(record.signal ?? {}).includes(JSON.stringify(value)),
      );

  test('arrives while a long list is still going through, and skips no rule', async () => {
    // A platform takes connections and never answers, on both lanes.
    const dead = under.exchange.receivers.find(({ platform }) => platform === 'Slowpoke Pictures');
    await new ApiClient(new URL('/', dead?.state).href, '').call('POST', '/control/behaviour', { slowMs: NEVER_MS });
    const hung = digestOf('never answered');
    await under.told(await under.submit(hung, { channels: 'everyone,emergency' }));
    await under.until(() => arrived(hung), 'what the dead platform does not take is live elsewhere');

    // An open transaction holds a snapshot, and with it every row that dies from now on.
    await longOpen.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await longOpen.query('SELECT count(*) FROM normaliser.job');

    const list = Array.from({ length: LINES }, (_, line) => digestOf(`bulk ${line}`)).join('\n');
    const bulk = await under.submit(list, { channels: 'everyone' });
    await under.until(async () => (await rowsInFeed()) > 1, 'the list has begun to go through');

    const held = await under.submit('wikipedia.org', { signal_type: 'domain', channels: 'emergency' });
    for (let advisory = 0; advisory < ADVISORIES; advisory += 1) {
      const value = digestOf(`emergency ${advisory}`);
      await under.submit(value, { channels: 'emergency' });
      await sound.waitFor(() => arrived(value), 60_000);
    }
    // In this order: the emergencies had arrived, and the list was not through.
    expect(await stateOf(bulk)).toBe('working');
    expect(await under.told(held)).toMatchObject({
      state: 'held',
      counts: { read: 1, held: 1 },
      holds: [expect.objectContaining({ reason: 'protected-list', state: 'open' })],
    });
    expect(arrived('wikipedia.org')).toBe(false);

    expect(await under.told(bulk)).toMatchObject({ state: 'settled', counts: { read: LINES, asserted: LINES } });
    const { rows } = await longOpen.query<{ n: number }>('SELECT count(*)::int AS n FROM normaliser.job');
    // Nothing of this was in its snapshot: it was open all the time.
    expect(rows[0]?.n).toBe(1);
    await longOpen.query('COMMIT');
    expect(sound.table().filter(({ record }) => record.channel !== 'emergency')).toEqual([]);
  }, 240_000);

  async function rowsInFeed(): Promise<number> {
    const { rows } = await under.database.query<{ head: string }>(
      `SELECT head FROM feed.channel WHERE channel_id = 'everyone'`,
    );
    return Number(rows[0]?.head ?? 0);
  }

  async function stateOf(id: string): Promise<string | undefined> {
    const { rows } = await under.database.query<{ state: string }>(
      'SELECT state FROM normaliser.job WHERE submission_id = $1',
      [id],
    );
    return rows[0]?.state;
  }
});
