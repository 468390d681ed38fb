import { rejection, type ContactDesk, type StatementDraft } from '#libs/domain';
import { draftOfParameters, readSubmissionParameters } from '#libs/events';

/**
 * The submission parameters that an agency may say once and for all. Moments in time, routing and the shape of one
 * document cannot stand for every submission to come.
 */
const STANDING = [
  'harm',
  'context',
  'csea_class',
  'csea_verification',
  'unlawful_in',
  'confidence',
  'severity',
  'ceiling',
  'ceiling_by_country',
  'legal_basis',
  'nature',
  'origin',
  'surface',
  'valid_for',
  'jurisdiction',
  'language',
  'contact_desk',
  'tlp',
  'releasable_to',
  'caveats',
  'audience',
] as const;

const SIGNED_EACH_TIME = 'a referral or an order notice is decided item by item and can never be a standing default';

function refuse(problems: string[]): never {
  throw rejection('TOC_REQUEST_PARAMETER', `${problems.length} standing default(s) are not valid`, { problems });
}

/**
 * Reads an agency's standing defaults, written in the words of the submission parameters.
 *
 * A nature that asks something of a platform is never a default, and neither is its legal basis: a standing legal basis
 * is accepted only beside the nature `information`, so that it is plain what it is the basis of.
 * @param desks desks that the agency will have; a default contact must be one of them
 * @throws a rejection `TOC_REQUEST_PARAMETER`
 */
export function readStandingDefaults(given: Record<string, unknown>, desks: readonly ContactDesk[]): StatementDraft {
  const known: readonly string[] = STANDING;
  const strange = Object.keys(given).filter((name) => !known.includes(name));
  if (strange.length > 0) refuse(strange.map((name) => `defaults.${name.slice(0, 60)}: cannot be a standing default`));
  const draft = draftOfParameters(readSubmissionParameters(given));
  const problems: string[] = [];
  if (draft.nature !== undefined && draft.nature !== 'information')
    problems.push(`defaults.nature: ${SIGNED_EACH_TIME}`);
  if (draft.legalBasis !== undefined && draft.nature !== 'information') {
    problems.push('defaults.legal_basis: stands only beside the nature information');
  }
  if (draft.contactDesk !== undefined && !desks.some((desk) => desk.id === draft.contactDesk)) {
    problems.push('defaults.contact_desk: is not one of the desks');
  }
  if (problems.length > 0) refuse(problems);
  return draft;
}

/** Standing defaults in the words in which they were given. */
export function showStandingDefaults(draft: StatementDraft): Record<string, unknown> {
  const { marking } = draft;
  const words: Record<(typeof STANDING)[number], unknown> = {
    harm: draft.harms,
    context: draft.context,
    csea_class: draft.cseaClass,
    csea_verification: draft.cseaVerification,
    unlawful_in: draft.unlawfulIn,
    confidence: draft.confidence,
    severity: draft.severity,
    ceiling: draft.ceiling,
    ceiling_by_country: draft.ceilingByCountry,
    legal_basis: draft.legalBasis,
    nature: draft.nature,
    origin: draft.origin,
    surface: draft.surface,
    valid_for: draft.validFor,
    jurisdiction: draft.jurisdiction,
    language: draft.language,
    contact_desk: draft.contactDesk,
    tlp: marking?.tlp,
    releasable_to: marking?.releasableTo,
    caveats: marking?.caveats,
    audience: marking?.audience,
  };
  return Object.fromEntries(Object.entries(words).filter(([, value]) => value !== undefined));
}
