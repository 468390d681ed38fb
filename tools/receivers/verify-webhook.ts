import { createHmac, createPublicKey, timingSafeEqual, verify, type KeyObject } from 'node:crypto';

/** Keys that a receiver trusts, in their written forms. */
export interface TrustedKeys {
  /** `whpk_<base64>`, Ed25519. */
  publicKeys: readonly string[];
  /** `whsec_<base64>`, HMAC-SHA-256. */
  secrets: readonly string[];
}

/** How far the time of an attempt may be from the receiver's clock, both ways. */
const TOLERANCE_S = 300;

function ed25519Key(written: string): KeyObject {
  const x = Buffer.from(written.replace(/^whpk_/, ''), 'base64').toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}

function isSignedBy(secret: string, content: Buffer, signature: Buffer): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', key).update(content).digest();
  return expected.length === signature.length && timingSafeEqual(expected, signature);
}

/**
 * Verifies a message as Standard Webhooks 1.0 says: any one of the signatures, by any trusted key, over
 * `id.timestamp.body`, near enough in time.
 * @returns what is wrong, or undefined when the message is good
 */
export function webhookProblem(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: Buffer,
  keys: TrustedKeys,
  now = Date.now(),
): string | undefined {
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map(
    (name) => headers[name],
  );
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string')
    return 'a header is missing';
  if (!/^\d{1,12}$/.test(timestamp)) return 'the timestamp is no number';
  if (Math.abs(now / 1000 - Number(timestamp)) > TOLERANCE_S) return 'the timestamp is too far from now';
  const content = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
  for (const written of signatures.split(' ')) {
    const [version = '', text = ''] = written.split(',');
    const signature = Buffer.from(text, 'base64');
    if (version === 'v1a' && keys.publicKeys.some((key) => verify(null, content, ed25519Key(key), signature)))
      return undefined;
    if (version === 'v1' && keys.secrets.some((secret) => isSignedBy(secret, content, signature))) return undefined;
  }
  return 'no signature matches a trusted key';
}
