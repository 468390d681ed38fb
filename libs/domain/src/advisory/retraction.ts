/**
 * Why an issuer takes something back, and whether platforms are asked to restore what they did because of it.
 */
export const RETRACTION_REASONS = {
  'issued-in-error': { restore: true },
  'news-or-documentation': { restore: true },
  'wrong-person': { restore: true },
  superseded: { restore: false },
  'no-longer-needed': { restore: false },
  'source-closed': { restore: false },
  'compromised-submitter': { restore: true },
  'court-or-oversight': { restore: true },
} as const satisfies Record<string, { restore: boolean }>;

export type RetractionReason = keyof typeof RETRACTION_REASONS;

/** Whether a word is one of {@link RETRACTION_REASONS}. */
export function isRetractionReason(word: string): word is RetractionReason {
  return Object.hasOwn(RETRACTION_REASONS, word);
}

/** Why a channel row is no longer live for a receiver. A reader takes an unknown word as `retracted`. */
export const WITHDRAWAL_REASONS = [
  'retracted',
  'narrowed',
  'expired',
  'held',
  'out-of-filter',
  'membership-ended',
] as const;
export type WithdrawalReason = (typeof WITHDRAWAL_REASONS)[number];
