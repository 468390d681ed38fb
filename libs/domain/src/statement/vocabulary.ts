/** The most a platform may do with a row, weakest first. A reader takes an unknown word as `log`. */
export const CEILINGS = ['log', 'review', 'limit', 'block'] as const;
export type Ceiling = (typeof CEILINGS)[number];

/** Where content of this kind usually stands; decides how careful a platform has to be. */
export const CONTENT_CONTEXTS = [
  'perpetrator-produced',
  'entity-produced',
  'manifesto',
  'supporter-produced',
  'edited-or-remixed',
  'bystander',
  'news-reporting',
  'documentation',
  'academic-or-counter-speech',
  'unknown',
] as const;
export type ContentContext = (typeof CONTENT_CONTEXTS)[number];

/** What the agency asks: nothing, an assessment against the platform's own terms, or to look at an order served elsewhere. */
export const NATURES = ['information', 'referral', 'order-notice'] as const;
export type Nature = (typeof NATURES)[number];

/** Where the matter was found. There is deliberately no word for private messages. */
export const SURFACES = ['public', 'hosted'] as const;
export type Surface = (typeof SURFACES)[number];

/** Severity scale of CAP 1.2, weakest first. */
export const SEVERITIES = ['unknown', 'minor', 'moderate', 'severe', 'extreme'] as const;
export type Severity = (typeof SEVERITIES)[number];

/**
 * CSEA material classes, each as its owner writes them: Tech Coalition A1–B2, IWF A–C, INTERPOL baseline.
 */
export const CSEA_CLASSES = ['A1', 'A2', 'B1', 'B2', 'iwf-A', 'iwf-B', 'iwf-C', 'interpol-baseline'] as const;
export type CseaClass = (typeof CSEA_CLASSES)[number];

/** How often a CSEA item was verified by a person. */
export const CSEA_VERIFICATIONS = ['unverified', 'verified-once', 'verified-twice'] as const;
export type CseaVerification = (typeof CSEA_VERIFICATIONS)[number];

/** A harm is `tvec` or `csea`, or a finer word of an open vocabulary below one of them: `tvec/recruitment`. */
export const HARM_PATTERN = /^(tvec|csea)(\/[a-z0-9][a-z0-9-]{0,39}){0,3}$/;

/** Origins with no owner of their own; a third-party list is written `third-party-list:<name>`. */
export const ORIGIN_PATTERN =
  /^(own-finding|seized-material|platform-report|third-party-list:[a-z0-9][a-z0-9-]{0,59})$/;

/** A caveat is a token, never a sentence (I7). */
export const CAVEAT_PATTERN = /^[a-z0-9][a-z0-9-]{0,59}$/;

/** The lower of two ceilings; what is not in the vocabulary counts as `log`. */
export function lowestCeiling(a: Ceiling, b: Ceiling): Ceiling {
  return CEILINGS[Math.max(0, Math.min(CEILINGS.indexOf(a), CEILINGS.indexOf(b)))] ?? 'log';
}

/** The higher of two severities. */
export function highestSeverity(a: Severity, b: Severity): Severity {
  return SEVERITIES.indexOf(a) >= SEVERITIES.indexOf(b) ? a : b;
}

/** Whether any of the harms is child sexual exploitation and abuse. */
export function isCsea(harms: readonly string[]): boolean {
  return harms.some((harm) => harm === 'csea' || harm.startsWith('csea/'));
}
