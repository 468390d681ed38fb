import { createHash, randomBytes } from 'node:crypto';

const API_KEY = /^tcn_([a-z0-9]{16})_([A-Za-z0-9_-]{43})$/;

/** The stored form of a secret. It has 256 random bits, so a plain hash cannot be searched. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** The id of a key, which may be shown. */
export const API_KEY_ID = /^[0-9a-f]{16}$/;

/** Makes a key: `key` is shown once, `secretHash` is stored. */
export function makeApiKey(): { id: string; key: string; secretHash: Buffer } {
  const id = randomBytes(8).toString('hex');
  const secret = randomBytes(32).toString('base64url');
  return { id, key: `tcn_${id}_${secret}`, secretHash: hashSecret(secret) };
}

/** Takes a key apart; undefined when it has not the shape of one. */
export function parseApiKey(key: string): { id: string; secret: string } | undefined {
  const [, id, secret] = API_KEY.exec(key) ?? [];
  return id && secret ? { id, secret } : undefined;
}
