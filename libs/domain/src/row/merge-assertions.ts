import { strictestMarking, type Country, type Marking } from '../marking/index.js';
import {
  highestSeverity,
  isCsea,
  lowestCeiling,
  type Ceiling,
  type Severity,
  type Statement,
} from '../statement/index.js';

/** One live assertion of an advisory about the row. */
export interface LiveAssertion {
  /** Stable id, by which assertions are ordered. */
  id: string;
  advisoryId: string;
  agency: { id: string; name: string; country: Country };
  /** Quality of a perceptual hash, 0–100. */
  quality?: number;
  statement: Statement;
}

/** What the row says as a whole, derived from all its live assertions. */
export interface DerivedFields {
  harms: string[];
  ceiling: Ceiling;
  ceilingByCountry: Record<Country, Ceiling>;
  confidence?: number;
  severity?: Severity;
  validUntil: string;
  marking: Marking;
}

/** How disputes about a row bear on it, whoever raised them and on whatever channel (I11). */
export interface RowDisputes {
  /** It may be there for good reason: a person looks before anything is done. */
  lowered: boolean;
  /** Several platforms say, for whatever reason, that it is wrong. */
  disputed: boolean;
}

/** Of a row that nobody disputes. */
export const UNDISPUTED: RowDisputes = { lowered: false, disputed: false };

/** Most assertions that a record lists; derived fields always come from all of them. */
export const ASSERTIONS_LISTED = 50;

/** The later of two times; of two spellings of one moment the greater, so that order does not matter. */
function latest(a: string, b: string): string {
  const difference = Date.parse(a) - Date.parse(b);
  return difference > 0 || (difference === 0 && a >= b) ? a : b;
}

/**
 * Merges the live assertions of a row: harms are the union, the ceiling the lowest, confidence and severity the
 * highest, validity the latest, the marking the strictest. A pure function of a set: order and repeats do not matter.
 * A row of which any assertion speaks of CSEA never says `review`: there `log` is meant (I11). A dispute lowers the ceiling
 * to `review`, and nothing else.
 * @param assertions at least one
 */
export function mergeAssertions(
  assertions: readonly LiveAssertion[],
  { lowered }: RowDisputes = UNDISPUTED,
): DerivedFields {
  const [first, ...rest] = assertions;
  if (!first) throw new RangeError('a live row has at least one assertion');
  const statements = assertions.map((assertion) => assertion.statement);
  const countries = [...new Set(statements.flatMap((statement) => Object.keys(statement.ceilingByCountry)))].sort();
  const ceilingIn = (statement: Statement, country: Country): Ceiling =>
    lowestCeiling(statement.ceiling, statement.ceilingByCountry[country] ?? statement.ceiling);
  const harms = [...new Set(statements.flatMap((statement) => statement.harms))].sort();
  const lowest = (ceilings: readonly Ceiling[]): Ceiling => {
    const said = ceilings.reduce(lowestCeiling);
    const ceiling = lowered ? lowestCeiling(said, 'review') : said;
    return ceiling === 'review' && isCsea(harms) ? 'log' : ceiling;
  };
  const ceilingByCountry: Record<Country, Ceiling> = {};
  for (const country of countries) {
    ceilingByCountry[country] = lowest(statements.map((statement) => ceilingIn(statement, country)));
  }
  const confidences = statements.flatMap((statement) => statement.confidence ?? []);
  const severities = statements.flatMap((statement) => statement.severity ?? []);
  return {
    harms,
    ceiling: lowest(statements.map((statement) => statement.ceiling)),
    ceilingByCountry,
    ...(confidences.length > 0 ? { confidence: Math.max(...confidences) } : {}),
    ...(severities.length > 0 ? { severity: severities.reduce(highestSeverity) } : {}),
    validUntil: rest.reduce((until, { statement }) => latest(until, statement.validUntil), first.statement.validUntil),
    marking: rest.reduce(
      (marking, { statement }) => strictestMarking(marking, statement.marking),
      strictestMarking(first.statement.marking, first.statement.marking),
    ),
  };
}
