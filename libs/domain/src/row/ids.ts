import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto';

/** Namespace of the UUIDv5 event ids (minted for Tocsin; not the STIX namespace 00abedb4-…). */
const EVENT_NAMESPACE = Buffer.from('6f1f0c1e7c0b4d6a9a5f3c7d21b7e4aa', 'hex');

function asUuid(bytes: Buffer, version: number): string {
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | (version << 4);
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/**
 * Ids of rows under the exchange's one key, which never changes: UUIDv8 (RFC 9562, section 5.8) of HMAC-SHA-256. The
 * same for everyone inside, not guessable outside.
 */
export class RowIds {
  /** Prepared once: given as bytes, the key would be prepared anew for each id, which takes five times as long. */
  private readonly key: KeyObject;

  /** @param key 32 bytes */
  constructor(key: Uint8Array) {
    this.key = createSecretKey(key);
  }

  /** The id of a signal, from its type and canonical value. */
  ofSignal(type: string, canonicalValue: string): string {
    return this.of(`${type}\0${canonicalValue}`);
  }

  /** The row id of an advisory's bulletin, in the same space as signal ids. */
  ofBulletin(advisoryId: string): string {
    return this.of(`bulletin\0${advisoryId}`);
  }

  private of(what: string): string {
    return asUuid(createHmac('sha256', this.key).update(what).digest(), 8);
  }
}

/** The id of the event that publishes one version of a row: UUIDv5(channel, row, version), the same at every repeat. */
export function eventId(channelId: string, rowId: string, version: number): string {
  return asUuid(createHash('sha1').update(EVENT_NAMESPACE).update(`${channelId}/${rowId}/${version}`).digest(), 5);
}
