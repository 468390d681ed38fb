import type { ComparisonExpression, Literal, ObjectPath, ObservationExpression, Qualifier } from './ast.js';

/** What stands before the quotes; numbers and booleans have none. */
const PREFIXES: Readonly<Partial<Record<Literal['type'], string>>> = {
  string: '',
  hex: 'h',
  binary: 'b',
  timestamp: 't',
};
/** Properties that need no quotes. All capitals get them, since they may be a keyword. */
const BARE_PROPERTY = /^(?![A-Z]+$|true$|false$)[A-Za-z_][A-Za-z0-9_]*$/;
const JOINTS = { and: ' AND ', or: ' OR ', 'followed-by': ' FOLLOWEDBY ' } as const;

/** Writes a pattern as the standard spells it. Parsing the text gives the same tree, but for places. */
export function printPattern(expression: ObservationExpression): string {
  switch (expression.kind) {
    case 'observation':
      return `[${printComparison(expression.comparison)}]`;
    case 'qualified': {
      const { operand, qualifier } = expression;
      // Qualifiers of different kinds may follow one another; parentheses keep one from being said twice.
      const isBare = operand.kind === 'observation';
      return `${isBare ? printPattern(operand) : `(${printPattern(operand)})`} ${printQualifier(qualifier)}`;
    }
    default:
      return expression.operands
        .map((operand) => ('operands' in operand ? `(${printPattern(operand)})` : printPattern(operand)))
        .join(JOINTS[expression.kind]);
  }
}

function printComparison(expression: ComparisonExpression): string {
  switch (expression.kind) {
    case 'compare':
      return `${printPath(expression.path)}${printNot(expression.negated)} ${expression.operator} ${printLiteral(expression.value)}`;
    case 'in': {
      const values = expression.values.map(printLiteral).join(', ');
      return `${printPath(expression.path)}${printNot(expression.negated)} IN (${values})`;
    }
    case 'exists':
      return `${expression.negated ? 'NOT ' : ''}EXISTS ${printPath(expression.path)}`;
    default:
      return expression.operands
        .map((operand) => ('operands' in operand ? `(${printComparison(operand)})` : printComparison(operand)))
        .join(JOINTS[expression.kind]);
  }
}

function printNot(negated: boolean): string {
  return negated ? ' NOT' : '';
}

function printPath({ objectType, steps }: ObjectPath): string {
  const printed = steps.map((step, place) => {
    if ('index' in step) return `[${step.index === 'any' ? '*' : step.index}]`;
    const property = BARE_PROPERTY.test(step.property) ? step.property : quote(step.property);
    return place === 0 ? property : `.${property}`;
  });
  return `${objectType}:${printed.join('')}`;
}

function printQualifier(qualifier: Qualifier): string {
  switch (qualifier.kind) {
    case 'within':
      return `WITHIN ${printLiteral(qualifier.seconds)} SECONDS`;
    case 'repeats':
      return `REPEATS ${printLiteral(qualifier.times)} TIMES`;
    case 'start-stop':
      return `START ${printLiteral(qualifier.start)} STOP ${printLiteral(qualifier.stop)}`;
  }
}

function printLiteral({ type, value }: Literal): string {
  const prefix = PREFIXES[type];
  return prefix === undefined ? value : prefix + quote(value);
}

function quote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, (character) => `\\${character}`)}'`;
}
