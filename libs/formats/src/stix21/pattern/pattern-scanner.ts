import type { ConstantKind } from './pattern-ast.js';
import { patternFault, PatternFaultSignal, type PatternFaultCode } from './pattern-fault.js';

/** What a piece of a pattern is: punctuation and operators by themselves, words, constants, the end. */
export type TokenKind = 'symbol' | 'word' | 'end' | Exclude<ConstantKind, 'boolean'>;

/** A piece of a pattern. Of strings and of `t'…'`, `b'…'`, `h'…'` the text is what stands between the quotes. */
export interface Token {
  kind: TokenKind;
  text: string;
  at: number;
}

/** White space of the standard's grammar, and comments. */
const BLANK = /(?:[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|\/\/[^\r\n]*)+/y;
const WORD = /[A-Za-z_][A-Za-z0-9_-]*/y;
const NUMBER = /[+-]?(?:\d*\.\d+|\d+)/y;
const INTEGER = /^[+-]?(?:0|[1-9]\d*)$/;
const SYMBOL = /==|!=|<>|<=|>=|[=<>[\]():.,*]/y;
const STRING_STRETCH = /[^'\\]*/y;

const TIMESTAMP =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?Z$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const HEX = /^(?:[0-9A-Fa-f]{2})*$/;

const PREFIXED: ReadonlyMap<string, { kind: TokenKind; shape: RegExp }> = new Map([
  ['t', { kind: 'timestamp', shape: TIMESTAMP }],
  ['b', { kind: 'binary', shape: BASE64 }],
  ['h', { kind: 'hex', shape: HEX }],
]);

/** Operators that may be written in two ways, by the one way of the tree. */
const SAME_SYMBOL: ReadonlyMap<string, string> = new Map([
  ['==', '='],
  ['<>', '!='],
]);

/**
 * Cuts a pattern into tokens, one at a time and from left to right. Every character is looked at a bounded number of
 * times: all expressions are sticky and cannot match one text in two ways.
 */
export class PatternScanner {
  private index = 0;

  constructor(private readonly text: string) {}

  /** Reads the next token; at the end the token `end`, again and again. */
  next(): Token {
    this.skipBlanks();
    const at = this.index + 1;
    const character = this.text.charAt(this.index);
    if (character === '') return { kind: 'end', text: '', at };
    if (character === "'") return { kind: 'string', text: this.string(), at };
    const word = this.take(WORD);
    if (word !== undefined) return this.prefixed(word, at) ?? { kind: 'word', text: word, at };
    const symbol = this.symbol();
    if (symbol !== undefined) return { kind: 'symbol', text: symbol, at };
    const number = this.take(NUMBER);
    if (number === undefined) return this.fail('pattern-syntax', at, 'a character that has no meaning here');
    if (number.includes('.')) return { kind: 'float', text: number, at };
    if (!INTEGER.test(number)) this.fail('pattern-constant', at, 'an integer that begins with a zero');
    return { kind: 'integer', text: number, at };
  }

  private skipBlanks(): void {
    for (;;) {
      this.take(BLANK);
      if (!this.text.startsWith('/*', this.index)) return;
      const end = this.text.indexOf('*/', this.index + 2);
      if (end < 0) this.fail('pattern-syntax', this.index + 1, 'a comment that does not end');
      this.index = end + 2;
    }
  }

  /** A symbol, unless it is the point of a fraction. */
  private symbol(): string | undefined {
    if (/^\.\d/.test(this.text.slice(this.index, this.index + 2))) return undefined;
    const symbol = this.take(SYMBOL);
    return symbol === undefined ? undefined : (SAME_SYMBOL.get(symbol) ?? symbol);
  }

  /** `t'…'`, `b'…'` or `h'…'`, of which the letter is read already. */
  private prefixed(letter: string, at: number): Token | undefined {
    const constant = PREFIXED.get(letter);
    if (!constant || this.text.charAt(this.index) !== "'") return undefined;
    const text = this.string();
    if (!constant.shape.test(text)) this.fail('pattern-constant', at, `a ${constant.kind} constant that is not one`);
    return { kind: constant.kind, text, at };
  }

  /** What stands between two quotes; a backslash may stand before a quote or a backslash only. */
  private string(): string {
    const start = this.index;
    this.index += 1;
    let text = '';
    for (;;) {
      text += this.take(STRING_STRETCH) ?? '';
      const next = this.text.charAt(this.index);
      if (next === '') this.fail('pattern-string', start + 1, 'a string that does not end');
      this.index += 1;
      if (next === "'") return text;
      const escaped = this.text.charAt(this.index);
      if (escaped !== "'" && escaped !== '\\') {
        this.fail('pattern-string', this.index, 'a backslash before something else than a quote or a backslash');
      }
      text += escaped;
      this.index += 1;
    }
  }

  private take(expression: RegExp): string | undefined {
    expression.lastIndex = this.index;
    const match = expression.exec(this.text);
    if (match) this.index = expression.lastIndex;
    return match?.[0];
  }

  private fail(code: PatternFaultCode, at: number, detail: string): never {
    throw new PatternFaultSignal(patternFault(code, at, detail));
  }
}
