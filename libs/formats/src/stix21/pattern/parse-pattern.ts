import { ComparisonParser } from './parse-comparison.js';
import type { Observation, ObservationExpression, ObservationOperator, Qualifier } from './pattern-ast.js';
import { patternFault, PatternFaultSignal, type PatternFault } from './pattern-fault.js';
import { MAX_PATTERN_LENGTH, TokenReader } from './token-reader.js';

/** A pattern as a tree, or what is wrong with the text and where. */
export type ParsedPattern = { readonly ok: true; readonly pattern: ObservationExpression } | PatternFault;

/** Observation operators, the loosest first (STIX 2.1, section 9.4). */
const OBSERVATION_OPERATORS: readonly ObservationOperator[] = ['FOLLOWEDBY', 'OR', 'AND'];

/**
 * Parses a pattern of the STIX Patterning Language (STIX 2.1, section 9). Time and memory are linear in the length, which
 * is bounded, as are the depth of parentheses and the number of steps. Never throws.
 *
 * Two spellings outside the standard are read, since they are common and can mean nothing else: keys with a hyphen
 * without quotes (`file:hashes.SHA-256`), and `START` and `STOP` with plain strings (STIX 2.0).
 */
export function parsePattern(text: string): ParsedPattern {
  if (text.length > MAX_PATTERN_LENGTH) {
    return patternFault('pattern-too-long', 1, `a pattern has at most ${MAX_PATTERN_LENGTH} characters`);
  }
  try {
    const tokens = new TokenReader(text);
    const pattern = new ObservationParser(tokens).expression();
    tokens.expectEnd();
    return { ok: true, pattern };
  } catch (thrown) {
    if (thrown instanceof PatternFaultSignal) return thrown.fault;
    throw thrown;
  }
}

/** The outer half of the grammar: observations, their operators and qualifiers. */
class ObservationParser {
  private readonly comparisons: ComparisonParser;

  constructor(private readonly tokens: TokenReader) {
    this.comparisons = new ComparisonParser(tokens);
  }

  /** Operands of one operator, each made of operators that bind tighter. */
  expression(level = 0): ObservationExpression {
    const operator = OBSERVATION_OPERATORS[level];
    if (operator === undefined) return this.qualified();
    const first = this.expression(level + 1);
    const at = this.tokens.position;
    if (!this.tokens.takeWord(operator)) return first;
    const operands = [first];
    do operands.push(this.expression(level + 1));
    while (this.tokens.takeWord(operator));
    return { kind: 'joined-observations', operator, operands, at };
  }

  private qualified(): ObservationExpression {
    const expression = this.single();
    const at = this.tokens.position;
    const qualifiers: Qualifier[] = [];
    for (let next = this.qualifier(); next; next = this.qualifier()) {
      const { kind } = next;
      if (qualifiers.some((earlier) => earlier.kind === kind)) {
        this.tokens.fail('pattern-qualifier-twice', next.at, `a second ${kind} on one expression`);
      }
      qualifiers.push(next);
    }
    return qualifiers.length === 0 ? expression : { kind: 'qualified-observations', expression, qualifiers, at };
  }

  private single(): ObservationExpression {
    if (this.tokens.takeSymbol('(')) return this.tokens.nested(() => this.expression(), ')');
    return this.observation();
  }

  private observation(): Observation {
    const at = this.tokens.position;
    this.tokens.expectSymbol('[');
    const test = this.comparisons.expression();
    this.tokens.expectSymbol(']');
    return { kind: 'observation', test, at };
  }

  private qualifier(): Qualifier | undefined {
    const at = this.tokens.position;
    if (this.tokens.takeWord('WITHIN')) {
      const seconds = this.amount('WITHIN', ['integer', 'float']);
      this.tokens.expectWord('SECONDS');
      return { kind: 'WITHIN', seconds, at };
    }
    if (this.tokens.takeWord('REPEATS')) {
      const times = this.amount('REPEATS', ['integer']);
      this.tokens.expectWord('TIMES');
      return { kind: 'REPEATS', times, at };
    }
    if (!this.tokens.takeWord('START')) return undefined;
    const start = this.tokens.expectConstant(['timestamp', 'string'], 'START').text;
    this.tokens.expectWord('STOP');
    return { kind: 'START', start, stop: this.tokens.expectConstant(['timestamp', 'string'], 'STOP').text, at };
  }

  /** A number above zero. */
  private amount(qualifier: string, kinds: ('integer' | 'float')[]): string {
    const { text, at } = this.tokens.expectConstant(kinds, qualifier);
    if (!(Number(text) > 0))
      this.tokens.fail('pattern-constant', at, `${qualifier} with a number that is not above zero`);
    return text;
  }
}
