import { sign, type KeyObject } from 'node:crypto';
import { ed25519PrivateKey, ed25519PublicBytes } from './ed25519.js';
import type { KeyRing } from './key-ring.js';

/** Ed25519 signatures by every key of the ring `webhook-signing`, newest first, so that receivers survive a rotation. */
export function webhookSigning(ring: KeyRing): {
  ed25519(message: Buffer): { keyId: string; signature: Buffer }[];
  publicKeys(): { keyId: string; raw: Buffer }[];
} {
  const made = new Map<string, KeyObject>();
  const keys = (): { keyId: string; key: KeyObject }[] =>
    ring.all().map(({ id, bytes }) => {
      const key = made.get(id) ?? ed25519PrivateKey(bytes);
      made.set(id, key);
      return { keyId: id, key };
    });
  return {
    ed25519: (message) => keys().map(({ keyId, key }) => ({ keyId, signature: sign(null, message, key) })),
    publicKeys: () => keys().map(({ keyId, key }) => ({ keyId, raw: ed25519PublicBytes(key) })),
  };
}
