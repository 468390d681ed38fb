import { createHash } from 'node:crypto';
import { cursorRefused, type SignedCursors } from '../signed-cursors.js';

/** How far the withdrawals of each channel are read, by {@link keyOf}. */
export type WithdrawalPositions = Map<string, bigint>;

const KIND = 'withdrawals';
/** Characters of a key: short, since a cursor names every channel that was ever fetched. */
const KEY_LENGTH = 8;

/** A short name of one channel of one subscription. */
export function keyOf({ subscriptionId, channelId }: { subscriptionId: string; channelId: string }): string {
  return createHash('sha256').update(`${subscriptionId}/${channelId}`).digest('base64url').slice(0, KEY_LENGTH);
}

/** All places as one cursor, bound to a platform. */
export function writeWithdrawalCursor(
  signed: SignedCursors,
  platformId: string,
  positions: ReadonlyMap<string, bigint>,
): string {
  const places = [...positions].map(([key, position]) => `${key}${position}`);
  return signed.sign(KIND, [platformId, ...places].join(' '));
}

/** @throws a rejection `TOC_REQUEST_CURSOR`, the same for another platform's cursor as for none */
export function readWithdrawalCursor(signed: SignedCursors, cursor: string, platformId: string): WithdrawalPositions {
  const [of, ...places] = signed.open(KIND, cursor).split(' ');
  if (of !== platformId) throw cursorRefused();
  return new Map(places.map((place) => [place.slice(0, KEY_LENGTH), BigInt(place.slice(KEY_LENGTH))]));
}
