import type { Constant, ConstantKind } from './pattern-ast.js';
import { patternFault, PatternFaultSignal, type PatternFaultCode } from './pattern-fault.js';
import { PatternScanner, type Token } from './pattern-scanner.js';

/** Longest pattern, in UTF-16 code units: some 2,500 SHA-256 hashes joined by `OR`. */
export const MAX_PATTERN_LENGTH = 262_144;
/** Deepest nesting of parentheses, both kinds counted together. */
const MAX_DEPTH = 64;
/** Most tokens, whatever the length; with them the tree is bounded as well. */
const MAX_TOKENS = 100_000;

const KEYWORDS: ReadonlySet<string> = new Set([
  ...['AND', 'OR', 'NOT', 'FOLLOWEDBY', 'LIKE', 'MATCHES', 'ISSUPERSET', 'ISSUBSET', 'EXISTS', 'IN'],
  ...['START', 'STOP', 'SECONDS', 'WITHIN', 'REPEATS', 'TIMES', 'true', 'false'],
]);

/**
 * The tokens of a pattern with one of look-ahead, the budget, and what a parser asks for. The grammar needs no more
 * look-ahead and the parser never goes back, so the tokens read are the steps taken.
 */
export class TokenReader {
  private readonly scanner: PatternScanner;
  private current: Token;
  private tokens = 0;
  private depth = 0;

  constructor(text: string) {
    this.scanner = new PatternScanner(text);
    this.current = this.scanner.next();
  }

  /** Place of the token that comes next. */
  get position(): number {
    return this.current.at;
  }

  /** Takes a keyword if it comes next. */
  takeWord(keyword: string): boolean {
    return this.take('word', keyword);
  }

  /** Takes a punctuation mark or operator if it comes next. */
  takeSymbol(symbol: string): boolean {
    return this.take('symbol', symbol);
  }

  expectWord(keyword: string): void {
    if (!this.takeWord(keyword)) this.unexpected(keyword);
  }

  expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) this.unexpected(`"${symbol}"`);
  }

  expectEnd(): void {
    if (this.current.kind !== 'end') this.unexpected('an operator, a qualifier or the end');
  }

  /** Takes a word that is no keyword. */
  expectName(what: string): string {
    const { kind, text } = this.current;
    if (kind !== 'word' || KEYWORDS.has(text)) return this.unexpected(what);
    this.advance();
    return text;
  }

  /** Takes a key of a path: a word or a string. */
  expectKey(): string {
    const { kind, text } = this.current;
    if (kind !== 'string') return this.expectName('a key');
    this.advance();
    return text;
  }

  /** Takes a constant of one of these kinds. */
  expectConstant(kinds: readonly ConstantKind[], after: string): Constant {
    const { text, at } = this.current;
    const kind = kinds.find((each) => each === this.constantKind());
    if (kind === undefined) return this.unexpected(`${kinds.join(' or ')} after ${after}`);
    this.advance();
    return { kind, text, at };
  }

  /** Reads what stands in parentheses, of which the first is taken already. */
  nested<Inner>(read: () => Inner, closing: string): Inner {
    this.depth += 1;
    if (this.depth > MAX_DEPTH) {
      this.fail('pattern-too-deep', this.position, `more than ${MAX_DEPTH} parentheses inside one another`);
    }
    const inner = read();
    this.expectSymbol(closing);
    this.depth -= 1;
    return inner;
  }

  /** Refuses the token that comes next. */
  unexpected(expected: string): never {
    return this.fail(
      'pattern-syntax',
      this.position,
      `${this.current.kind === 'end' ? 'the end' : 'something else'} where ${expected} belongs`,
    );
  }

  fail(code: PatternFaultCode, at: number, detail: string): never {
    throw new PatternFaultSignal(patternFault(code, at, detail));
  }

  private constantKind(): ConstantKind | undefined {
    const { kind, text } = this.current;
    if (kind === 'word') return text === 'true' || text === 'false' ? 'boolean' : undefined;
    return kind === 'symbol' || kind === 'end' ? undefined : kind;
  }

  private take(kind: Token['kind'], text: string): boolean {
    if (this.current.kind !== kind || this.current.text !== text) return false;
    this.advance();
    return true;
  }

  private advance(): void {
    this.tokens += 1;
    if (this.tokens > MAX_TOKENS)
      this.fail('pattern-too-costly', this.position, `more than ${MAX_TOKENS} words and signs`);
    this.current = this.scanner.next();
  }
}
