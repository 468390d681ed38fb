import { isCsea, lowestCeiling, type Ceiling, type ContentContext, type Statement } from '#libs/domain';
import type { LoweredCeiling, Safeguard, SafeguardRule } from '../safeguard.js';

/**
 * What a platform may do at most with content of a context. Journalism, documentation and scholarship show the same
 * pictures as the perpetrators do, so nobody takes them down without looking; where the context is not known, neither.
 */
export const HIGHEST_BY_CONTEXT: Readonly<Record<ContentContext, Ceiling>> = {
  'perpetrator-produced': 'block',
  'entity-produced': 'block',
  manifesto: 'block',
  'supporter-produced': 'limit',
  'edited-or-remixed': 'limit',
  bystander: 'review',
  'news-reporting': 'review',
  documentation: 'review',
  'academic-or-counter-speech': 'review',
  unknown: 'review',
};

const RULES = {
  context: {
    id: 'context-ceiling',
    version: 1,
    does: 'lower-ceiling',
    says: 'Lowers a ceiling to the highest that the content context allows.',
  },
  csea: {
    id: 'csea-ceiling',
    version: 1,
    does: 'lower-ceiling',
    says: 'Lowers the ceiling of abuse material that was not verified twice to limit.',
  },
} as const satisfies Record<string, SafeguardRule>;

function highestOf(statement: Statement): { rule: SafeguardRule; highest: Ceiling } {
  if (isCsea(statement.harms))
    return { rule: RULES.csea, highest: statement.cseaVerification === 'verified-twice' ? 'block' : 'limit' };
  return { rule: RULES.context, highest: HIGHEST_BY_CONTEXT[statement.context ?? 'unknown'] };
}

/** The news-reporting safeguard, and its counterpart for abuse material, which nobody is asked to look at. */
export const ceilingsSafeguard: Safeguard = {
  id: 'ceilings',
  rules: Object.values(RULES),
  lowerCeilings(statement) {
    const { rule, highest } = highestOf(statement);
    const lowered: LoweredCeiling[] = [];
    const lower = (from: Ceiling, country?: string): Ceiling => {
      const to = lowestCeiling(from, highest);
      if (to !== from) lowered.push({ rule, from, to, ...(country === undefined ? {} : { country }) });
      return to;
    };
    const ceiling = lower(statement.ceiling);
    const ceilingByCountry = Object.fromEntries(
      Object.entries(statement.ceilingByCountry).map(([country, said]) => [country, lower(said, country)]),
    );
    return { statement: lowered.length === 0 ? statement : { ...statement, ceiling, ceilingByCountry }, lowered };
  },
};
