/** Longest line that is read, in bytes. */
export const LINE_LIMIT = 64 * 1024;

/** One line, without its end. */
export interface Line {
  /** Empty when the line is too long. */
  text: string;
  /** Counted from 1. */
  number: number;
  /** Offset of its first byte in the document. */
  start: number;
  /** Offset of the byte after its end. */
  end: number;
  tooLong: boolean;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Splits a stream of bytes at LF or CRLF. A line longer than the bound is dropped while it passes, so that memory is
 * bounded whatever the length of a line. A byte order mark is not part of the first line.
 */
export class LineSplitter {
  private pieces: Uint8Array[] = [];
  private held = 0;

  /**
   * @param offset offset of the first byte that will be pushed: the start of a line
   * @param number number of that line
   */
  constructor(
    private offset = 0,
    private number = 1,
    private readonly limit = LINE_LIMIT,
  ) {}

  /** The lines that end in this piece. */
  *push(piece: Uint8Array): Iterable<Line> {
    const chunk = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    let from = 0;
    for (;;) {
      const feed = chunk.indexOf(LINE_FEED, from);
      if (feed < 0) break;
      yield this.held > 0 ? this.lineFromPieces(chunk.subarray(from, feed), 1) : this.line(chunk, from, feed, 1);
      from = feed + 1;
    }
    if (from < chunk.length) this.hold(chunk.subarray(from));
  }

  /** The last line, when it has no end of line. */
  *end(): Iterable<Line> {
    if (this.held > 0) yield this.lineFromPieces(new Uint8Array(0), 0);
  }

  private hold(piece: Uint8Array): void {
    this.held += piece.length;
    if (this.held <= this.limit + 1) this.pieces.push(piece);
    else this.pieces = [];
  }

  private lineFromPieces(last: Uint8Array, feed: number): Line {
    const length = this.held + last.length;
    const bytes = length > this.limit + 1 ? undefined : Buffer.concat([...this.pieces, last]);
    this.pieces = [];
    this.held = 0;
    return bytes ? this.line(bytes, 0, bytes.length, feed) : this.tooLong(length + feed);
  }

  private line(bytes: Buffer, from: number, to: number, feed: number): Line {
    const last = to > from && bytes[to - 1] === CARRIAGE_RETURN ? to - 1 : to;
    if (last - from > this.limit) return this.tooLong(to - from + feed);
    let text = bytes.toString('utf8', from, last);
    if (this.offset === 0 && text.startsWith('\ufeff')) text = text.slice(1);
    const start = this.offset;
    this.offset += to - from + feed;
    return { text, number: this.number++, start, end: this.offset, tooLong: false };
  }

  private tooLong(length: number): Line {
    const start = this.offset;
    this.offset += length;
    return { text: '', number: this.number++, start, end: this.offset, tooLong: true };
  }
}
