/** A literal of a pattern (STIX 2.1, section 9.1), as written: numbers, hexadecimal and base64 keep their digits. */
export interface Literal {
  type: 'string' | 'integer' | 'float' | 'boolean' | 'hex' | 'binary' | 'timestamp';
  /** Of a string, what it stands for; of the others, what is between the quotes, or the word itself. */
  value: string;
}

/** A step of an object path after the type: a property, an element of a list, or any element of it. */
export type PathStep = { property: string } | { index: number } | { index: 'any' };

/** `type:property…` (section 9.7). The first step is a property. */
export interface ObjectPath {
  objectType: string;
  steps: PathStep[];
}

/** Operators with one literal at their right; the first two have other spellings, `==` and `<>`. */
export const COMPARISON_OPERATORS = [
  '=',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'LIKE',
  'MATCHES',
  'ISSUBSET',
  'ISSUPERSET',
] as const;
export type ComparisonOperator = (typeof COMPARISON_OPERATORS)[number];

interface Placed {
  /** Where the construct begins, in characters from the start of the pattern. */
  at: number;
}

/** One test of one property. */
export type PropertyTest = Placed &
  (
    | { kind: 'compare'; path: ObjectPath; negated: boolean; operator: ComparisonOperator; value: Literal }
    | { kind: 'in'; path: ObjectPath; negated: boolean; values: Literal[] }
    | { kind: 'exists'; path: ObjectPath; negated: boolean }
  );

/** What is between the brackets of an observation: tests, joined. `and` and `or` have at least two operands. */
export type ComparisonExpression = PropertyTest | (Placed & { kind: 'and' | 'or'; operands: ComparisonExpression[] });

/** When or how often an observation has to be made (section 9.4). */
export type Qualifier =
  | { kind: 'within'; seconds: Literal }
  | { kind: 'repeats'; times: Literal }
  | { kind: 'start-stop'; start: Literal; stop: Literal };

/** A pattern, or a part of one (sections 9.3 and 9.5): observations, joined and qualified. */
export type ObservationExpression =
  | (Placed & { kind: 'observation'; comparison: ComparisonExpression })
  | (Placed & { kind: 'and' | 'or' | 'followed-by'; operands: ObservationExpression[] })
  | (Placed & { kind: 'qualified'; operand: ObservationExpression; qualifier: Qualifier });
