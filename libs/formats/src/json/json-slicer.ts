import { rejection } from '#libs/domain';
import { BYTE_ORDER_MARK } from '../text/checked-text.js';

/** Deepest nesting of a document. */
export const NESTING_LIMIT = 100;

/** A delimited piece of a JSON document. Whether it is JSON inside is for the reader of the piece to find out. */
export interface JsonSlice {
  kind: 'member' | 'element';
  /** Name of the member of the outermost object; for an element, of the array. */
  key: string;
  /** Number of the element, from 1. */
  index: number;
  /** Offset of its first byte in the document. */
  start: number;
  /** Offset of the byte after it. */
  end: number;
  /** Absent when it is longer than the bound. */
  bytes?: Buffer;
  /** Keys in it: colons outside strings. */
  keys: number;
  /** Objects and arrays in it, itself included. */
  containers: number;
}

/** What may come next, outside a slice. */
type Expected =
  | 'document'
  | 'key-or-end'
  | 'key'
  | 'colon'
  | 'value'
  | 'comma-or-end'
  | 'element-or-end'
  | 'element'
  | 'element-comma-or-end'
  | 'nothing';

export interface SlicerSettings {
  /**
   * The array of the outermost object whose elements are cut; `document` takes the whole document as the one element, `list`
   * the elements of an array that is the whole document.
   */
  sliced: { array: string } | 'document' | 'list';
  /** Longest slice, in bytes. */
  limit: number;
  /** Gets the pieces of slices that are longer, as they pass. */
  onOversize?: (piece: Uint8Array, index: number) => void;
  /** What a list that stands by itself is refused with; for `list`, what anything else is. */
  bareList: string;
  /** Goes on behind this element, whose end is the first byte that will be pushed. */
  after?: { byte: number; index: number };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

const isBlank = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
const endsScalar = (byte: number): boolean =>
  isBlank(byte) || byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET;
/** First bytes of numbers and of true, false and null. */
const SCALAR = new Set(Buffer.from('-0123456789tfn'));

/**
 * Cuts a stream of bytes into the members of the outermost object and the elements of one of its arrays, without
 * looking into them further than to find their ends. Holds one slice at a time, never more than the bound.
 *
 * The skeleton around the slices must be JSON (RFC 8259), and brackets must match everywhere, at most
 * {@link NESTING_LIMIT} deep; otherwise the document is refused with the offset.
 */
export class JsonSlicer {
  private readonly array: string | undefined;
  private expected: Expected = 'document';
  private offset = 0;
  private key = '';
  private readonly keysSeen = new Set<string>();
  private index = 0;
  /** Whether the outermost object has the array. */
  sawArray = false;
  private done: JsonSlice[] = [];
  private passOver = false;

  // The slice that is being cut.
  private cutting: 'container' | 'string' | 'scalar' | undefined;
  private target: 'key' | 'member' | 'element' = 'member';
  private sliceStart = 0;
  private pieces: Uint8Array[] = [];
  private held = 0;
  private keys = 0;
  private containers = 0;
  private inString = false;
  /** Bytes to pass over unseen: the opening mark of a string, what follows a backslash. */
  private skip = 0;
  private base = 0;
  private readonly stack = new Uint8Array(NESTING_LIMIT + 2);
  private depth = 0;

  constructor(private readonly settings: SlicerSettings) {
    this.array = typeof settings.sliced === 'string' ? undefined : settings.sliced.array;
    if (!settings.after) return;
    this.expected = 'element-comma-or-end';
    this.key = this.array ?? '';
    this.offset = settings.after.byte;
    this.index = settings.after.index;
    this.depth = 2;
  }

  /**
   * The slices that end in this piece.
   * @param passOver leaves out elements that lie wholly in this piece
   */
  push(piece: Uint8Array, passOver = false): JsonSlice[] {
    this.passOver = passOver;
    const chunk = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    this.done = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.cutting) at = this.cut(chunk, at);
      else {
        const byte = chunk[at] ?? 0;
        if (isBlank(byte)) at += 1;
        else at = this.step(byte, at);
      }
    }
    this.offset += chunk.length;
    return this.done;
  }

  /** @throws a rejection when the document is not finished */
  end(): void {
    if (this.expected !== 'nothing' || this.cutting) throw this.refuse('the document ends too early', this.offset);
  }

  /** Takes one byte outside a slice. @returns where to go on in the piece */
  private step(byte: number, at: number): number {
    const offset = this.offset + at;
    switch (this.expected) {
      case 'document':
        if (offset < 3 && byte === BYTE_ORDER_MARK[offset]) return at + 1;
        if (
          (byte === OPEN_BRACKET) !== (this.settings.sliced === 'list') &&
          (byte === OPEN_BRACKET || byte === OPEN_BRACE)
        )
          throw rejection('TOC_SUBMISSION_FORMAT', this.settings.bareList);
        if (this.settings.sliced === 'list' && byte === OPEN_BRACKET) {
          this.depth = 1;
          return this.expect('element-or-end', at);
        }
        if (byte !== OPEN_BRACE) throw this.refuse('a JSON object was expected', offset);
        if (this.settings.sliced === 'document') return this.begin('element', byte, at);
        this.depth = 1;
        return this.expect('key-or-end', at);
      case 'key-or-end':
        if (byte === CLOSE_BRACE) return this.expect('nothing', at);
        return this.beginKey(byte, at);
      case 'key':
        return this.beginKey(byte, at);
      case 'colon':
        if (byte !== COLON) throw this.refuse('a colon was expected', offset);
        return this.expect('value', at);
      case 'value':
        if (this.key !== this.array || byte !== OPEN_BRACKET) return this.begin('member', byte, at);
        this.sawArray = true;
        this.depth = 2;
        return this.expect('element-or-end', at);
      case 'comma-or-end':
        if (byte === COMMA) return this.expect('key', at);
        if (byte === CLOSE_BRACE) return this.expect('nothing', at);
        throw this.refuse('a comma or the end of the object was expected', offset);
      case 'element-or-end':
        if (byte === CLOSE_BRACKET) return this.closeArray(at);
        return this.begin('element', byte, at);
      case 'element':
        return this.begin('element', byte, at);
      case 'element-comma-or-end':
        if (byte === COMMA) return this.expect('element', at);
        if (byte === CLOSE_BRACKET) return this.closeArray(at);
        throw this.refuse('a comma or the end of the array was expected', offset);
      case 'nothing':
        throw this.refuse('something follows the end of the document', offset);
    }
  }

  private expect(next: Expected, at: number): number {
    this.expected = next;
    return at + 1;
  }

  private closeArray(at: number): number {
    const isWhole = this.settings.sliced === 'list';
    this.depth = isWhole ? 0 : 1;
    return this.expect(isWhole ? 'nothing' : 'comma-or-end', at);
  }

  private beginKey(byte: number, at: number): number {
    if (byte !== QUOTE) throw this.refuse('a key in quotation marks was expected', this.offset + at);
    return this.begin('key', byte, at);
  }

  private begin(target: 'key' | 'member' | 'element', byte: number, at: number): number {
    this.target = target;
    this.sliceStart = this.offset + at;
    this.keys = 0;
    this.containers = 0;
    this.inString = false;
    this.skip = byte === QUOTE ? 1 : 0;
    this.base = this.depth;
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.cutting = 'container';
    else if (byte === QUOTE) this.cutting = 'string';
    else if (SCALAR.has(byte)) this.cutting = 'scalar';
    else throw this.refuse('a JSON value was expected', this.offset + at);
    if (target === 'element') this.index += 1;
    return at;
  }

  /** Takes bytes of a slice. @returns where to go on in the piece: behind the slice, or the end of the piece */
  private cut(chunk: Buffer, from: number): number {
    const to =
      this.cutting === 'container'
        ? this.cutContainer(chunk, from)
        : this.cutting === 'string'
          ? this.cutString(chunk, from)
          : this.cutScalar(chunk, from);
    if (to < 0) {
      this.hold(chunk.subarray(from));
      return chunk.length;
    }
    if (this.passOver && this.target === 'element' && this.held === 0) this.finishElement();
    else this.finish(chunk.subarray(from, to), this.offset + to);
    return to;
  }

  /** @returns the place behind the closing bracket; −1 when it is not in this piece */
  private cutContainer(chunk: Buffer, from: number): number {
    let { depth, inString, keys, containers } = this;
    let at = from + this.skip;
    for (; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (inString) {
        if (byte === QUOTE) inString = false;
        else if (byte === BACKSLASH) at += 1;
      } else if (byte === QUOTE) inString = true;
      else if (byte === COLON) keys += 1;
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        depth += 1;
        containers += 1;
        if (depth > NESTING_LIMIT) throw this.refuseNesting(this.offset + at);
        this.stack[depth] = byte;
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        // Opening and closing brackets are two apart in ASCII.
        if (this.stack[depth] !== byte - 2) throw this.refuse('a bracket does not match', this.offset + at);
        depth -= 1;
        if (depth === this.base) {
          this.depth = depth;
          this.keys = keys;
          this.containers = containers;
          return at + 1;
        }
      }
    }
    this.depth = depth;
    this.inString = inString;
    this.keys = keys;
    this.containers = containers;
    this.skip = Math.max(0, at - chunk.length);
    return -1;
  }

  private cutString(chunk: Buffer, from: number): number {
    let at = from + this.skip;
    for (; at < chunk.length; at += 1) {
      if (chunk[at] === QUOTE) return at + 1;
      if (chunk[at] === BACKSLASH) at += 1;
    }
    this.skip = Math.max(0, at - chunk.length);
    return -1;
  }

  private cutScalar(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at += 1) if (endsScalar(chunk[at] ?? 0)) return at;
    return -1;
  }

  private hold(piece: Uint8Array): void {
    const before = this.held;
    this.held += piece.length;
    if (this.held <= this.settings.limit) this.pieces.push(piece);
    else {
      if (before <= this.settings.limit) for (const earlier of this.pieces) this.oversize(earlier);
      this.pieces = [];
      this.oversize(piece);
    }
  }

  private oversize(piece: Uint8Array): void {
    if (this.target === 'key') throw this.refuse('a key is too long', this.sliceStart);
    if (this.target === 'member') {
      const detail = `a member of the document other than its objects is too long (byte ${this.sliceStart})`;
      throw rejection('TOC_SUBMISSION_TOO_LARGE', detail, { byte: this.sliceStart });
    }
    this.settings.onOversize?.(piece, this.index);
  }

  private finishElement(): void {
    this.cutting = undefined;
    this.expected = this.settings.sliced === 'document' ? 'nothing' : 'element-comma-or-end';
  }

  private finish(last: Buffer, end: number): void {
    let bytes: Buffer | undefined;
    if (this.held === 0 && last.length <= this.settings.limit) bytes = last;
    else {
      this.hold(last);
      if (this.held <= this.settings.limit) bytes = Buffer.concat(this.pieces);
    }
    this.pieces = [];
    this.held = 0;
    this.cutting = undefined;
    if (this.target === 'key') return this.takeKey(bytes);
    const { target, key, index, sliceStart: start, keys, containers } = this;
    this.done.push({ kind: target, key, index, start, end, bytes, keys, containers });
    if (target === 'member') this.expected = 'comma-or-end';
    else this.finishElement();
  }

  private takeKey(bytes: Buffer | undefined): void {
    try {
      this.key = String(JSON.parse(bytes?.toString('utf8') ?? ''));
    } catch {
      throw this.refuse('a key is not a JSON string', this.sliceStart);
    }
    if (this.keysSeen.has(this.key)) throw this.refuse('the document says one key twice', this.sliceStart);
    if (this.keysSeen.size >= 1000) throw this.refuse('the document has too many members', this.sliceStart);
    this.keysSeen.add(this.key);
    this.expected = 'colon';
  }

  private refuseNesting(offset: number): Error {
    const detail = `the document is nested more than ${NESTING_LIMIT} deep at byte ${offset}`;
    return rejection('TOC_SUBMISSION_NESTING', detail, { byte: offset });
  }

  private refuse(what: string, offset: number): Error {
    const detail = `the document is not well-formed JSON: ${what} (byte ${offset})`;
    return rejection('TOC_SUBMISSION_MALFORMED', detail, { byte: offset });
  }
}
