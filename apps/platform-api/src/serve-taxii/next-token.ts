import { cursorRefused, type SignedCursors } from '../signed-cursors.js';

/** Where a reader goes on in a collection. */
export interface CollectionPlace {
  platformId: string;
  subscriptionId: string;
  channelId: string;
  /** Everything up to here was given. */
  position: bigint;
  /** Content after this date waits, so a reader is not to believe that it has read further. */
  heldAfter?: string;
}

const KIND = 'taxii';

/** A place as the value of `next`: it says everything itself, so it is good any number of times. */
export function writeNext(
  signed: SignedCursors,
  { platformId, subscriptionId, channelId, position, heldAfter }: CollectionPlace,
): string {
  return signed.sign(KIND, [platformId, subscriptionId, channelId, position, heldAfter ?? ''].join('/'));
}

/** @throws a rejection `TOC_REQUEST_CURSOR`, the same for another platform's place, or collection's, as for none */
export function readNext(
  signed: SignedCursors,
  next: string,
  of: Pick<CollectionPlace, 'platformId' | 'channelId'>,
): CollectionPlace {
  const [platformId, subscriptionId = '', channelId, position = '', heldAfter] = signed.open(KIND, next).split('/');
  if (platformId !== of.platformId || channelId !== of.channelId) throw cursorRefused();
  return {
    ...{ platformId, subscriptionId, channelId, position: BigInt(position) },
    ...(heldAfter ? { heldAfter } : {}),
  };
}
