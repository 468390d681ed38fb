import type { SignalType } from '#libs/domain';
import type { ComparisonExpression, ObjectPath, ObservationExpression, PropertyTest } from './ast.js';
import { parsePattern } from './parse-pattern.js';
import type { PatternProblemCode } from './pattern-problem.js';

/** Why a pattern is not a set of values any one of which is enough. */
export type PatternRefusalCode =
  | PatternProblemCode
  | 'unsupported-operator'
  | 'unsupported-qualifier'
  | 'unsupported-object'
  | 'unsupported-value'
  | 'unsupported-combination';

/** A value that a pattern names, as written: not yet in canonical form. */
export interface PatternSignal {
  type: SignalType;
  value: string;
}

/**
 * What a pattern comes to. `ignoredConjuncts`, absent when none, counts the tests that were left out because a hash
 * beside them identifies the file already. `detail` names the construct and never a value; `at` is where it begins, in
 * characters.
 */
export type PatternSignals =
  | { ok: true; signals: PatternSignal[]; ignoredConjuncts?: number }
  | { ok: false; code: PatternRefusalCode; detail: string; at: number };

/**
 * Reads a pattern (STIX 2.1, chapter 9) as "any one of these values", the only meaning that a signal has:
 *
 * - `=` and `IN` on the hashes of `file` and `artifact`, on `url:value` and on `domain-name:value`;
 * - `OR` within an observation and between observations;
 * - `AND` within an observation when it says more of one file: each cryptographic hash beside another names the same
 *   file and is a signal. What else is said of the file only narrows what a hash has settled; it is left out and
 *   counted, whatever its operator. So is a perceptual hash, which alone would match other files too.
 *
 * Everything else would need more than one fact, or time, to be true, and is refused.
 * Signals come in the order of the pattern and without repetition.
 */
export function signalsOfPattern(text: string): PatternSignals {
  const parsed = parsePattern(text);
  if (!parsed.ok) return parsed;
  try {
    const { signals, ignored } = ofObservation(parsed.pattern);
    const unique = new Map(signals.map((signal) => [`${signal.type} ${signal.value}`, signal]));
    return { ok: true, signals: [...unique.values()], ...(ignored > 0 ? { ignoredConjuncts: ignored } : {}) };
  } catch (refusal) {
    if (!(refusal instanceof PatternRefusal)) throw refusal;
    return { ok: false, code: refusal.code, detail: refusal.message, at: refusal.at };
  }
}

/** Values any one of which is enough, and how many tests were left out. */
interface AnyOf {
  signals: PatternSignal[];
  ignored: number;
}

class PatternRefusal extends Error {
  constructor(
    readonly code: PatternRefusalCode,
    detail: string,
    readonly at: number,
  ) {
    super(detail);
  }
}

const HASH_TYPES: ReadonlyMap<string, SignalType> = new Map([
  ['md5', 'md5'],
  ['sha1', 'sha1'],
  ['sha256', 'sha256'],
  ['sha512', 'sha512'],
  ['pdq', 'pdq'],
  ['xpdq', 'pdq'],
]);
const VALUE_TYPES: ReadonlyMap<string, SignalType> = new Map([
  ['url', 'url'],
  ['domain-name', 'domain'],
]);
const FILE_OBJECTS: ReadonlySet<string> = new Set(['file', 'artifact']);
/** Objects that a refusal may name; another word might be a value in the wrong place. */
const NAMED_OBJECTS: ReadonlySet<string> = new Set([
  ...['artifact', 'autonomous-system', 'directory', 'domain-name', 'email-addr', 'email-message', 'file', 'ipv4-addr'],
  ...['ipv6-addr', 'mac-addr', 'mutex', 'network-traffic', 'process', 'software', 'url', 'user-account'],
  ...['windows-registry-key', 'x509-certificate'],
]);
const QUALIFIER_WORDS = { within: 'WITHIN', repeats: 'REPEATS', 'start-stop': 'START STOP' } as const;

function ofObservation(expression: ObservationExpression): AnyOf {
  switch (expression.kind) {
    case 'observation':
      return ofComparison(survey(expression.comparison));
    case 'or':
      return union(expression.operands.map(ofObservation));
    case 'qualified': {
      const word = QUALIFIER_WORDS[expression.qualifier.kind];
      throw new PatternRefusal('unsupported-qualifier', `the qualifier ${word} is not supported`, expression.at);
    }
    default: {
      const word = expression.kind === 'and' ? 'AND' : 'FOLLOWEDBY';
      throw new PatternRefusal(
        'unsupported-combination',
        `${word} between observations is not supported`,
        expression.at,
      );
    }
  }
}

/** An expression with what its tests are about, found once from the leaves up. */
interface Surveyed {
  expression: ComparisonExpression;
  operands: Surveyed[];
  /** The first test, in the order of the pattern. */
  first: PropertyTest;
  /** The one object type of all tests; undefined when there are several. */
  objectType?: string;
  /** Whether any test is one that could give a signal. */
  isNaming: boolean;
}

function survey(expression: ComparisonExpression): Surveyed {
  if (!('operands' in expression)) {
    const { path } = expression;
    return { expression, operands: [], first: expression, objectType: path.objectType, isNaming: !!typeOf(path) };
  }
  const operands = expression.operands.map(survey);
  const [head] = operands;
  if (!head) throw new Error('an operator without operands');
  return {
    expression,
    operands,
    first: head.first,
    objectType: operands.every(({ objectType }) => objectType === head.objectType) ? head.objectType : undefined,
    isNaming: operands.some(({ isNaming }) => isNaming),
  };
}

function ofComparison(surveyed: Surveyed): AnyOf {
  const { expression, operands } = surveyed;
  switch (expression.kind) {
    case 'or':
      return union(operands.map(ofComparison));
    case 'and':
      return ofConjunction(surveyed);
    default:
      return { signals: ofTest(expression), ignored: 0 };
  }
}

function union(parts: AnyOf[]): AnyOf {
  return {
    signals: parts.flatMap(({ signals }) => signals),
    ignored: parts.reduce((sum, { ignored }) => sum + ignored, 0),
  };
}

/** The signal type that a test of this path gives, if any. */
function typeOf({ objectType, steps }: ObjectPath): SignalType | undefined {
  const properties = steps.map((step) => ('property' in step ? step.property : ''));
  if (properties.length === 1 && properties[0] === 'value') return VALUE_TYPES.get(objectType);
  if (!FILE_OBJECTS.has(objectType) || properties.length !== 2 || properties[0] !== 'hashes') return undefined;
  return HASH_TYPES.get((properties[1] ?? '').toLowerCase().replaceAll(/[-_]/g, ''));
}

function ofTest(test: PropertyTest): PatternSignal[] {
  const type = typeOf(test.path);
  if (!type) throw unsupportedObject(test);
  const operator = test.kind === 'compare' ? test.operator : test.kind === 'in' ? 'IN' : 'EXISTS';
  if (test.negated || test.kind === 'exists' || (test.kind === 'compare' && test.operator !== '=')) {
    throw new PatternRefusal(
      'unsupported-operator',
      `the operator ${test.negated ? 'NOT' : operator} is not supported`,
      test.at,
    );
  }
  const literals = test.kind === 'in' ? test.values : [test.value];
  if (literals.length === 0) throw new PatternRefusal('unsupported-value', 'an empty set matches nothing', test.at);
  return literals.map((literal) => {
    if (literal.type === 'string') return { type, value: literal.value };
    throw new PatternRefusal('unsupported-value', `a ${literal.type} literal cannot be a value here`, test.at);
  });
}

function unsupportedObject({ path: { objectType, steps }, at }: PropertyTest): PatternRefusal {
  const [first] = steps;
  const part = first && 'property' in first && first.property === 'hashes' ? 'hash' : 'property';
  const isPartlySupported = FILE_OBJECTS.has(objectType) || VALUE_TYPES.has(objectType);
  const object = NAMED_OBJECTS.has(objectType) ? objectType : 'a custom object';
  const what = isPartlySupported ? `this ${part} of ${object}` : object;
  return new PatternRefusal('unsupported-object', `${what} has no signal type`, at);
}

/** The operands of an AND, with those of the ANDs within it. */
function conjunctsOf(surveyed: Surveyed): Surveyed[] {
  return surveyed.expression.kind === 'and' ? surveyed.operands.flatMap(conjunctsOf) : [surveyed];
}

function ofConjunction(surveyed: Surveyed): AnyOf {
  const refuse = (detail: string): PatternRefusal =>
    new PatternRefusal('unsupported-combination', detail, surveyed.expression.at);
  if (!surveyed.isNaming) throw unsupportedObject(surveyed.first);
  if (!surveyed.objectType) throw refuse('AND of different objects is not supported');
  if (!FILE_OBJECTS.has(surveyed.objectType)) throw refuse('AND is supported for hashes of one file only');

  const conjuncts = conjunctsOf(surveyed);
  const alternatives = conjuncts.filter(({ isNaming }) => isNaming).map(ofComparison);
  const exact = alternatives.filter(({ signals }) => signals.every(({ type }) => type !== 'pdq'));
  const single = exact.filter(({ signals }) => signals.length === 1);
  // One set of hashes is what the file may be; a second set would say which of the first it is.
  const chosen = single.length > 0 ? single : exact.length === 1 ? exact : [];
  if (chosen.length === 0) throw refuse('AND needs a cryptographic hash that identifies the file');
  const { signals, ignored } = union(chosen);
  const byType = new Map(signals.map(({ type, value }) => [type, value]));
  if (single.length > 0 && signals.some(({ type, value }) => byType.get(type) !== value)) {
    throw refuse('no file has two hashes of one kind');
  }
  return { signals, ignored: ignored + conjuncts.length - chosen.length };
}
