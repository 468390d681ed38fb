import type {
  Comparison,
  ComparisonExpression,
  ComparisonOperator,
  Constant,
  ConstantKind,
  ObjectPath,
  PathStep,
} from './pattern-ast.js';
import type { TokenReader } from './token-reader.js';

const ANY_CONSTANT: readonly ConstantKind[] = ['string', 'integer', 'float', 'boolean', 'timestamp', 'binary', 'hex'];
const ORDERED: readonly ConstantKind[] = ANY_CONSTANT.filter((kind) => kind !== 'boolean');

/** What may stand to the right of each operator; `IN` takes a set of any constants. */
const RIGHT_SIDE: Readonly<Record<ComparisonOperator, readonly ConstantKind[]>> = {
  '=': ANY_CONSTANT,
  '!=': ANY_CONSTANT,
  '<': ORDERED,
  '<=': ORDERED,
  '>': ORDERED,
  '>=': ORDERED,
  IN: ANY_CONSTANT,
  LIKE: ['string'],
  MATCHES: ['string'],
  ISSUBSET: ['string'],
  ISSUPERSET: ['string'],
};

const OPERATORS: readonly ComparisonOperator[] = [
  '=',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'IN',
  'LIKE',
  'MATCHES',
  'ISSUBSET',
  'ISSUPERSET',
];

/** The inner half of the grammar: what stands between square brackets. */
export class ComparisonParser {
  constructor(private readonly tokens: TokenReader) {}

  /** Comparisons joined by `OR`, which binds looser than `AND`. */
  expression(): ComparisonExpression {
    return this.joined('OR', () => this.joined('AND', () => this.test()));
  }

  private joined(operator: 'AND' | 'OR', operand: () => ComparisonExpression): ComparisonExpression {
    const first = operand();
    const at = this.tokens.position;
    if (!this.tokens.takeWord(operator)) return first;
    const operands = [first];
    do operands.push(operand());
    while (this.tokens.takeWord(operator));
    return { kind: 'joined-comparisons', operator, operands, at };
  }

  private test(): ComparisonExpression {
    if (this.tokens.takeSymbol('(')) return this.tokens.nested(() => this.expression(), ')');
    const at = this.tokens.position;
    const negated = this.tokens.takeWord('NOT');
    if (negated) this.tokens.expectWord('EXISTS');
    if (negated || this.tokens.takeWord('EXISTS')) return { kind: 'existence', negated, path: this.objectPath(), at };
    return this.comparison(at);
  }

  private comparison(at: number): Comparison {
    const path = this.objectPath();
    const operatorAt = this.tokens.position;
    const negated = this.tokens.takeWord('NOT');
    const operator = OPERATORS.find((each) => this.tokens.takeSymbol(each) || this.tokens.takeWord(each));
    if (operator === undefined) return this.tokens.unexpected('an operator');
    const constants = operator === 'IN' ? this.set() : [this.tokens.expectConstant(RIGHT_SIDE[operator], operator)];
    return { kind: 'comparison', path, negated, operator, constants, at, operatorAt };
  }

  private set(): Constant[] {
    this.tokens.expectSymbol('(');
    const constants: Constant[] = [];
    if (this.tokens.takeSymbol(')')) return constants;
    do constants.push(this.tokens.expectConstant(RIGHT_SIDE.IN, 'IN'));
    while (this.tokens.takeSymbol(','));
    this.tokens.expectSymbol(')');
    return constants;
  }

  private objectPath(): ObjectPath {
    const objectType = this.tokens.expectName('the type of an object');
    this.tokens.expectSymbol(':');
    const steps: PathStep[] = [{ key: this.tokens.expectKey() }];
    for (;;) {
      if (this.tokens.takeSymbol('.')) steps.push({ key: this.tokens.expectKey() });
      else if (this.tokens.takeSymbol('[')) steps.push({ item: this.item() });
      else return { objectType, steps };
    }
  }

  private item(): string {
    const item = this.tokens.takeSymbol('*') ? '*' : this.tokens.expectConstant(['integer'], 'an item of a list').text;
    this.tokens.expectSymbol(']');
    return item;
  }
}
