import type { RowRecord } from '#libs/events';
import { membershipEnded, outOfFilter } from './outgoing.js';

const UUID_V5 = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const row = {
  ...{ id: 'event-1', type: 'row', channel: 'everyone', row_id: 'row-1', version: 4, generation: 2 },
  ...{
    published_at: '2026-01-01T00:00:00Z',
    drill: true,
    harms: ['tvec'],
    signal: { type: 'url', value: 'https://x.example' },
  },
} as unknown as RowRecord;

describe('what goes out', () => {
  it('ends a row that no longer passes at its own version, with an id of its own and nothing of its content', () => {
    const record = outOfFilter(row, 's', 3);
    expect(record).toMatchObject({ rowId: 'row-1', version: 4, kind: 'withdrawal' });
    expect(record.eventId).toMatch(UUID_V5);
    expect(JSON.parse(record.body)).toEqual({
      ...{ id: record.eventId, type: 'withdrawal', channel: 'everyone', row_id: 'row-1', version: 4, generation: 2 },
      ...{ published_at: '2026-01-01T00:00:00Z', drill: true, reason: 'out-of-filter', restore: false },
    });
    expect(outOfFilter(row, 's', 4).eventId).not.toBe(record.eventId);
  });

  it('ends a membership with a message that is the same at every repeat', () => {
    const about = { subscriptionId: 's', revision: 2, policy: 'delete-all' } as const;
    expect(membershipEnded('everyone', about)).toEqual(membershipEnded('everyone', about));
    expect(JSON.parse(membershipEnded('everyone', about).body)).toMatchObject({
      type: 'membership-ended',
      channel: 'everyone',
      rows: 'delete-all',
      version: 0,
    });
    expect(membershipEnded('everyone', { ...about, revision: 3 }).eventId).not.toBe(
      membershipEnded('everyone', about).eventId,
    );
  });
});
