import { CAVEAT_PATTERN, HARM_PATTERN, isCsea, readTlp, RECIPIENT_AUDIENCES, type StatementDraft } from '#libs/domain';

const COUNTRY = /^[A-Z]{2}$/;

/** Words of a parameter that is a list, given as one or with commas. @returns undefined when one of them is none */
function wordsOf(given: unknown, pattern: RegExp): string[] | undefined {
  const words: unknown[] = typeof given === 'string' ? given.split(',').map((word) => word.trim()) : [given].flat();
  return words.every((word): word is string => typeof word === 'string' && pattern.test(word)) ? words : undefined;
}

/**
 * What the statement of a head limits, whoever submits the file and whatever is said beside it: its marking, and that it is
 * about abuse material. The rest of a statement speaks only where the file is submitted with it.
 * @returns the limits, or what is wrong with them
 */
export function limitsOf(statement: Record<string, unknown>): { draft: StatementDraft } | { problem: string } {
  const { tlp, releasable_to: releasableTo, caveats, audience, harm } = statement;
  const label = typeof tlp === 'string' ? readTlp(tlp) : undefined;
  if (tlp !== undefined && label === undefined) return { problem: 'statement.tlp: no label that is known' };
  const countries = releasableTo === undefined || releasableTo === 'all' ? 'all' : wordsOf(releasableTo, COUNTRY);
  if (!countries) return { problem: 'statement.releasable_to: codes of countries were expected' };
  const said = caveats === undefined ? [] : wordsOf(caveats, CAVEAT_PATTERN);
  if (!said) return { problem: 'statement.caveats: a list of caveats was expected' };
  const harms = harm === undefined ? [] : wordsOf(harm, HARM_PATTERN);
  if (!harms) return { problem: 'statement.harm: a list of harms was expected' };
  const whom = RECIPIENT_AUDIENCES.find((word) => word === audience);
  if (audience !== undefined && !whom) return { problem: 'statement.audience: one of the known ones was expected' };
  const marking = {
    ...(label && { tlp: label }),
    ...(countries !== 'all' && { releasableTo: countries }),
    ...(said.length > 0 && { caveats: said }),
    ...(whom && { audience: whom }),
  };
  return {
    draft: {
      ...(Object.keys(marking).length > 0 && { marking }),
      ...(isCsea(harms) && { harms }),
    },
  };
}
