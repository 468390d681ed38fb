import { strictestMarking, strictestTlp, type Marking } from '../marking/index.js';
import type { ContactDesk, Statement, StatementDraft } from './statement.js';
import { isCsea, type Ceiling } from './vocabulary.js';

/** What a submission must say before anything of it can be published; named in the receipt when missing. */
export type MissingField =
  'harm' | 'context' | 'csea_class' | 'legal_basis' | 'nature' | 'origin' | 'valid_until' | 'contact_desk' | 'tlp';

export type Completion =
  { complete: true; statement: Statement } | { complete: false; missing: MissingField[]; unknownDesk?: string };

/** Longest life a statement may claim, in days. */
export const LONGEST_VALIDITY_DAYS = 1825;

const DAY = 86_400_000;

function mapCeilings(by: Record<string, Ceiling>, change: (ceiling: Ceiling) => Ceiling): Record<string, Ceiling> {
  return Object.fromEntries(Object.entries(by).map(([country, ceiling]) => [country, change(ceiling)]));
}

function combineMarkings(voices: readonly StatementDraft[]): Marking | undefined {
  let tlp: Marking['tlp'] | undefined;
  let limits: Marking = { tlp: 'clear', releasableTo: 'all', caveats: [] };
  for (const { marking } of voices) {
    if (!marking) continue;
    if (marking.tlp) tlp = tlp ? strictestTlp(tlp, marking.tlp) : marking.tlp;
    limits = strictestMarking(limits, {
      tlp: 'clear',
      releasableTo: marking.releasableTo ?? 'all',
      caveats: marking.caveats ?? [],
      ...(marking.audience ? { audience: marking.audience } : {}),
    });
  }
  return tlp && { ...limits, tlp };
}

/**
 * Completes a statement from several voices: what the first does not say comes from the second, then the third.
 * The marking is different: every voice can only make it stricter. That it is abuse material can be said by any voice and
 * unsaid by none; standing defaults say it where the submission's parameters name no harm. Standing defaults never speak for the natures
 * `referral` and `order-notice`, nor give a legal basis to them. Nothing that is missing is guessed; only a missing
 * ceiling has a value, `review` (CSEA: `limit`, since nobody is to look at it).
 *
 * @param spoken what the format said, then what the submission's parameters said
 * @param defaults the agency's standing defaults
 * @param desks desks that the agency registered
 * @param now the moment of receipt, from which `validFor` counts
 */
export function completeStatement(
  spoken: readonly StatementDraft[],
  defaults: StatementDraft,
  desks: readonly ContactDesk[],
  now: Date,
): Completion {
  const nature =
    spoken.find((voice) => voice.nature)?.nature ?? (defaults.nature === 'information' ? defaults.nature : undefined);
  const { legalBasis: standingBasis, nature: _standingNature, ...standing } = defaults;
  const voices: StatementDraft[] = [
    ...spoken,
    nature === 'information' ? { ...standing, legalBasis: standingBasis } : standing,
  ];
  const first = <Key extends keyof StatementDraft>(key: Key): StatementDraft[Key] =>
    voices.find((voice) => voice[key] !== undefined)?.[key];

  // Whoever writes the tags of a feed may add that it is abuse material, but not unsay it.
  const abuse = [...spoken.map(({ harms: said }) => said), spoken.at(-1)?.harms ?? defaults.harms]
    .flatMap((said) => said ?? [])
    .filter((harm) => isCsea([harm]));
  const harms = [...new Set([...(first('harms') ?? []), ...abuse])].sort();
  const csea = isCsea(harms);
  const validFor = first('validFor');
  const validUntil =
    first('validUntil') ?? (validFor ? new Date(now.getTime() + validFor * DAY).toISOString() : undefined);
  const deskId = first('contactDesk');
  const contact = desks.find((desk) => desk.id === deskId);
  const marking = combineMarkings(voices);
  const context = first('context');
  const cseaClass = first('cseaClass');
  const legalBasis = first('legalBasis');
  const origin = first('origin');

  const missing: MissingField[] = [];
  if (harms.length === 0) missing.push('harm');
  else if (csea && !cseaClass) missing.push('csea_class');
  else if (!csea && !context) missing.push('context');
  if (!legalBasis) missing.push('legal_basis');
  if (!nature) missing.push('nature');
  if (!origin) missing.push('origin');
  if (!validUntil) missing.push('valid_until');
  if (!contact) missing.push('contact_desk');
  if (!marking) missing.push('tlp');
  if (!legalBasis || !nature || !origin || !validUntil || !contact || !marking || missing.length > 0) {
    return { complete: false, missing, ...(deskId && !contact ? { unknownDesk: deskId } : {}) };
  }

  // Nobody is asked to look at child-abuse material: where `review` is said of CSEA, `log` is meant (I11).
  const withoutReview = (ceiling: Ceiling): Ceiling => (csea && ceiling === 'review' ? 'log' : ceiling);
  const statement: Statement = {
    harms,
    ...(csea ? { cseaClass, cseaVerification: first('cseaVerification') } : { context }),
    entity: first('entity'),
    unlawfulIn: first('unlawfulIn') ?? [],
    confidence: first('confidence'),
    severity: first('severity'),
    ceiling: withoutReview(first('ceiling') ?? (csea ? 'limit' : 'review')),
    ceilingByCountry: mapCeilings(first('ceilingByCountry') ?? {}, withoutReview),
    legalBasis,
    nature,
    origin,
    surface: first('surface'),
    validFrom: first('validFrom') ?? now.toISOString(),
    validUntil,
    lastSeenLiveAt: first('lastSeenLiveAt'),
    jurisdiction: first('jurisdiction'),
    language: first('language'),
    contact,
    marking,
  };
  return { complete: true, statement };
}
