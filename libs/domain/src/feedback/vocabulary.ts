/** What a platform may answer; together the union Feedback. */
export const FEEDBACK_KINDS = [
  'sighting',
  'opinion',
  'dispute',
  'action-taken',
  'confirmation',
  'exploitation-report',
  'monthly-figures',
] as const;
export type FeedbackKind = (typeof FEEDBACK_KINDS)[number];

/** How far a platform agrees with a row (STIX 2.1, opinion-enum), weakest first. */
export const OPINIONS = ['strongly-disagree', 'disagree', 'neutral', 'agree', 'strongly-agree'] as const;
export type OpinionStep = (typeof OPINIONS)[number];

/**
 * Why a platform disputes a row. `of-public-interest`: what is shown may be there for good reason; nobody who asserts it
 * decides about that.
 */
export const DISPUTE_REASONS = {
  'news-or-public-interest': 'of-public-interest',
  documentation: 'of-public-interest',
  'academic-or-counter-speech': 'of-words',
  'wrong-label': 'of-words',
  'wrong-match': 'of-words',
  'too-broad': 'of-words',
  'lawful-here': 'of-words',
} as const satisfies Record<string, 'of-public-interest' | 'of-words'>;
export type DisputeReason = keyof typeof DISPUTE_REASONS;

/** Why a platform holds an opinion. */
export const OPINION_REASONS = [
  ...(Object.keys(DISPUTE_REASONS) as DisputeReason[]),
  'useful',
  'known-before',
  'out-of-date',
  'gone',
  'cannot-tell',
] as const;
export type OpinionReason = (typeof OPINION_REASONS)[number];

/** What a platform did because of a row. */
export const ACTIONS_TAKEN = [
  'logged',
  'reviewed',
  'limited',
  'removed',
  'account-measure',
  'reported-to-authority',
  'restored',
  'no-action',
] as const;
export type ActionTakenWord = (typeof ACTIONS_TAKEN)[number];

/** A platform's own word about a record: it is in force there, gone, what was done because of it is undone, or why not. */
export const CONFIRMATIONS = ['applied', 'removed', 'restored', 'cannot'] as const;
export type ConfirmationWord = (typeof CONFIRMATIONS)[number];

/** Why a platform cannot do what a record asks. */
export const CANNOT_REASONS = [
  'preservation-duty',
  'other-legal-duty',
  'own-terms',
  'under-review',
  'not-found',
  'technical',
] as const;
export type CannotReason = (typeof CANNOT_REASONS)[number];

/** By which feature a service was abused. */
export const EXPLOITED_FEATURES = [
  'account-creation',
  'advertising',
  'comments',
  'file-hosting',
  'gaming',
  'generative-ai',
  'groups',
  'live-streaming',
  'link-sharing',
  'marketplace',
  'payments',
  'profiles',
  'public-posts',
  'recommendations',
  'search',
  'other',
] as const;
export type ExploitedFeature = (typeof EXPLOITED_FEATURES)[number];

/** How it was abused. */
export const EXPLOITATION_TECHNIQUES = [
  'coded-language',
  'content-alteration',
  'coordinated-reposting',
  'detection-evasion',
  'fundraising',
  'link-obfuscation',
  'mass-account-creation',
  'mirror-sites',
  'off-platform-direction',
  'recruitment',
  'other',
] as const;
export type ExploitationTechnique = (typeof EXPLOITATION_TECHNIQUES)[number];

/** How much there is of it, in steps that count nobody. */
export const EXPLOITATION_SCALES = ['isolated', 'repeated', 'widespread'] as const;
export type ExploitationScale = (typeof EXPLOITATION_SCALES)[number];

/** Which way it goes. */
export const EXPLOITATION_TRENDS = ['new', 'growing', 'steady', 'shrinking'] as const;
export type ExploitationTrend = (typeof EXPLOITATION_TRENDS)[number];

/** Who may read an exploitation report. */
export const REPORT_READERS = ['agencies', 'researchers'] as const;
export type ReportReader = (typeof REPORT_READERS)[number];

/** What a platform counts over a month. */
export const MONTHLY_FIGURES = [
  'rows_matched',
  'items_reviewed',
  'items_limited',
  'items_removed',
  'items_restored',
  'appeals',
  'appeals_upheld',
  'reports_to_authorities',
] as const;
export type MonthlyFigure = (typeof MONTHLY_FIGURES)[number];
