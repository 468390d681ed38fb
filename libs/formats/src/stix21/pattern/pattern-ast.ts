/**
 * A STIX 2.1 pattern as a tree (STIX 2.1, section 9). `at` is the place of a node in the text, in UTF-16 code units
 * counted from 1; of a joined expression it is the place of its first operator.
 */
export type ObservationExpression = Observation | JoinedObservations | QualifiedObservations;

/** `[ … ]`: one observation that a comparison expression holds for. */
export interface Observation {
  kind: 'observation';
  test: ComparisonExpression;
  at: number;
}

/** Two or more observation expressions under one operator. Parentheses make a tree of its own. */
export interface JoinedObservations {
  kind: 'joined-observations';
  operator: ObservationOperator;
  operands: ObservationExpression[];
  at: number;
}

export type ObservationOperator = 'AND' | 'OR' | 'FOLLOWEDBY';

/** An observation expression with up to three qualifiers, each of another kind. */
export interface QualifiedObservations {
  kind: 'qualified-observations';
  expression: Observation | JoinedObservations | QualifiedObservations;
  qualifiers: Qualifier[];
  at: number;
}

export type Qualifier =
  | { kind: 'WITHIN'; seconds: string; at: number }
  | { kind: 'REPEATS'; times: string; at: number }
  | { kind: 'START'; start: string; stop: string; at: number };

export type ComparisonExpression = Comparison | Existence | JoinedComparisons;

/** Two or more comparison expressions under one operator. */
export interface JoinedComparisons {
  kind: 'joined-comparisons';
  operator: 'AND' | 'OR';
  operands: ComparisonExpression[];
  at: number;
}

/** A property against a constant; against several for `IN`. */
export interface Comparison {
  kind: 'comparison';
  path: ObjectPath;
  negated: boolean;
  operator: ComparisonOperator;
  /** One constant, unless the operator is `IN`. */
  constants: Constant[];
  at: number;
  /** Place of the operator, or of the `NOT` before it. */
  operatorAt: number;
}

export type ComparisonOperator =
  '=' | '!=' | '<' | '<=' | '>' | '>=' | 'IN' | 'LIKE' | 'MATCHES' | 'ISSUBSET' | 'ISSUPERSET';

/** `EXISTS path`. */
export interface Existence {
  kind: 'existence';
  negated: boolean;
  path: ObjectPath;
  at: number;
}

/** `file:hashes.'SHA-256'`: the type of the object and the steps from it to the property. */
export interface ObjectPath {
  objectType: string;
  steps: PathStep[];
}

/** A key of an object or dictionary, or an item of a list by number; `*` is any item. */
export type PathStep = { key: string } | { item: string };

/** A constant. `text` is without quotes and escapes, and numbers are as they were written. */
export interface Constant {
  kind: ConstantKind;
  text: string;
  at: number;
}

export type ConstantKind = 'string' | 'integer' | 'float' | 'boolean' | 'timestamp' | 'binary' | 'hex';
