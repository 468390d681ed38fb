import { anOutgoingRecord } from '#libs/testing';
import { batchIdOf, composeBatch } from './compose-batch.js';

const UUID_V5 = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('a batch', () => {
  it('has a batch id that is the same for the same records, subscription and revision alone', () => {
    const records = [anOutgoingRecord()];
    const id = batchIdOf('s', 1, records);
    expect(id).toMatch(UUID_V5);
    expect(batchIdOf('s', 1, records)).toBe(id);
    expect(new Set([id, batchIdOf('s', 2, records), batchIdOf('t', 1, records), batchIdOf('s', 1, [])]).size).toBe(4);
  });

  it('keeps the order given', () => {
    const [first, second] = [anOutgoingRecord(), anOutgoingRecord()];
    const of = {
      platformId: 'p',
      platformCountry: 'NO',
      subscriptionId: 's',
      channelId: 'everyone',
      revision: 1,
      lane: 'ordinary',
    } as const;
    const batch = composeBatch(of, [
      { position: 1n, live: true, record: first },
      { position: 2n, live: true, record: second },
    ]);
    expect(batch).toEqual({
      ...of,
      batchId: batchIdOf('s', 1, [first, second]),
      position: 2,
      records: [first, second],
    });
  });
});
