import { compareTlp, strictestTlp, type Tlp } from './tlp.js';

/** ISO 3166-1 alpha-2 country code, upper case. */
export type Country = string;

/** Who inside the receiving organisation may see a row, strictest first. */
export const RECIPIENT_AUDIENCES = ['match-only', 'named-staff', 'reviewers'] as const;
export type RecipientAudience = (typeof RECIPIENT_AUDIENCES)[number];

/**
 * Caveats that receivers were told the meaning of: nothing is said in public about having the row; it stays inside the
 * receiving organisation. A caveat that is not known could mean anything, so nobody may have what it stands on.
 */
export const KNOWN_CAVEATS = ['no-public-mention', 'no-onward'] as const;

/** Handling limits of a statement: TLP 2.0, countries it is releasable to, caveats, audience inside the recipient. */
export interface Marking {
  tlp: Tlp;
  /** Countries whose platforms may receive it; `'all'` for no limit; an empty list is nobody. */
  releasableTo: Country[] | 'all';
  /** Tokens that travel with the row; see {@link KNOWN_CAVEATS}. */
  caveats: string[];
  audience?: RecipientAudience;
}

function narrowestAudience(a?: RecipientAudience, b?: RecipientAudience): RecipientAudience | undefined {
  if (!a || !b) return a ?? b;
  return RECIPIENT_AUDIENCES.indexOf(a) <= RECIPIENT_AUDIENCES.indexOf(b) ? a : b;
}

/** Countries that two limits both let it go to. */
export function commonCountries(a: Marking['releasableTo'], b: Marking['releasableTo']): Marking['releasableTo'] {
  if (a === 'all') return b;
  if (b === 'all') return a;
  return a.filter((country) => b.includes(country));
}

/**
 * The strictest combination of two markings: highest TLP, countries in both, all caveats, narrowest audience.
 * Commutative, associative and idempotent up to the order of countries, which is sorted.
 */
export function strictestMarking(a: Marking, b: Marking): Marking {
  const releasableTo = commonCountries(a.releasableTo, b.releasableTo);
  const audience = narrowestAudience(a.audience, b.audience);
  return {
    tlp: strictestTlp(a.tlp, b.tlp),
    releasableTo: releasableTo === 'all' ? 'all' : [...new Set(releasableTo)].sort(),
    caveats: [...new Set([...a.caveats, ...b.caveats])].sort(),
    ...(audience ? { audience } : {}),
  };
}

/** Whether `next` lets anybody see what `previous` did not (I6: only the owner plus a second person may do that). */
export function isLowered(previous: Marking, next: Marking): boolean {
  if (compareTlp(next.tlp, previous.tlp) < 0) return true;
  if (previous.releasableTo !== 'all') {
    const allowed = previous.releasableTo;
    if (next.releasableTo === 'all' || next.releasableTo.some((country) => !allowed.includes(country))) return true;
  }
  if (previous.caveats.some((caveat) => !next.caveats.includes(caveat))) return true;
  return narrowestAudience(previous.audience, next.audience) !== next.audience;
}
