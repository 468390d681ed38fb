import { randomUUID } from 'node:crypto';
import type { KeyRing } from '#libs/access';
import { SignedCursors } from '../signed-cursors.js';
import { keyOf, readWithdrawalCursor, writeWithdrawalCursor } from './withdrawal-cursor.js';

const key = { id: 'k1', bytes: Buffer.alloc(32, 7) };
const ring = { newest: () => key, byId: (id: string) => (id === 'k1' ? key : undefined) };
const cursors = new SignedCursors(ring as unknown as KeyRing);

describe('a cursor of withdrawals', () => {
  it('says where each channel is read up to, for hundreds of them', () => {
    const places = Array.from({ length: 500 }, (_, at): [string, bigint] => [
      keyOf({ subscriptionId: randomUUID(), channelId: `incident-${at}` }),
      BigInt(at) * 1_000_003n,
    ]);
    const cursor = writeWithdrawalCursor(cursors, 'platform', new Map(places));
    expect(cursor.length).toBeLessThan(12_000);
    expect([...readWithdrawalCursor(cursors, cursor, 'platform')]).toEqual(places);
  });

  it('is of one platform, and of withdrawals', () => {
    const cursor = writeWithdrawalCursor(cursors, 'platform', new Map());
    expect(readWithdrawalCursor(cursors, cursor, 'platform').size).toBe(0);
    for (const wrong of [cursor.replace('.k1.', '.k2.'), `${cursor}x`, cursors.sign('changes', 'platform'), '', '...'])
      expect(() => readWithdrawalCursor(cursors, wrong, 'platform')).toThrow('TOC_REQUEST_CURSOR');
    expect(() => readWithdrawalCursor(cursors, cursor, 'another')).toThrow('TOC_REQUEST_CURSOR');
  });
});
