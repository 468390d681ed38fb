import { lowestCeiling, type Ceiling, type Statement } from '#libs/domain';
import type { LoweredCeiling, Safeguard, SafeguardRule } from '../safeguard.js';

const RULES = {
  outLink: {
    id: 'out-link-ceiling',
    version: 1,
    does: 'lower-ceiling',
    says: 'Lowers the ceiling of an address to review for platforms that do not host it, and that of a phrase for all.',
  },
  validity: {
    id: 'hosted-validity',
    version: 1,
    does: 'shorten-validity',
    says: 'Ends the validity of an address on the service of a platform 72 hours after it was last seen live.',
  },
} as const satisfies Record<string, SafeguardRule>;

/** So long after it was last seen live something may be said of what a platform hosts. */
const HOSTED_HOURS = 72;
const HOUR = 3_600_000;

/** What is said where an address leads elsewhere: people quote, report and archive it, so somebody looks first. */
export function asOutLink(statement: Statement): { statement: Statement; lowered: LoweredCeiling[] } {
  const lowered: LoweredCeiling[] = [];
  const lower = (from: Ceiling, country?: string): Ceiling => {
    const to = lowestCeiling(from, 'review');
    if (to !== from) lowered.push({ rule: RULES.outLink, from, to, ...(country === undefined ? {} : { country }) });
    return to;
  };
  const ceiling = lower(statement.ceiling);
  const by = Object.entries(statement.ceilingByCountry).map(([country, said]) => [country, lower(said, country)]);
  if (lowered.length === 0) return { statement, lowered };
  return {
    statement: { ...statement, ceiling, ceilingByCountry: Object.fromEntries(by) as Record<string, Ceiling> },
    lowered,
  };
}

/**
 * What is said of an address on the platform's own service: it holds for 72 hours from when it was seen live, or from its
 * receipt where nobody says when that was. Said again with a later time, it goes on.
 */
export function asHosted(statement: Statement, receivedAt: Date): Statement {
  const seen = statement.lastSeenLiveAt ? Date.parse(statement.lastSeenLiveAt) : receivedAt.getTime();
  const latest = new Date(seen + HOSTED_HOURS * HOUR);
  return Date.parse(statement.validUntil) <= latest.getTime()
    ? statement
    : { ...statement, validUntil: latest.toISOString() };
}

/** What an address may be for who hosts it, and for who does not; asked for by whoever knows which of the two it is. */
export const hostingSafeguard: Safeguard = { id: 'hosting', rules: Object.values(RULES) };
