import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import type { KeyRing } from './key-ring.js';

/** What stands before the 32 bytes of an Ed25519 private key in PKCS #8 (RFC 8410, section 7). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
/** What stands before the 32 bytes of an Ed25519 public key in SPKI (RFC 8410, section 4). */
const SPKI_PREFIX_BYTES = 12;

function privateKey(seed: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
}

/** Ed25519 signatures by every key of the ring `webhook-signing`, newest first, so that receivers survive a rotation. */
export function webhookSigning(ring: KeyRing): {
  ed25519(message: Buffer): { keyId: string; signature: Buffer }[];
  publicKeys(): { keyId: string; raw: Buffer }[];
} {
  const made = new Map<string, KeyObject>();
  const keys = (): { keyId: string; key: KeyObject }[] =>
    ring.all().map(({ id, bytes }) => {
      const key = made.get(id) ?? privateKey(bytes);
      made.set(id, key);
      return { keyId: id, key };
    });
  return {
    ed25519: (message) => keys().map(({ keyId, key }) => ({ keyId, signature: sign(null, message, key) })),
    publicKeys: () =>
      keys().map(({ keyId, key }) => ({
        keyId,
        raw: createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX_BYTES),
      })),
  };
}
