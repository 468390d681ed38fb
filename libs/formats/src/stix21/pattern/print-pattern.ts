import type {
  ComparisonExpression,
  Constant,
  ObjectPath,
  ObservationExpression,
  PathStep,
  Qualifier,
} from './pattern-ast.js';

const PREFIXES = { string: '', timestamp: 't', binary: 'b', hex: 'h' } as const;
const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_]*$/;
const KEYWORD = /^(?:[A-Z]+|true|false)$/;

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, (character) => `\\${character}`)}'`;
}

function printConstant({ kind, text }: Constant): string {
  return kind === 'integer' || kind === 'float' || kind === 'boolean' ? text : PREFIXES[kind] + quoted(text);
}

/** Keys are quoted unless they are plain words; all-capital ones too, since they might be keywords. */
function printKey(key: string): string {
  return PLAIN_KEY.test(key) && !KEYWORD.test(key) ? key : quoted(key);
}

function printPath({ objectType, steps }: ObjectPath): string {
  const printStep = (step: PathStep, index: number): string => {
    if ('item' in step) return `[${step.item}]`;
    return (index === 0 ? '' : '.') + printKey(step.key);
  };
  return `${objectType}:${steps.map(printStep).join('')}`;
}

function printComparison(expression: ComparisonExpression): string {
  switch (expression.kind) {
    case 'joined-comparisons':
      return expression.operands
        .map((operand) =>
          operand.kind === 'joined-comparisons' ? `(${printComparison(operand)})` : printComparison(operand),
        )
        .join(` ${expression.operator} `);
    case 'existence':
      return `${expression.negated ? 'NOT ' : ''}EXISTS ${printPath(expression.path)}`;
    case 'comparison': {
      const { path, negated, operator, constants } = expression;
      const printed = constants.map(printConstant).join(', ');
      return `${printPath(path)} ${negated ? 'NOT ' : ''}${operator} ${operator === 'IN' ? `(${printed})` : printed}`;
    }
  }
}

function printQualifier(qualifier: Qualifier): string {
  switch (qualifier.kind) {
    case 'WITHIN':
      return `WITHIN ${qualifier.seconds} SECONDS`;
    case 'REPEATS':
      return `REPEATS ${qualifier.times} TIMES`;
    case 'START':
      return `START t${quoted(qualifier.start)} STOP t${quoted(qualifier.stop)}`;
  }
}

/** Writes a tree as a pattern in the standard's spelling, so that parsing it gives the same tree but for the places. */
export function printPattern(expression: ObservationExpression): string {
  switch (expression.kind) {
    case 'observation':
      return `[${printComparison(expression.test)}]`;
    case 'joined-observations':
      return expression.operands
        .map((operand) =>
          operand.kind === 'joined-observations' ? `(${printPattern(operand)})` : printPattern(operand),
        )
        .join(` ${expression.operator} `);
    case 'qualified-observations': {
      const inner = printPattern(expression.expression);
      const printed = expression.expression.kind === 'observation' ? inner : `(${inner})`;
      return [printed, ...expression.qualifiers.map(printQualifier)].join(' ');
    }
  }
}
