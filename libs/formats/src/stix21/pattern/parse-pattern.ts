import {
  COMPARISON_OPERATORS,
  type ComparisonExpression,
  type ComparisonOperator,
  type Literal,
  type ObjectPath,
  type ObservationExpression,
  type PathStep,
  type PropertyTest,
  type Qualifier,
} from './ast.js';
import { PatternProblem, type PatternProblemCode } from './pattern-problem.js';
import { Tokens } from './tokens.js';

/** Deepest nesting of parentheses, brackets and qualifiers. */
const NESTING_LIMIT = 64;
const ORDERABLE: ReadonlySet<string> = new Set(['string', 'integer', 'float', 'hex', 'binary', 'timestamp']);
const TEXT_OPERATORS: ReadonlySet<string> = new Set(['LIKE', 'MATCHES', 'ISSUBSET', 'ISSUPERSET']);

/** The tree of a pattern, or what is wrong with it and where. `detail` names constructs and never repeats a value. */
export type ParsedPattern =
  { ok: true; pattern: ObservationExpression } | { ok: false; code: PatternProblemCode; detail: string; at: number };

/**
 * Parses a pattern (STIX 2.1, chapter 9), in time linear in its length: one token is looked at ahead and none is read
 * twice. AND binds closer than OR, OR closer than FOLLOWEDBY; a chain of one operator is one node.
 */
export function parsePattern(text: string): ParsedPattern {
  try {
    return { ok: true, pattern: new PatternParser(new Tokens(text)).parse() };
  } catch (problem) {
    if (!(problem instanceof PatternProblem)) throw problem;
    return { ok: false, code: problem.code, detail: problem.message, at: problem.at };
  }
}

class PatternParser {
  private depth = 0;

  constructor(private readonly tokens: Tokens) {}

  parse(): ObservationExpression {
    const pattern = this.followedBy();
    if (this.tokens.next.kind !== 'end') throw this.tokens.unexpected('an operator between observations, or the end,');
    return pattern;
  }

  private followedBy(): ObservationExpression {
    return this.chain('FOLLOWEDBY', 'followed-by', () =>
      this.chain('OR', 'or', () => this.chain('AND', 'and', () => this.qualified())),
    );
  }

  /** Operands of one operator, read by a loop so that a long chain costs no depth. */
  private chain<Node extends { at: number }, Kind extends string>(
    word: string,
    kind: Kind,
    operand: () => Node,
  ): Node | { kind: Kind; operands: Node[]; at: number } {
    const first = operand();
    if (!this.tokens.is(word)) return first;
    const operands = [first];
    while (this.tokens.accept(word)) operands.push(operand());
    return { kind, operands, at: first.at };
  }

  private qualified(): ObservationExpression {
    const { depth } = this;
    let operand = this.observation();
    for (;;) {
      const qualifier = this.qualifier();
      if (!qualifier) break;
      this.deeper(operand.at);
      operand = { kind: 'qualified', operand, qualifier, at: operand.at };
    }
    this.depth = depth;
    return operand;
  }

  private observation(): ObservationExpression {
    const { tokens } = this;
    const { at } = tokens.next;
    if (tokens.is('[')) {
      const comparison = this.nested('[', ']', () => this.comparison());
      return { kind: 'observation', comparison, at };
    }
    if (tokens.is('(')) return this.nested('(', ')', () => this.followedBy());
    throw tokens.unexpected('an observation in brackets');
  }

  private qualifier(): Qualifier | undefined {
    const { tokens } = this;
    if (tokens.accept('WITHIN')) {
      const seconds = this.number('a number of seconds above zero', new Set(['integer', 'float']));
      tokens.expect('SECONDS');
      return { kind: 'within', seconds };
    }
    if (tokens.accept('REPEATS')) {
      const times = this.number('a number of times above zero', new Set(['integer']));
      tokens.expect('TIMES');
      return { kind: 'repeats', times };
    }
    if (tokens.accept('START')) {
      const start = this.literal('a timestamp', new Set(['timestamp']));
      tokens.expect('STOP');
      return { kind: 'start-stop', start, stop: this.literal('a timestamp', new Set(['timestamp'])) };
    }
    return undefined;
  }

  private comparison(): ComparisonExpression {
    return this.chain('OR', 'or', () => this.chain('AND', 'and', () => this.test()));
  }

  private test(): ComparisonExpression {
    const { tokens } = this;
    const { at } = tokens.next;
    if (tokens.is('(')) return this.nested('(', ')', () => this.comparison());
    const negated = tokens.accept('NOT');
    if (negated || tokens.is('EXISTS')) {
      tokens.expect('EXISTS');
      return { kind: 'exists', path: this.path(), negated, at };
    }
    return this.propertyTest(at);
  }

  private propertyTest(at: number): PropertyTest {
    const path = this.path();
    const negated = this.tokens.accept('NOT');
    if (this.tokens.accept('IN')) return { kind: 'in', path, negated, values: this.set(), at };
    const operator = this.operator();
    const isOrder = operator.startsWith('<') || operator.startsWith('>');
    const value = TEXT_OPERATORS.has(operator)
      ? this.literal('a string', new Set(['string']))
      : this.literal('a literal', isOrder ? ORDERABLE : undefined);
    return { kind: 'compare', path, negated, operator, value, at };
  }

  private operator(): ComparisonOperator {
    const { kind, text } = this.tokens.next;
    const spelt = text === '==' ? '=' : text === '<>' ? '!=' : text;
    const operator = COMPARISON_OPERATORS.find((known) => known === spelt);
    if (!operator || (kind !== 'symbol' && kind !== 'keyword')) throw this.tokens.unexpected('a comparison operator');
    this.tokens.take();
    return operator;
  }

  private set(): Literal[] {
    return this.nested('(', ')', () => {
      const values: Literal[] = [];
      if (this.tokens.is(')')) return values;
      do values.push(this.literal('a literal'));
      while (this.tokens.accept(','));
      return values;
    });
  }

  private number(wanted: string, kinds: ReadonlySet<string>): Literal {
    if (!(Number(this.tokens.next.text) > 0)) throw this.tokens.unexpected(wanted);
    return this.literal(wanted, kinds);
  }

  private literal(wanted: string, kinds?: ReadonlySet<string>): Literal {
    const { kind, text } = this.tokens.next;
    const isLiteral = kind !== 'symbol' && kind !== 'keyword' && kind !== 'identifier' && kind !== 'end';
    if (!isLiteral || (kinds && !kinds.has(kind))) throw this.tokens.unexpected(wanted);
    this.tokens.take();
    return { type: kind, value: text };
  }

  private path(): ObjectPath {
    const { tokens } = this;
    if (tokens.next.kind !== 'identifier') throw tokens.unexpected('an object path');
    const objectType = tokens.take().text;
    tokens.expect(':');
    const steps: PathStep[] = [this.property()];
    for (;;) {
      if (tokens.accept('.')) steps.push(this.property());
      else if (tokens.is('[')) steps.push(this.nested('[', ']', () => this.index()));
      else return { objectType, steps };
    }
  }

  private property(): PathStep {
    const { kind, text } = this.tokens.next;
    // Only in quotes may a property have a hyphen.
    if (kind !== 'string' && (kind !== 'identifier' || text.includes('-'))) throw this.tokens.unexpected('a property');
    this.tokens.take();
    return { property: text };
  }

  private index(): PathStep {
    if (this.tokens.accept('*')) return { index: 'any' };
    const wanted = 'a position in a list, or "*",';
    if (!Number.isSafeInteger(Number(this.tokens.next.text))) throw this.tokens.unexpected(wanted);
    // Without a negative zero.
    return { index: Number(this.literal(wanted, new Set(['integer'])).value) + 0 };
  }

  private nested<Node>(open: string, close: string, inner: () => Node): Node {
    const { at } = this.tokens.expect(open);
    this.deeper(at);
    const node = inner();
    this.tokens.expect(close);
    this.depth -= 1;
    return node;
  }

  private deeper(at: number): void {
    this.depth += 1;
    if (this.depth > NESTING_LIMIT) {
      throw new PatternProblem('too-complex', `a pattern is nested at most ${NESTING_LIMIT} deep`, at);
    }
  }
}
