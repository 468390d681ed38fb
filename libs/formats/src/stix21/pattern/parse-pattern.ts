import type {
  ComparisonExpression,
  ComparisonOperator,
  Literal,
  ObjectPath,
  ObservationExpression,
  PathStep,
  PropertyTest,
  Qualifier,
} from './ast.js';
import { COMPARISON_OPERATORS } from './ast.js';
import { PatternProblem, type PatternProblemCode } from './pattern-problem.js';
import { Tokens, type TokenKind } from './tokens.js';

/** A pattern as a tree, or what is wrong with it and where, in characters from its start. */
export type ParsedPattern =
  { ok: true; pattern: ObservationExpression } | { ok: false; code: PatternProblemCode; detail: string; at: number };

/** Deepest nesting of parentheses, and most qualifiers on one expression: the kinds of qualifiers there are. */
const DEPTH_LIMIT = 64;

const ORDERED: readonly Literal['type'][] = ['string', 'integer', 'float', 'timestamp', 'binary', 'hex'];
const ANY_LITERAL: readonly Literal['type'][] = [...ORDERED, 'boolean'];
const LITERALS_OF: Readonly<Record<ComparisonOperator, readonly Literal['type'][]>> = {
  '=': ANY_LITERAL,
  '!=': ANY_LITERAL,
  '<': ORDERED,
  '<=': ORDERED,
  '>': ORDERED,
  '>=': ORDERED,
  LIKE: ['string'],
  MATCHES: ['string'],
  ISSUBSET: ['string'],
  ISSUPERSET: ['string'],
};

/**
 * Parses a pattern of the STIX Patterning Language (STIX 2.1, chapter 9). Never throws. Time and memory are linear in
 * the length, since the parser reads one token ahead and never goes back; length, tokens and nesting have bounds.
 *
 * Two spellings outside the standard are read, since they are common and can mean nothing else: properties with a
 * hyphen without quotes (`file:hashes.SHA-256`), and START and STOP with plain strings (STIX 2.0).
 */
export function parsePattern(text: string): ParsedPattern {
  try {
    return { ok: true, pattern: new Parser(new Tokens(text)).pattern() };
  } catch (problem) {
    if (!(problem instanceof PatternProblem)) throw problem;
    return { ok: false, code: problem.code, detail: problem.message, at: problem.at };
  }
}

type JoinedBy<Kind extends string, Operand> = { kind: Kind; operands: Operand[]; at: number };

class Parser {
  private depth = 0;

  constructor(private readonly tokens: Tokens) {}

  pattern(): ObservationExpression {
    const pattern = this.observations();
    if (this.tokens.next.kind !== 'end') throw this.tokens.unexpected('an operator, a qualifier or the end');
    return pattern;
  }

  /** From the operator that binds loosest to the one that binds tightest (section 9.5). */
  private observations(): ObservationExpression {
    const and = (): ObservationExpression => this.joined('and', 'AND', () => this.qualified());
    const or = (): ObservationExpression => this.joined('or', 'OR', and);
    return this.joined('followed-by', 'FOLLOWEDBY', or);
  }

  private comparisons(): ComparisonExpression {
    const and = (): ComparisonExpression => this.joined('and', 'AND', () => this.comparison());
    return this.joined('or', 'OR', and);
  }

  /** Operands with one operator between them; a single one is itself. `at` is the place of the first operator. */
  private joined<Kind extends string, Operand>(
    kind: Kind,
    operator: string,
    operand: () => Operand,
  ): Operand | JoinedBy<Kind, Operand> {
    const first = operand();
    const { at } = this.tokens.next;
    if (!this.tokens.is(operator)) return first;
    const operands = [first];
    while (this.tokens.accept(operator)) operands.push(operand());
    return { kind, operands, at };
  }

  /** What is in parentheses, the first of which is taken. */
  private nested<Inner>(inner: () => Inner): Inner {
    this.depth += 1;
    if (this.depth > DEPTH_LIMIT) {
      throw new PatternProblem(
        'too-complex',
        `parentheses are nested at most ${DEPTH_LIMIT} deep`,
        this.tokens.next.at,
      );
    }
    const read = inner();
    this.tokens.expect(')');
    this.depth -= 1;
    return read;
  }

  private qualified(): ObservationExpression {
    let expression = this.tokens.accept('(') ? this.nested(() => this.observations()) : this.observation();
    const kinds = new Set<Qualifier['kind']>();
    for (;;) {
      const { at } = this.tokens.next;
      const qualifier = this.qualifier();
      if (!qualifier) return expression;
      if (kinds.has(qualifier.kind)) throw new PatternProblem('syntax', 'a qualifier is there twice', at);
      kinds.add(qualifier.kind);
      expression = { kind: 'qualified', operand: expression, qualifier, at };
    }
  }

  private observation(): ObservationExpression {
    const { at } = this.tokens.expect('[');
    const comparison = this.comparisons();
    this.tokens.expect(']');
    return { kind: 'observation', comparison, at };
  }

  private qualifier(): Qualifier | undefined {
    if (this.tokens.accept('WITHIN')) {
      const seconds = this.amount(['integer', 'float']);
      this.tokens.expect('SECONDS');
      return { kind: 'within', seconds };
    }
    if (this.tokens.accept('REPEATS')) {
      const times = this.amount(['integer']);
      this.tokens.expect('TIMES');
      return { kind: 'repeats', times };
    }
    if (!this.tokens.accept('START')) return undefined;
    const start = this.literal(['timestamp', 'string']);
    this.tokens.expect('STOP');
    return { kind: 'start-stop', start, stop: this.literal(['timestamp', 'string']) };
  }

  /** A number above zero. */
  private amount(types: readonly Literal['type'][]): Literal {
    const { at } = this.tokens.next;
    const amount = this.literal(types);
    if (!(Number(amount.value) > 0)) throw new PatternProblem('syntax', 'a number above zero was expected', at);
    return amount;
  }

  private comparison(): ComparisonExpression {
    if (this.tokens.accept('(')) return this.nested(() => this.comparisons());
    const { at } = this.tokens.next;
    const negated = this.tokens.accept('NOT');
    if (negated && !this.tokens.is('EXISTS')) throw this.tokens.unexpected('"EXISTS"');
    if (this.tokens.accept('EXISTS')) return { kind: 'exists', path: this.path(), negated, at };
    return this.propertyTest(at);
  }

  private propertyTest(at: number): PropertyTest {
    const path = this.path();
    const negated = this.tokens.accept('NOT');
    if (this.tokens.accept('IN')) return { kind: 'in', path, negated, values: this.set(), at };
    const operator = this.operator();
    return { kind: 'compare', path, negated, operator, value: this.literal(LITERALS_OF[operator]), at };
  }

  private operator(): ComparisonOperator {
    if (this.tokens.accept('==')) return '=';
    if (this.tokens.accept('<>')) return '!=';
    const operator = COMPARISON_OPERATORS.find((candidate) => this.tokens.accept(candidate));
    if (operator === undefined) throw this.tokens.unexpected('an operator');
    return operator;
  }

  private set(): Literal[] {
    this.tokens.expect('(');
    const values: Literal[] = [];
    if (this.tokens.accept(')')) return values;
    do values.push(this.literal(ANY_LITERAL));
    while (this.tokens.accept(','));
    this.tokens.expect(')');
    return values;
  }

  private literal(types: readonly Literal['type'][]): Literal {
    const type = types.find((candidate) => candidate === this.tokens.next.kind);
    if (type === undefined) throw this.tokens.unexpected(types.join(' or '));
    return { type, value: this.tokens.take().text };
  }

  private path(): ObjectPath {
    const objectType = this.word(['identifier'], 'the type of an object');
    this.tokens.expect(':');
    const steps: PathStep[] = [{ property: this.property() }];
    for (;;) {
      if (this.tokens.accept('.')) steps.push({ property: this.property() });
      else if (this.tokens.accept('[')) steps.push(this.element());
      else return { objectType, steps };
    }
  }

  private property(): string {
    return this.word(['identifier', 'string'], 'a property');
  }

  private element(): PathStep {
    const { at } = this.tokens.next;
    const index = this.tokens.accept('*') ? 'any' : Number(this.word(['integer'], 'the number of an element'));
    if (index !== 'any' && !Number.isSafeInteger(index)) throw new PatternProblem('syntax', 'no list is that long', at);
    this.tokens.expect(']');
    return { index };
  }

  private word(kinds: readonly TokenKind[], wanted: string): string {
    if (!kinds.includes(this.tokens.next.kind)) throw this.tokens.unexpected(wanted);
    return this.tokens.take().text;
  }
}
