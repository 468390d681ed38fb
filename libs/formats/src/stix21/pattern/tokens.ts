import { PatternProblem } from './pattern-problem.js';

export type TokenKind =
  | 'symbol'
  | 'keyword'
  | 'identifier'
  | 'string'
  | 'integer'
  | 'float'
  | 'boolean'
  | 'hex'
  | 'binary'
  | 'timestamp'
  | 'end';

export interface Token {
  kind: TokenKind;
  /** The symbol, word or digits; of a string, what it stands for; of h'…', b'…' and t'…', what is between the quotes. */
  text: string;
  at: number;
}

/** Most tokens of one pattern: 2,500 comparisons, or 10,000 values of IN; longer lists have formats of their own. */
const TOKEN_LIMIT = 20_000;
/** Longest pattern, in characters. */
const LENGTH_LIMIT = 262_144;

/** Words that are never a type or a property; they are in upper case only (STIX 2.1, section 9.2). */
const KEYWORDS: ReadonlySet<string> = new Set([
  ...['AND', 'OR', 'NOT', 'FOLLOWEDBY', 'LIKE', 'MATCHES', 'ISSUBSET', 'ISSUPERSET', 'EXISTS', 'IN'],
  ...['WITHIN', 'SECONDS', 'REPEATS', 'TIMES', 'START', 'STOP'],
]);
const LONG_SYMBOLS: ReadonlySet<string> = new Set(['==', '!=', '<>', '<=', '>=']);
const SHORT_SYMBOLS = '=<>[](),:.*';

const QUOTE = 0x27;
const BACKSLASH = 0x5c;

const SPACE = /[ \t\r\n\v\f\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/y;
const WORD = /[A-Za-z_][A-Za-z0-9_-]*/y;
const NUMBER = /[+-]?(?:\d+\.\d+|\.\d+|\d+)/y;
const HEX = /^(?:[0-9a-fA-F]{2})*$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z$/;

/** Reads the tokens of a pattern, one at a time and each character once. */
export class Tokens {
  private position = 0;
  private count = 0;
  private current: Token;

  constructor(private readonly text: string) {
    if (text.length > LENGTH_LIMIT) {
      throw new PatternProblem('too-complex', `a pattern has at most ${LENGTH_LIMIT} characters`, LENGTH_LIMIT);
    }
    this.current = this.read();
  }

  /** The token that comes next. */
  get next(): Token {
    return this.current;
  }

  /** Whether the next token is this symbol or keyword. */
  is(text: string): boolean {
    return (this.current.kind === 'symbol' || this.current.kind === 'keyword') && this.current.text === text;
  }

  /** Takes the next token, whatever it is. */
  take(): Token {
    const taken = this.current;
    this.current = this.read();
    return taken;
  }

  /** Takes the next token if it is this symbol or keyword. */
  accept(text: string): boolean {
    const isThis = this.is(text);
    if (isThis) this.take();
    return isThis;
  }

  /** Takes this symbol or keyword. */
  expect(text: string): Token {
    if (!this.is(text)) throw this.unexpected(`"${text}"`);
    return this.take();
  }

  /** The problem that the next token is not what has to stand here. */
  unexpected(wanted: string): PatternProblem {
    const { kind, text, at } = this.current;
    const found =
      kind === 'end' ? 'the end' : kind === 'symbol' || kind === 'keyword' ? `"${text}"` : `a token: ${kind}`;
    return new PatternProblem('syntax', `${wanted} was expected, and there is ${found}`, at);
  }

  private read(): Token {
    this.skip();
    const at = this.position;
    this.count += 1;
    if (this.count > TOKEN_LIMIT) {
      throw new PatternProblem('too-complex', `a pattern has at most ${TOKEN_LIMIT} tokens`, at);
    }
    const first = this.text[at];
    if (first === undefined) return { kind: 'end', text: '', at };
    if (first === "'") return { kind: 'string', text: this.readString(), at };
    if (this.text[at + 1] === "'") {
      const special = this.readSpecial(first, at);
      if (special) return special;
    }
    const word = this.match(WORD);
    if (word !== undefined) {
      if (word === 'true' || word === 'false') return { kind: 'boolean', text: word, at };
      return { kind: KEYWORDS.has(word) ? 'keyword' : 'identifier', text: word, at };
    }
    const number = this.match(NUMBER);
    if (number !== undefined) return { kind: number.includes('.') ? 'float' : 'integer', text: number, at };
    const two = this.text.slice(at, at + 2);
    const symbol = LONG_SYMBOLS.has(two) ? two : first;
    if (symbol === first && !SHORT_SYMBOLS.includes(first)) {
      throw new PatternProblem('syntax', 'there is a character that no pattern has here', at);
    }
    this.position += symbol.length;
    return { kind: 'symbol', text: symbol, at };
  }

  private match(expression: RegExp): string | undefined {
    expression.lastIndex = this.position;
    const found = expression.exec(this.text)?.[0];
    if (found !== undefined) this.position += found.length;
    return found;
  }

  /** White space and the two kinds of comment. */
  private skip(): void {
    for (;;) {
      this.match(SPACE);
      if (this.text.startsWith('/*', this.position)) {
        const end = this.text.indexOf('*/', this.position + 2);
        if (end < 0) throw new PatternProblem('syntax', 'a comment has no end', this.position);
        this.position = end + 2;
      } else if (this.text.startsWith('//', this.position)) {
        const end = this.text.indexOf('\n', this.position);
        this.position = end < 0 ? this.text.length : end;
      } else return;
    }
  }

  /** A string in quotes, in which a backslash stands before a quote or another backslash and nothing else. */
  private readString(): string {
    const start = this.position;
    let hasEscapes = false;
    for (let index = start + 1; index < this.text.length; index += 1) {
      const code = this.text.charCodeAt(index);
      if (code === QUOTE) {
        this.position = index + 1;
        const written = this.text.slice(start + 1, index);
        return hasEscapes ? written.replaceAll(/\\(.)/g, '$1') : written;
      }
      if (code !== BACKSLASH) continue;
      index += 1;
      const escaped = this.text.charCodeAt(index);
      if (escaped !== QUOTE && escaped !== BACKSLASH) {
        throw new PatternProblem('syntax', 'a backslash escapes only a quote or a backslash', index - 1);
      }
      hasEscapes = true;
    }
    throw new PatternProblem('syntax', 'a string has no end', start);
  }

  private readSpecial(prefix: string, at: number): Token | undefined {
    if (prefix !== 'h' && prefix !== 'b' && prefix !== 't') return undefined;
    const end = this.text.indexOf("'", at + 2);
    if (end < 0) throw new PatternProblem('syntax', 'a literal has no end', at);
    const text = this.text.slice(at + 2, end);
    this.position = end + 1;
    if (prefix === 'h' && HEX.test(text)) return { kind: 'hex', text, at };
    if (prefix === 'b' && text.length % 4 === 0 && BASE64.test(text)) return { kind: 'binary', text, at };
    if (prefix === 't' && TIMESTAMP.test(text) && !Number.isNaN(Date.parse(text)))
      return { kind: 'timestamp', text, at };
    throw new PatternProblem('syntax', 'a literal is not what its prefix says', at);
  }
}
