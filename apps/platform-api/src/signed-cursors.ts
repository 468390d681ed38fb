import { createHmac, timingSafeEqual } from 'node:crypto';
import type { KeyRing } from '#libs/access';
import { rejection } from '#libs/domain';

const TAG_BYTES = 16;

/** One answer for every way of being wrong: another platform's cursor is told apart from none by nothing. */
export function cursorRefused(): Error {
  return rejection('TOC_REQUEST_CURSOR', 'The cursor is not one that was given to this platform for this.');
}

/**
 * Signs what cursors say, so that nobody makes one up. They last for as long as the key does; whoever has lost one starts
 * without.
 */
export class SignedCursors {
  constructor(private readonly keys: KeyRing) {}

  /** @param kind what the cursor is of, so that none is taken for another */
  sign(kind: string, said: string): string {
    const bytes = Buffer.from(said);
    const { id, bytes: key } = this.keys.newest();
    return `${bytes.toString('base64url')}.${id}.${tagOf(key, kind, bytes).toString('base64url')}`;
  }

  /** @throws a rejection `TOC_REQUEST_CURSOR` */
  open(kind: string, cursor: string): string {
    const [said, keyId, tag, more] = cursor.split('.');
    const key = keyId === undefined ? undefined : this.keys.byId(keyId);
    if (said === undefined || tag === undefined || more !== undefined || !key) throw cursorRefused();
    const bytes = Buffer.from(said, 'base64url');
    const given = Buffer.from(tag, 'base64url');
    if (given.length !== TAG_BYTES || !timingSafeEqual(given, tagOf(key.bytes, kind, bytes))) throw cursorRefused();
    return bytes.toString();
  }
}

function tagOf(key: Buffer, kind: string, said: Buffer): Buffer {
  return createHmac('sha256', key).update(`${kind}/`).update(said).digest().subarray(0, TAG_BYTES);
}
