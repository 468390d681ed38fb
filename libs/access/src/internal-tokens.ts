import { decodeJwt, errors, jwtVerify, SignJWT } from 'jose';
import { rejection, TocsinError } from '#libs/domain';
import { ed25519PrivateKey, ed25519PublicKey } from './ed25519.js';
import { issuersTo, type InternalAudience, type InternalIssuer } from './key-purposes.js';
import { KeyRing } from './key-ring.js';
import type { Principal } from './principal.js';

const LIFETIME_SECONDS = 60;
const ALGORITHM = 'EdDSA';

function refused(): TocsinError {
  return rejection('TOC_ACCESS_UNAUTHENTICATED', 'a service token is asked for');
}

function isPrincipal(value: unknown): value is Principal {
  return (
    typeof value === 'object' &&
    value !== null &&
    'personId' in value &&
    'organisationKind' in value &&
    'roles' in value
  );
}

/**
 * Makes short-lived tokens by which one service asks another (JWT, RFC 7519; EdDSA, RFC 8037, with the service's own
 * key). The person on whose behalf it asks travels in the claim `act`.
 */
export class InternalSigner {
  private constructor(
    private readonly self: InternalIssuer,
    private readonly ring: KeyRing,
  ) {}

  /** @throws a fault when the service has no key of its own */
  static open(keysDir: string, self: InternalIssuer): InternalSigner {
    return new InternalSigner(self, KeyRing.open(keysDir, `internal-${self}`));
  }

  sign(audience: InternalAudience, principal?: Principal): Promise<string> {
    const { id, bytes } = this.ring.newest();
    return new SignJWT(principal ? { act: { ...principal } } : {})
      .setProtectedHeader({ alg: ALGORITHM, kid: id })
      .setIssuer(this.self)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(`${LIFETIME_SECONDS}s`)
      .sign(ed25519PrivateKey(bytes));
  }
}

/** Knows other services by their public keys: a token counts for the service whose key signed it, whatever it says. */
export class InternalVerifier {
  private constructor(
    private readonly self: InternalAudience,
    private readonly peers: ReadonlyMap<InternalIssuer, KeyRing>,
  ) {}

  /** @throws a fault when the public keys of a service that may ask are not there */
  static open(keysDir: string, self: InternalAudience): InternalVerifier {
    const rings = issuersTo(self).map((issuer) => [issuer, KeyRing.open(keysDir, `internal-${issuer}.pub`)] as const);
    return new InternalVerifier(self, new Map(rings));
  }

  /** @throws a rejection `TOC_ACCESS_UNAUTHENTICATED` unless an allowed service signed it for this one */
  async verify(
    authorization: string | undefined,
    allowed: readonly InternalIssuer[],
  ): Promise<{ issuer: InternalIssuer; principal?: Principal }> {
    const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (!token) throw refused();
    try {
      // Read before anything is verified, only to choose the one ring by which the token has to verify.
      const claimed = decodeJwt(token).iss;
      const issuer = allowed.find((name) => name === claimed);
      const ring = issuer && this.peers.get(issuer);
      if (!issuer || !ring) throw refused();
      const { payload } = await jwtVerify(
        token,
        ({ kid }) => {
          const key = ring.byId(kid ?? '');
          if (!key) throw refused();
          return ed25519PublicKey(key.bytes);
        },
        {
          algorithms: [ALGORITHM],
          audience: this.self,
          issuer,
          clockTolerance: 10,
          requiredClaims: ['exp', 'iat'],
        },
      );
      return { issuer, ...(isPrincipal(payload.act) ? { principal: payload.act } : {}) };
    } catch (thrown) {
      if (thrown instanceof errors.JOSEError || thrown instanceof TocsinError) throw refused();
      throw thrown;
    }
  }
}
