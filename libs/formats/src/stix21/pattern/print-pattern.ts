import type {
  ComparisonExpression,
  Literal,
  ObjectPath,
  ObservationExpression,
  PathStep,
  PropertyTest,
  Qualifier,
} from './ast.js';

const WORDS = { and: 'AND', or: 'OR', 'followed-by': 'FOLLOWEDBY' } as const;
/** The operators, the loosest first; what binds closer needs no parentheses. */
const BY_CLOSENESS: readonly string[] = ['followed-by', 'or', 'and'];
const PLAIN_PROPERTY = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Words in capitals may be keywords, and these two are literals: as properties they need quotes. */
const RESERVED = /^(?:[A-Z]+|true|false)$/;

/**
 * Writes a pattern in the syntax of STIX 2.1, chapter 9, with single spaces and no parentheses that change nothing.
 * Parsing what is written gives the same tree.
 */
export function printPattern(pattern: ObservationExpression): string {
  switch (pattern.kind) {
    case 'observation':
      return `[${printComparison(pattern.comparison)}]`;
    case 'qualified': {
      const operand = printPattern(pattern.operand);
      return `${'operands' in pattern.operand ? `(${operand})` : operand} ${printQualifier(pattern.qualifier)}`;
    }
    default:
      return printChain(pattern, printPattern);
  }
}

function printComparison(expression: ComparisonExpression): string {
  return 'operands' in expression ? printChain(expression, printComparison) : printTest(expression);
}

function printChain<Node extends { kind: string }>(
  { kind, operands }: { kind: keyof typeof WORDS; operands: Node[] },
  print: (node: Node) => string,
): string {
  const inParentheses = BY_CLOSENESS.slice(0, BY_CLOSENESS.indexOf(kind) + 1);
  const printed = operands.map((operand) => {
    const text = print(operand);
    return inParentheses.includes(operand.kind) ? `(${text})` : text;
  });
  return printed.join(` ${WORDS[kind]} `);
}

function printTest(test: PropertyTest): string {
  const path = printPath(test.path);
  const not = test.negated ? 'NOT ' : '';
  switch (test.kind) {
    case 'exists':
      return `${not}EXISTS ${path}`;
    case 'in':
      return `${path} ${not}IN (${test.values.map(printLiteral).join(', ')})`;
    case 'compare':
      return `${path} ${not}${test.operator} ${printLiteral(test.value)}`;
  }
}

function printPath({ objectType, steps }: ObjectPath): string {
  return `${objectType}:${steps.map((step, index) => printStep(step, index === 0)).join('')}`;
}

function printStep(step: PathStep, isFirst: boolean): string {
  if ('index' in step) return `[${step.index === 'any' ? '*' : step.index}]`;
  const isPlain = PLAIN_PROPERTY.test(step.property) && !RESERVED.test(step.property);
  return `${isFirst ? '' : '.'}${isPlain ? step.property : quoted(step.property)}`;
}

function printQualifier(qualifier: Qualifier): string {
  switch (qualifier.kind) {
    case 'within':
      return `WITHIN ${qualifier.seconds.value} SECONDS`;
    case 'repeats':
      return `REPEATS ${qualifier.times.value} TIMES`;
    case 'start-stop':
      return `START ${printLiteral(qualifier.start)} STOP ${printLiteral(qualifier.stop)}`;
  }
}

function printLiteral({ type, value }: Literal): string {
  switch (type) {
    case 'string':
      return quoted(value);
    case 'hex':
      return `h'${value}'`;
    case 'binary':
      return `b'${value}'`;
    case 'timestamp':
      return `t'${value}'`;
    default:
      return value;
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
}
