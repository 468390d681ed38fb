/**
 * Why an issuer takes something back, whether platforms are asked to restore what they did because of it, and whether it
 * was an error about the signal itself: then other agencies that assert the signal have to look at it again. A submitter
 * that was not to be trusted, or a court, says nothing about what others found.
 */
export const RETRACTION_REASONS = {
  'issued-in-error': { restore: true, error: true },
  'news-or-documentation': { restore: true, error: true },
  'wrong-person': { restore: true, error: true },
  superseded: { restore: false, error: false },
  'no-longer-needed': { restore: false, error: false },
  'source-closed': { restore: false, error: false },
  'compromised-submitter': { restore: true, error: false },
  'court-or-oversight': { restore: true, error: false },
} as const satisfies Record<string, { restore: boolean; error: boolean }>;

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
