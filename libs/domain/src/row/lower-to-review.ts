import { isCsea, lowestCeiling, type Ceiling, type Statement } from '../statement/index.js';

/** A statement with nothing in it above `review`; of CSEA nothing above `log`, because nobody is asked to look at it (I11). */
export function lowerToReview(statement: Statement): Statement {
  const highest: Ceiling = isCsea(statement.harms) ? 'log' : 'review';
  const ceilingByCountry = Object.fromEntries(
    Object.entries(statement.ceilingByCountry).map(([country, ceiling]) => [country, lowestCeiling(ceiling, highest)]),
  );
  return { ...statement, ceiling: lowestCeiling(statement.ceiling, highest), ceilingByCountry };
}
