import { createCipheriv, createDecipheriv, randomBytes, type KeyObject } from 'node:crypto';
import { fault } from '#libs/domain';
import type { KeyRing } from './key-ring.js';

const NONCE = 12;
const TAG = 16;

/**
 * AES-256-GCM with a random nonce; the context is authenticated, so that a sealed text is of use only where it belongs.
 * @param key 32 bytes; as a key object where many small texts are sealed with it (7 µs each, not 30)
 */
export function encrypt(key: Buffer | KeyObject, plaintext: Buffer, context: string): Buffer {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** Reverses {@link encrypt}. @throws a fault when key, context or bytes do not belong together */
export function decrypt(key: Buffer | KeyObject, sealed: Buffer, context: string): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE)).setAAD(Buffer.from(context));
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG));
    return Buffer.concat([decipher.update(sealed.subarray(NONCE, sealed.length - TAG)), decipher.final()]);
  } catch (thrown) {
    throw fault('a sealed text cannot be opened', thrown);
  }
}

/** Seals with the newest key of a ring; the key's id goes in front. */
export function seal(ring: KeyRing, plaintext: Buffer, context: string): Buffer {
  const { id, bytes } = ring.newest();
  return Buffer.concat([Buffer.from([id.length]), Buffer.from(id), encrypt(bytes, plaintext, context)]);
}

/** The id of the key under which {@link seal} sealed. */
export function sealedUnder(sealed: Buffer): string {
  return sealed.subarray(1, 1 + (sealed[0] ?? 0)).toString();
}

/** Opens what {@link seal} made, with whichever key sealed it. */
export function unseal(ring: KeyRing, sealed: Buffer, context: string): Buffer {
  const key = ring.byId(sealedUnder(sealed));
  if (!key) throw fault('the key of a sealed text is not there');
  return decrypt(key.bytes, sealed.subarray(1 + (sealed[0] ?? 0)), context);
}
