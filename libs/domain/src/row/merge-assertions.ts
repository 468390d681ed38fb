import { strictestMarking, type Country, type Marking } from '../marking/index.js';
import { highestSeverity, lowestCeiling, type Ceiling, type Severity, type Statement } from '../statement/index.js';

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

/** Most assertions that a record lists; derived fields always come from all of them. */
export const ASSERTIONS_LISTED = 50;

function latest(a: string, b: string): string {
  return Date.parse(a) >= Date.parse(b) ? a : b;
}

/**
 * Merges the live assertions of a row: harms are the union, the ceiling the lowest, confidence and severity the
 * highest, validity the latest, the marking the strictest. A pure function of a set: order and repeats do not matter.
 * @param assertions at least one
 */
export function mergeAssertions(assertions: readonly LiveAssertion[]): DerivedFields {
  const [first, ...rest] = assertions;
  if (!first) throw new RangeError('a live row has at least one assertion');
  const statements = assertions.map((assertion) => assertion.statement);
  const countries = [...new Set(statements.flatMap((statement) => Object.keys(statement.ceilingByCountry)))].sort();
  const ceilingIn = (statement: Statement, country: Country): Ceiling =>
    lowestCeiling(statement.ceiling, statement.ceilingByCountry[country] ?? statement.ceiling);
  const ceilingByCountry: Record<Country, Ceiling> = {};
  for (const country of countries) {
    ceilingByCountry[country] = statements.map((statement) => ceilingIn(statement, country)).reduce(lowestCeiling);
  }
  const confidences = statements.flatMap((statement) => statement.confidence ?? []);
  const severities = statements.flatMap((statement) => statement.severity ?? []);
  return {
    harms: [...new Set(statements.flatMap((statement) => statement.harms))].sort(),
    ceiling: statements.map((statement) => statement.ceiling).reduce(lowestCeiling),
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
