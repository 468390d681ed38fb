/** Services that ask others, each signing with a key of its own. */
export const INTERNAL_ISSUERS = ['intake', 'normaliser', 'console', 'platform-api'] as const;
export type InternalIssuer = (typeof INTERNAL_ISSUERS)[number];

/** Services that are asked. */
export type InternalAudience = 'intake' | 'normaliser' | 'delivery' | 'platform-api';

/**
 * What keys are for. `signal-id` never changes, because every id derives from it; the others are rotated by adding a
 * file: the newest signs or encrypts, all verify or decrypt.
 */
export const KEY_PURPOSES = [
  'submission-wrapping',
  'signal-id',
  'webhook-signing',
  'endpoint-secrets',
  'cursor-signing',
  ...INTERNAL_ISSUERS.map((issuer) => `internal-${issuer}` as const),
] as const;
export type KeyPurpose = (typeof KEY_PURPOSES)[number];

/** The public halves of a service's keys, by which the others know it. */
export type PublicKeys = `internal-${InternalIssuer}.pub`;

/** What each service is given, and nothing else; the relay needs none. */
export const KEYS_OF_SERVICES = {
  console: ['webhook-signing', 'endpoint-secrets', 'internal-console'],
  intake: ['submission-wrapping', 'internal-intake', 'internal-normaliser.pub', 'internal-console.pub'],
  normaliser: [
    ...(['signal-id', 'internal-normaliser', 'internal-intake.pub'] as const),
    ...(['internal-console.pub', 'internal-platform-api.pub'] as const),
  ],
  delivery: ['webhook-signing', 'endpoint-secrets', 'internal-console.pub'],
  'platform-api': ['cursor-signing', 'internal-platform-api', 'internal-console.pub', 'internal-intake.pub'],
} as const satisfies Record<string, readonly (KeyPurpose | PublicKeys)[]>;
export type KeyedService = keyof typeof KEYS_OF_SERVICES;

/** Services whose tokens another one takes. */
export function issuersTo(audience: InternalAudience): InternalIssuer[] {
  return INTERNAL_ISSUERS.filter((issuer) => {
    const given: readonly string[] = KEYS_OF_SERVICES[audience];
    return given.includes(`internal-${issuer}.pub`);
  });
}
