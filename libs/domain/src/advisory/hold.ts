/**
 * Why something waits for a person. `releasable` says whether a second person may let it go as it is; the others need
 * the submission completed, wait for rules that are not there yet, or end by themselves.
 */
export const HOLD_REASONS = {
  'missing-fields': { scope: 'submission', releasable: false },
  'no-audience': { scope: 'submission', releasable: false },
  'unknown-channel': { scope: 'submission', releasable: false },
  'marking-lowered': { scope: 'submission', releasable: true },
  'people-data': { scope: 'submission', releasable: true },
  flood: { scope: 'submission', releasable: true },
  'publishing-stopped': { scope: 'submission', releasable: false },
  'protected-list': { scope: 'item', releasable: true },
  'csea-not-cryptographic': { scope: 'item', releasable: false },
  'no-channel-for-signal': { scope: 'item', releasable: false },
  review: { scope: 'item', releasable: false },
  'account-identifier': { scope: 'item', releasable: false },
  'nature-needs-safeguards': { scope: 'submission', releasable: false },
} as const satisfies Record<string, { scope: 'submission' | 'item'; releasable: boolean }>;

export type HoldReason = keyof typeof HOLD_REASONS;
