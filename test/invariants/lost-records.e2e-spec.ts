import { SUBMISSIONS_TOPIC_PLAN } from '#libs/events';
import { createKafkaClient } from '#libs/messaging';
import { createLogger } from '#libs/runtime';
import { digestOf, ExchangeUnderTest } from '../exchange-under-test.js';

describe('Kafka loses what it held (I1, I13)', () => {
  let under: ExchangeUnderTest;
  beforeAll(async () => void (under = await ExchangeUnderTest.start('lost-records')));
  afterAll(() => under.stop());

  test('a submission that nobody had read is told of again, and no other', async () => {
    const { services, servers, file } = under.exchange;
    const before = await under.submit(digestOf('read in time'));
    expect(await under.told(before)).toMatchObject({ state: 'settled' });
    await services.stop('normaliser');
    const lost = await under.submit(digestOf('lost on the way'), { channels: 'everyone' });
    await under.until(async () => {
      const { rows } = await under.database.query<{ left: number }>(
        'SELECT count(*)::int AS left FROM intake.outbox WHERE published_at IS NULL',
      );
      return rows[0]?.left === 0;
    }, 'the relay has carried everything');
    const { kafkaAdminPassword } = file.state;
    const kafka = createKafkaClient(
      {
        brokers: [servers.kafka.bootstrap],
        clientId: 'spec',
        sasl: { mechanism: 'scram-sha-512', username: 'tocsin-admin', password: kafkaAdminPassword },
      },
      { logger: createLogger('spec', 'fatal') },
    );
    await kafka.admin().deleteTopic(SUBMISSIONS_TOPIC_PLAN.topic);
    await kafka.admin().ensureTopic(SUBMISSIONS_TOPIC_PLAN);
    await kafka.close();
    await services.start('normaliser');
    await services.ready('normaliser');

    // An hour later.
    await under.database.query(
      `UPDATE intake.submission SET received_at = received_at - interval '1 hour', announced_at = announced_at - interval '1 hour'`,
    );
    await services.stop('intake');
    await services.start('intake');
    await services.ready('intake');
    expect(await under.told(lost)).toMatchObject({ state: 'settled', counts: { read: 1, asserted: 1 } });
    await under.until(async () => (await under.liveValues('Framehub')).has(digestOf('lost on the way')), 'it arrives');
    const { rows } = await under.database.query<{ subject: string; detail: string }>(
      `SELECT subject, detail FROM intake.audit WHERE action = 'announce-again'`,
    );
    expect(rows).toEqual([{ subject: `submission/${lost}`, detail: JSON.stringify({ submissions: [lost] }) }]);
    const after = await under.submit(digestOf('afterwards'));
    expect(await under.told(after)).toMatchObject({ state: 'settled' });
  }, 180_000);
});
