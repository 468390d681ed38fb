import { randomBytes } from 'node:crypto';
import { rejection, transient } from '#libs/domain';
import { anOutgoingBatch, anOutgoingRecord, describeConnector, type ContractReceiver } from '#libs/testing';
import type { ConnectorContext, TopicPort } from '../connector.js';
import { kafka } from './index.js';

type Written = Parameters<TopicPort['produce']>[1][number] & { topic: string };

/** A topic in memory, with the failures that a broker gives; the real broker is in the integration test. */
function topicInMemory(): { written: Written[][]; context: ConnectorContext; failWith(error?: Error): void } {
  const written: Written[][] = [];
  let failure: Error | undefined;
  return {
    written,
    failWith: (error) => void (failure = error),
    context: {
      topics: {
        produce: (topic, records) => {
          if (failure) return Promise.reject(failure);
          written.push(records.map((record) => ({ topic, ...record })));
          return Promise.resolve();
        },
      },
      egress: {
        post: () => Promise.reject(new Error('Kafka is not HTTP')),
        request: () => Promise.reject(new Error('Kafka is not HTTP')),
      },
      signing: { ed25519: () => [], publicKeys: () => [] },
      now: () => new Date(),
      randomBytes,
    },
  };
}

function start(): Promise<ContractReceiver> {
  const { written, context, failWith } = topicInMemory();
  return Promise.resolve({
    settings: {},
    context,
    trust: () => undefined,
    taken: () =>
      written.map((records) => ({
        sameAtRepeat: JSON.stringify(records),
        records: records.map(({ headers, value }) => ({ eventId: headers.ce_id ?? '', body: value })),
      })),
    faults: {
      refuse: () => failWith(rejection('TOC_KAFKA_RECORD_REFUSED', 'A record is too large.')),
      fail: () => failWith(transient('TOC_KAFKA_UNAVAILABLE', 'No broker answers.')),
    },
    stop: () => Promise.resolve(),
  });
}

// The port cannot refuse one record of several and take another: see the integration test.
describeConnector(kafka, async () => {
  const receiver = await start();
  const { refuse: _refuse, ...faults } = receiver.faults;
  return { ...receiver, faults };
});

describe('the connector kafka', () => {
  it('writes to the platform’s own topic, keyed by channel and row, as CloudEvents in binary mode', async () => {
    const { context, written } = topicInMemory();
    const row = anOutgoingRecord({ version: 7 });
    const withdrawal = anOutgoingRecord({ kind: 'withdrawal', rowId: row.rowId, version: 8 });
    const left = { ...withdrawal, eventId: 'e', kind: 'membership-ended' as const, rowId: 'membership' };
    await kafka.deliver(anOutgoingBatch([row, withdrawal, left]), {}, {}, context);
    expect(written.flat().map(({ topic, key }) => [topic, key])).toEqual([
      ['tocsin.platform.picturebook.v1', `everyone/${row.rowId}`],
      ['tocsin.platform.picturebook.v1', `everyone/${row.rowId}`],
      ['tocsin.platform.picturebook.v1', 'everyone/membership'],
    ]);
    expect(written[0]?.map(({ headers }) => headers.ce_type)).toEqual([
      'tocsin.row',
      'tocsin.withdrawal',
      'tocsin.membership-ended',
    ]);
    expect(written[0]?.[0]).toMatchObject({
      value: row.body,
      headers: {
        ce_specversion: '1.0',
        ce_id: row.eventId,
        ce_source: 'urn:tocsin:channel:everyone',
        ce_type: 'tocsin.row',
        ce_time: '2026-01-02T03:04:05.000Z',
        'content-type': 'application/json',
        tocsin_channel: 'everyone',
        tocsin_version: '7',
        tocsin_revision: '1',
        tocsin_reporting: 'https://tips.politiet.no/',
      },
    });
  });

  it('hands over topic and group prefix, and stores nothing', async () => {
    const { context } = topicInMemory();
    expect(await kafka.register('picturebook', {}, context)).toEqual({
      settings: {},
      secrets: {},
      handOver: {
        topic: 'tocsin.platform.picturebook.v1',
        group_prefix: 'tocsin.platform.picturebook.',
      },
    });
  });

  it('tells a refusal, an outage and a fault apart', async () => {
    const { context, failWith } = topicInMemory();
    const batch = anOutgoingBatch([anOutgoingRecord()]);
    failWith(rejection('TOC_KAFKA_RECORD_REFUSED', 'A record is too large.'));
    expect(await kafka.deliver(batch, {}, {}, context)).toEqual({
      outcome: 'refused',
      detail: 'A record is too large.',
    });
    failWith(transient('TOC_KAFKA_UNAVAILABLE', 'No broker answers.'));
    expect(await kafka.deliver(batch, {}, {}, context)).toEqual({
      outcome: 'unavailable',
      detail: 'No broker answers.',
    });
    failWith(new Error('unforeseen'));
    await expect(kafka.deliver(batch, {}, {}, context)).rejects.toThrow('unforeseen');
  });
});
