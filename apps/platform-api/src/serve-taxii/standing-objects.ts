import { exchangeIdentity, tlpMarkings } from '#libs/stix';
import { readTimestamp } from '#libs/taxii';

/** One object as it stands in a collection. */
export interface ObjectInCollection {
  id: string;
  type: string;
  /** Timestamps of TAXII, distinct and ascending. */
  dateAdded: string;
  /** `modified`, or `created` where there is none. */
  version: string;
  /** JSON text. */
  text: string;
}

/**
 * What every collection begins with, since its objects refer to it: the exchange as their creator, and the markings. They
 * take the positions before the first of the channel, the last of them -1.
 */
export function standingObjects(exchangeName: string): (ObjectInCollection & { position: bigint })[] {
  const objects: { id: string; type: string; created: string; modified?: string }[] = [
    exchangeIdentity(exchangeName),
    ...tlpMarkings(),
  ];
  return objects.map((object, at) => ({
    ...{ id: object.id, type: object.type, version: readTimestamp(object.modified ?? object.created) ?? '' },
    dateAdded: `2026-01-01T00:00:00.00000${at + 1}Z`,
    text: JSON.stringify(object),
    position: BigInt(at - objects.length),
  }));
}
