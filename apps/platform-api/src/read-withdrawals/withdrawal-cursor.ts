import { cursorRefused, type SignedCursors } from '../signed-cursors.js';

/** How far the withdrawals of each channel are read, by subscription and channel. */
export type WithdrawalPositions = Map<string, bigint>;

const KIND = 'withdrawals';

export function keyOf({ subscriptionId, channelId }: { subscriptionId: string; channelId: string }): string {
  return `${subscriptionId}/${channelId}`;
}

/** All places as one cursor, bound to a platform. */
export function writeWithdrawalCursor(
  signed: SignedCursors,
  platformId: string,
  positions: ReadonlyMap<string, bigint>,
): string {
  return signed.sign(KIND, [platformId, ...[...positions].map(([key, position]) => `${key}/${position}`)].join(' '));
}

/** @throws a rejection `TOC_REQUEST_CURSOR`, the same for another platform's cursor as for none */
export function readWithdrawalCursor(signed: SignedCursors, cursor: string, platformId: string): WithdrawalPositions {
  const [of, ...places] = signed.open(KIND, cursor).split(' ');
  if (of !== platformId) throw cursorRefused();
  return new Map(
    places.map((place) => {
      const [subscriptionId = '', channelId = '', position = ''] = place.split('/');
      return [keyOf({ subscriptionId, channelId }), BigInt(position)];
    }),
  );
}
