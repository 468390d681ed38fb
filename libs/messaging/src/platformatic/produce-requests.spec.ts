import fc from 'fast-check';
import type { TopicRecords } from '../kafka-client.js';
import { inRequests } from './produce-requests.js';

const sizes = (batches: TopicRecords[]) =>
  [...inRequests(batches)].map((request) => request.map(({ topic, records }) => [topic, records.length]));

const records = (count: number, bytes: number) =>
  Array.from({ length: count }, (_, index) => ({ key: `${index}`, value: Buffer.alloc(bytes) }));

describe('produce requests', () => {
  it('are one for what fits', () => {
    expect(
      sizes([
        { topic: 'a', records: records(500, 600) },
        { topic: 'b', records: records(1, 1) },
      ]),
    ).toEqual([
      [
        ['a', 500],
        ['b', 1],
      ],
    ]);
  });

  it('are bounded in records and in bytes of a topic', () => {
    expect(sizes([{ topic: 'a', records: records(1_500, 10) }])).toEqual([[['a', 1_000]], [['a', 500]]]);
    expect(sizes([{ topic: 'a', records: records(5, 400_000) }])).toEqual([[['a', 2]], [['a', 2]], [['a', 1]]]);
  });

  it('leave a record alone that is too large for any request', () => {
    expect(sizes([{ topic: 'a', records: records(3, 2_000_000) }])).toEqual([[['a', 1]], [['a', 1]], [['a', 1]]]);
  });

  it('count headers', () => {
    const heavy = Array.from({ length: 3 }, () => ({ key: 'k', value: null, headers: { h: 'x'.repeat(500_000) } }));
    expect(sizes([{ topic: 'a', records: heavy }])).toEqual([[['a', 1]], [['a', 1]], [['a', 1]]]);
  });

  it('are none for nothing', () => {
    expect(sizes([])).toEqual([]);
    expect(sizes([{ topic: 'a', records: [] }])).toEqual([]);
  });

  it('keep every record of a topic, in order', () => {
    const batch = fc.record({
      topic: fc.constantFrom('a', 'b', 'c'),
      records: fc.array(fc.record({ key: fc.string(), value: fc.nat(300_000).map((bytes) => Buffer.alloc(bytes)) })),
    });
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 5 }), (batches) => {
        const given = (topic: string, parts: TopicRecords[]) =>
          parts.filter((part) => part.topic === topic).flatMap((part) => part.records);
        const sent = [...inRequests(batches)].flat();
        for (const topic of ['a', 'b', 'c']) {
          const [before, after] = [given(topic, batches), given(topic, sent)];
          expect(after.length).toBe(before.length);
          expect(after.every((record, index) => record === before[index])).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });
});
