import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  type KeyObject,
} from 'node:crypto';

/** Keys of one bench as text: what a receiver trusts, in the words of the manual, and the private halves. */
export interface ConformanceKeys {
  /** `whpk_…`: the key in use, and the one that takes its place. */
  public_keys: string[];
  /** `whsec_…`, the same two for receivers that share a secret. */
  secrets: string[];
  /** PKCS #8, base64, in the order of the public keys. For the kit alone. */
  private_keys: string[];
}

/** New keys for one bench; they are good for nothing else. */
export function makeConformanceKeys(): ConformanceKeys {
  const pairs = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
  return {
    public_keys: pairs.map(({ publicKey }) => writtenKey(publicKey)),
    secrets: pairs.map(() => `whsec_${randomBytes(32).toString('base64')}`),
    private_keys: pairs.map(({ privateKey }) => privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')),
  };
}

/** Who signs: the keys in use, those that take their place, or somebody whom no receiver trusts. */
export type SignedBy = 'present' | 'next' | 'stranger';

/** Signs as the exchange does, by Ed25519 (`v1a`) and by a shared secret (`v1`), so that either kind of receiver can verify. */
export class ConformanceSigner {
  private readonly signers: Record<SignedBy, { key: KeyObject; secret: Buffer }>;

  /** @throws Error when a key is missing or cannot be read */
  constructor({ private_keys: keys, secrets }: ConformanceKeys) {
    const signer = (index: number) => ({ key: readKey(keys[index]), secret: readSecret(secrets[index]) });
    const stranger = { key: generateKeyPairSync('ed25519').privateKey, secret: randomBytes(32) };
    this.signers = { present: signer(0), next: signer(1), stranger };
  }

  /** Signatures in the form of Standard Webhooks, separated by a space. */
  signatures(content: Buffer, by: SignedBy): string {
    const { key, secret } = this.signers[by];
    const hmac = createHmac('sha256', secret).update(content).digest('base64');
    return `v1a,${sign(null, content, key).toString('base64')} v1,${hmac}`;
  }
}

function writtenKey(key: KeyObject): string {
  const { x = '' } = createPublicKey(key.export({ format: 'pem', type: 'spki' })).export({ format: 'jwk' });
  return `whpk_${Buffer.from(x, 'base64url').toString('base64')}`;
}

function readKey(text: string | undefined): KeyObject {
  if (text === undefined) throw new Error('a bench has two private keys');
  return createPrivateKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'pkcs8' });
}

function readSecret(text: string | undefined): Buffer {
  if (text === undefined) throw new Error('a bench has two secrets');
  return Buffer.from(text.replace(/^whsec_/, ''), 'base64');
}
