import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeProtectedHeader, SignJWT } from 'jose';
import { InternalSigner, InternalVerifier } from './internal-tokens.js';
import { ed25519PrivateKey } from './ed25519.js';
import { createKey, createMissingKeys, handOutKeys } from './key-files.js';
import { INTERNAL_ISSUERS, issuersTo, type InternalAudience, type InternalIssuer } from './key-purposes.js';
import { KeyRing } from './key-ring.js';
import type { Principal } from './principal.js';

const REFUSED = { code: 'TOC_ACCESS_UNAUTHENTICATED' };
const PERSON: Principal = {
  personId: 'p1',
  organisationId: 'o1',
  organisationKind: 'operator',
  organisationName: 'Operators',
  country: 'NO',
  roles: ['operator'],
  keyId: 'k',
};

describe('a token between services', () => {
  const realNow = Date.now;
  let folder: string;
  let now: number;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tocsin-keys-'));
    now = realNow();
    Date.now = () => now;
    createMissingKeys(join(folder, 'keys'), new Date(now));
  });
  afterEach(() => {
    Date.now = realNow;
    rmSync(folder, { recursive: true, force: true });
  });

  const all = (): string => join(folder, 'keys');
  /** The folder of a service, with what it may have and no more. */
  const of = (service: InternalIssuer | InternalAudience): string => {
    handOutKeys(all(), service, join(folder, service));
    return join(folder, service);
  };
  const signer = (issuer: InternalIssuer): InternalSigner => InternalSigner.open(of(issuer), issuer);
  const bearer = async (token: Promise<string>): Promise<string> => `Bearer ${await token}`;
  /** What a service that was taken over can make: any claims, under the key that it has. */
  const forge = (claims: {
    key: InternalIssuer;
    issuer: string;
    audience: string;
    kid?: string;
    age?: number;
  }): Promise<string> => {
    const { id, bytes } = KeyRing.open(of(claims.key), `internal-${claims.key}`).newest();
    const token = new SignJWT({ act: { ...PERSON } })
      .setProtectedHeader({ alg: 'EdDSA', kid: claims.kid ?? id })
      .setIssuer(claims.issuer)
      .setAudience(claims.audience)
      .setIssuedAt(Math.floor(realNow() / 1000) - (claims.age ?? 0))
      .setExpirationTime(Math.floor(realNow() / 1000) - (claims.age ?? 0) + 60);
    return bearer(token.sign(ed25519PrivateKey(bytes)));
  };

  it('names the service and the person on whose behalf it asks', async () => {
    const verifier = InternalVerifier.open(of('delivery'), 'delivery');
    const token = await bearer(signer('console').sign('delivery', PERSON));
    expect(await verifier.verify(token, ['console'])).toEqual({ issuer: 'console', principal: PERSON });
    const plain = await bearer(signer('console').sign('delivery'));
    expect(await verifier.verify(plain, ['console'])).toEqual({ issuer: 'console' });
  });

  it('is refused when another service signed it in the name of this one', async () => {
    const verifier = InternalVerifier.open(of('intake'), 'intake');
    const honest = { key: 'normaliser', issuer: 'normaliser', audience: 'intake' } as const;
    expect(await verifier.verify(await forge(honest), ['normaliser'])).toMatchObject({ issuer: 'normaliser' });
    const asConsole = { ...honest, issuer: 'console' };
    await expect(verifier.verify(await forge(asConsole), ['console'])).rejects.toMatchObject(REFUSED);
    await expect(verifier.verify(await forge(asConsole), ['normaliser', 'console'])).rejects.toMatchObject(REFUSED);
    // Nor under the id of the other's key.
    const { id: kid } = KeyRing.open(all(), 'internal-console').newest();
    await expect(verifier.verify(await forge({ ...asConsole, kid }), ['console'])).rejects.toMatchObject(REFUSED);
  });

  it('is refused from a service that may not ask for this, for another audience, and when it is over', async () => {
    const verifier = InternalVerifier.open(of('intake'), 'intake');
    const token = await bearer(signer('normaliser').sign('intake'));
    await expect(verifier.verify(token, ['console'])).rejects.toMatchObject(REFUSED);
    const elsewhere = await bearer(signer('normaliser').sign('delivery'));
    await expect(verifier.verify(elsewhere, ['normaliser'])).rejects.toMatchObject(REFUSED);
    const honest = { key: 'normaliser', issuer: 'normaliser', audience: 'intake' } as const;
    await expect(verifier.verify(await forge({ ...honest, age: 60 }), ['normaliser'])).resolves.toBeDefined();
    await expect(verifier.verify(await forge({ ...honest, age: 90 }), ['normaliser'])).rejects.toMatchObject(REFUSED);
  });

  it('is refused when it says nothing, has no signature or one by a shared secret', async () => {
    const verifier = InternalVerifier.open(of('intake'), 'intake');
    const publicBytes = KeyRing.open(all(), 'internal-console.pub').newest().bytes;
    const claims = new SignJWT({}).setIssuer('console').setAudience('intake').setIssuedAt().setExpirationTime('60s');
    const symmetric = await bearer(claims.setProtectedHeader({ alg: 'HS256' }).sign(publicBytes));
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const unsigned = `Bearer ${part({ alg: 'none' })}.${part({ iss: 'console', aud: 'intake', iat: 1, exp: 9e9 })}.`;
    for (const wrong of [undefined, '', 'Bearer x', 'Bearer a.b.c', symmetric, unsigned]) {
      await expect(verifier.verify(wrong, ['console'])).rejects.toMatchObject(REFUSED);
    }
  });

  it.each(INTERNAL_ISSUERS)('goes on through a rotation of the keys of %s without a restart', async (issuer) => {
    const audience = issuersTo('intake').includes(issuer) ? 'intake' : 'normaliser';
    const verifier = InternalVerifier.open(of(audience), audience);
    const ring = signer(issuer);
    const before = await bearer(ring.sign(audience));
    const id = createKey(all(), `internal-${issuer}`, new Date(now + 1000));
    // The public half goes to the others first, the private one to the service itself last.
    of(audience);
    of(issuer);
    now += 30_001;
    const token = await ring.sign(audience);
    expect(decodeProtectedHeader(token).kid).toBe(id);
    expect(await verifier.verify(`Bearer ${token}`, [issuer])).toEqual({ issuer });
    expect(await verifier.verify(before, [issuer])).toEqual({ issuer });
    // The old one is removed everywhere: what it signed is refused from then on.
    for (const purpose of [`internal-${issuer}`, `internal-${issuer}.pub`]) {
      const old = readdirSync(join(all(), purpose)).filter((name) => name !== `${id}.key`);
      for (const name of old) rmSync(join(all(), purpose, name));
    }
    of(audience);
    of(issuer);
    now += 30_001;
    await expect(verifier.verify(before, [issuer])).rejects.toMatchObject(REFUSED);
    expect(await verifier.verify(await bearer(ring.sign(audience)), [issuer])).toEqual({ issuer });
  });
});
