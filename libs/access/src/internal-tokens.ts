import { errors, jwtVerify, SignJWT } from 'jose';
import { rejection, TocsinError } from '#libs/domain';
import type { KeyRing } from './key-ring.js';
import type { Principal } from './principal.js';

/** Services that speak to one another. */
export const INTERNAL_ISSUERS = ['intake', 'normaliser', 'console', 'delivery'] as const;
export type InternalIssuer = (typeof INTERNAL_ISSUERS)[number];

const LIFETIME_SECONDS = 60;

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
 * Short-lived tokens between services (JWT, RFC 7519, HS256 with the ring `internal`). The person on whose behalf a
 * service asks travels in the claim `act`.
 */
export class InternalTokens {
  constructor(
    private readonly ring: KeyRing,
    private readonly self: InternalIssuer,
  ) {}

  sign(audience: InternalIssuer, principal?: Principal): Promise<string> {
    const { id, bytes } = this.ring.newest();
    return new SignJWT(principal ? { act: { ...principal } } : {})
      .setProtectedHeader({ alg: 'HS256', kid: id })
      .setIssuer(this.self)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(`${LIFETIME_SECONDS}s`)
      .sign(bytes);
  }

  /** @throws a rejection `TOC_ACCESS_UNAUTHENTICATED` unless an allowed service signed it for this one */
  async verify(
    authorization: string | undefined,
    allowed: readonly InternalIssuer[],
  ): Promise<{ issuer: InternalIssuer; principal?: Principal }> {
    const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (!token) throw refused();
    try {
      const { payload } = await jwtVerify(
        token,
        ({ kid }) => {
          const key = this.ring.byId(kid ?? '');
          if (!key) throw refused();
          return key.bytes;
        },
        {
          algorithms: ['HS256'],
          audience: this.self,
          issuer: [...allowed],
          clockTolerance: 10,
          requiredClaims: ['exp', 'iat'],
        },
      );
      const issuer = allowed.find((name) => name === payload.iss);
      if (!issuer) throw refused();
      return { issuer, ...(isPrincipal(payload.act) ? { principal: payload.act } : {}) };
    } catch (thrown) {
      if (thrown instanceof errors.JOSEError || thrown instanceof TocsinError) throw refused();
      throw thrown;
    }
  }
}
