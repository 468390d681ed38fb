import { setTimeout as sleep } from 'node:timers/promises';
import { createKafkaClient } from '#libs/messaging';
import { createLogger } from '#libs/runtime';
import { ProblemAnswer } from '../../tools/local-exchange/api-client.js';
import { digestOf, ExchangeUnderTest } from '../exchange-under-test.js';

describe('what two operators decide together', () => {
  let under: ExchangeUnderTest;
  beforeAll(async () => void (under = await ExchangeUnderTest.start('operators')));
  afterAll(() => under.stop());

  async function decide(action: string, subject: object): Promise<{ id: string }> {
    const proposal = await under
      .operator()
      .call<{ id: string }>('POST', '/v1/proposals', { action, subject, reason: 'for this test' });
    const alone = await under
      .operator()
      .call('POST', `/v1/proposals/${proposal.id}/confirmation`, {})
      .catch((thrown: unknown) => thrown);
    expect(alone).toBeInstanceOf(ProblemAnswer);
    expect((alone as ProblemAnswer).problem.code).toBe('TOC_ACCESS_SECOND_PERSON');
    await under.operator(true).call('POST', `/v1/proposals/${proposal.id}/confirmation`, {});
    return proposal;
  }

  test('a stop holds content back and lets withdrawals through; lifting it lets content go', async () => {
    const before = digestOf('before the stop');
    const told = await under.told(await under.submit(before));
    await under.until(async () => (await under.liveValues('Framehub')).has(before), 'live');
    const stop = await decide('stop', { scope: 'everything' });
    const waiting = digestOf('during the stop');
    const id = await under.submit(waiting);
    await under
      .officer()
      .call('POST', `/v1/advisories/${told.advisories[0]?.id}/retractions`, { reason: 'issued-in-error' });
    await under.until(async () => !(await under.liveValues('Framehub')).has(before), 'withdrawn during the stop');
    await sleep(1500);
    expect(await under.liveValues('Framehub')).not.toContain(waiting);
    await decide('lift-stop', { stop: stop.id });
    expect((await under.told(id)).state).toBe('settled');
    await under.until(async () => (await under.liveValues('Framehub')).has(waiting), 'live after the stop');
  });

  test('a purge destroys bytes and key; the receipt stays', async () => {
    const id = await under.submit(digestOf('purged'));
    await under.told(id);
    await decide('purge', { submission: id });
    await under.until(async () => {
      const { rows } = await under.database.query<{ parts: number; keys: number }>(
        `SELECT (SELECT count(*) FROM intake.part WHERE submission_id = $1)::int AS parts, (SELECT count(*) FROM intake.submission_key WHERE submission_id = $1)::int AS keys`,
        [id],
      );
      return rows[0]?.parts === 0 && rows[0].keys === 0;
    }, 'bytes and key destroyed');
    expect((await under.told(id)).state).toBe('settled');
  });

  test('a rebuild publishes every row again with the same ids and bytes (I8, I13)', async () => {
    const values = Array.from({ length: 50 }, (_, line) => digestOf(`rebuilt ${line}`));
    await under.told(await under.submit(values.join('\n'), { channels: 'france' }));
    await under.until(async () => (await recordsOf('france')).length >= 50, 'fifty records');
    const before = await recordsOf('france');
    await decide('rebuild', { channel: 'france' });
    await under.until(async () => (await recordsOf('france')).length >= 2 * before.length, 'everything twice');
    const after = await recordsOf('france');
    expect(new Set(after)).toEqual(new Set(before));
  });

  /** Values of all records of a channel's topic. */
  async function recordsOf(channel: string): Promise<string[]> {
    const { kafkaAdminPassword } = under.exchange.file.state;
    const kafka = createKafkaClient(
      {
        brokers: [under.exchange.servers.kafka.bootstrap],
        clientId: 'spec',
        sasl: { mechanism: 'scram-sha-512', username: 'tocsin-admin', password: kafkaAdminPassword },
      },
      { logger: createLogger('spec', 'fatal') },
    );
    const topic = `tocsin.channel.${channel}.v1`;
    const end = ((await kafka.admin().offsets(topic)) ?? []).reduce((sum, { endOffset }) => sum + Number(endOffset), 0);
    const values: string[] = [];
    const consumer = kafka.consumer({ groupId: `spec-${Date.now()}-${Math.random()}` });
    consumer.subscribe([topic]);
    consumer.start(({ batch }) => {
      for (const record of batch.records) values.push(record.value?.toString() ?? '');
      return Promise.resolve();
    });
    await under.until(() => values.length >= end, 'the topic is read');
    await kafka.close();
    return values;
  }
});
