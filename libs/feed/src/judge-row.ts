import { isCsea } from '#libs/domain';
import type { RowRecord } from '#libs/events';
import type { SubscriptionFilter } from '#libs/persistence';

/** What a platform was admitted to, beyond membership of channels. */
export interface Admitted {
  /** `match-only`: signals for automated matching, and nothing that was written for people to read. */
  standing: 'match-only' | 'full';
  /** Whether there is a legal ground on which it may be told of abuse material. */
  csea: boolean;
}

/** What decides about a row beyond membership. */
export interface RowRules {
  admitted: Admitted;
  filter: SubscriptionFilter;
  /** What the connector's wire form can carry. */
  carries: { ceiling: boolean; drill: boolean };
  stoppedAgencies: ReadonlySet<string>;
}

/** `send` it, keep it `out` (of the filter, or of what the format can carry), or let it `wait` for a stop to be lifted. */
export type Verdict = 'send' | 'out' | 'wait';

/** The type word under which a bulletin, which has no signal, is asked for in a filter. */
const BULLETIN_TYPE = 'bulletin';
const ENFORCEABLE = new Set(['limit', 'block']);

/** Whether rows have to be parsed at all; without conditions every row of the channel goes as it is. */
export function judgesRows({ admitted, filter, carries, stoppedAgencies }: RowRules): boolean {
  const { types, harms, languages, ceilings } = filter;
  return (
    [types, harms, languages, ceilings].some(Boolean) ||
    admitted.standing !== 'full' ||
    !admitted.csea ||
    !carries.ceiling ||
    !carries.drill ||
    stoppedAgencies.size > 0
  );
}

/** Decides about one live row of a channel that the platform is a member of. */
export function judgeRow(row: RowRecord, { admitted, filter, carries, stoppedAgencies }: RowRules): Verdict {
  if (!isAdmitted(row, admitted) || !isCarried(row, carries) || !passes(row, filter)) return 'out';
  return isOfStoppedAgencies(row, stoppedAgencies) ? 'wait' : 'send';
}

/** A row that says of any of its harms that it is abuse material goes to nobody without a ground for it. */
function isAdmitted({ bulletin, harms }: RowRecord, { standing, csea }: Admitted): boolean {
  if (standing !== 'full' && bulletin !== undefined) return false;
  return csea || !isCsea(harms);
}

/**
 * A form that cannot say the ceiling gets only rows that may be limited or blocked everywhere; one that cannot say
 * "drill" gets no drill, which would be taken for the real thing.
 */
function isCarried(row: RowRecord, carries: RowRules['carries']): boolean {
  if (!carries.drill && row.drill) return false;
  return (
    carries.ceiling ||
    [row.ceiling, ...Object.values(row.ceiling_by_country ?? {})].every((word) => ENFORCEABLE.has(word))
  );
}

function passes(row: RowRecord, { types, harms, languages, ceilings }: SubscriptionFilter): boolean {
  if (types && !types.includes(row.signal?.type ?? BULLETIN_TYPE)) return false;
  if (harms && !row.harms.some((harm) => harms.some((wanted) => isAtOrBelow(harm, wanted, '/')))) return false;
  if (ceilings && !ceilings.includes(row.ceiling)) return false;
  return !languages || speaksOneOf(row, languages);
}

/** A row whose language nobody stated, or not every listed assertion can be seen, is not in another language. */
function speaksOneOf(row: RowRecord, languages: readonly string[]): boolean {
  const stated = row.assertions.flatMap(({ language }) =>
    typeof language === 'string' ? [language.toLowerCase()] : [],
  );
  if (stated.length === 0 || row.assertions_total > row.assertions.length) return true;
  return stated.some((language) => languages.some((wanted) => isAtOrBelow(language, wanted.toLowerCase(), '-')));
}

/** Whether a word of a vocabulary with levels is the wanted one or a finer one: `tvec/recruitment` below `tvec`. */
function isAtOrBelow(word: string, wanted: string, separator: string): boolean {
  return word === wanted || word.startsWith(`${wanted}${separator}`);
}

/** Whether nobody but stopped agencies says so; of assertions beyond the listed ones that is assumed. */
function isOfStoppedAgencies(row: RowRecord, stopped: ReadonlySet<string>): boolean {
  return stopped.size > 0 && row.assertions.every(({ agency }) => stopped.has(agency.id));
}
