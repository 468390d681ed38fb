import { LINE_LIMIT, type Line } from '../text/line-splitter.js';

/** One record of a delimited file, or a line that could not become one. */
export interface CsvRecord {
  /** Number of its first line. */
  line: number;
  /** Offset of its first byte. */
  start: number;
  cells: string[];
  /** Why there are no cells. */
  problem?: { code: 'TOC_ITEM_TOO_LONG' | 'TOC_ITEM_MALFORMED'; detail: string };
}

/** Most lines of one record. */
const RECORD_LINES = 1000;

const UNCLOSED = 'a quotation mark is opened and not closed within the bound of one record';
const AFTER_QUOTE = 'something follows a closing quotation mark';

/**
 * Joins lines to records and splits records into cells, as RFC 4180 says: cells may be quoted, a quotation mark is
 * doubled inside, and line ends are allowed inside. A quotation mark inside an unquoted cell is taken as it is.
 *
 * A quotation mark that is never closed costs its own line: the lines after it are read again, each for itself. Blank
 * lines and lines that begin with `#` are no records.
 */
export class RecordSplitter {
  private pending: Line[] = [];
  private pendingBytes = 0;
  private cells: string[] = [];
  /** The quoted cell that goes on in the next line. */
  private open: string | undefined;

  constructor(private readonly delimiter: string) {}

  /** The records that end with this line; usually one. */
  push(line: Line): CsvRecord[] {
    if (this.open === undefined && !line.tooLong) {
      const record = this.plainRecord(line);
      if (record !== undefined) return record;
    }
    const records: CsvRecord[] = [];
    this.pushAll([line], records);
    return records;
  }

  /** What is left when no more lines come. */
  end(): CsvRecord[] {
    const records: CsvRecord[] = [];
    while (this.pending.length > 0) this.giveUp(records);
    return records;
  }

  /** A line without quotation marks is split natively. */
  private plainRecord({ text, number, start }: Line): CsvRecord[] | undefined {
    if (text.includes('"')) return undefined;
    if (isNoRecord(text, this.delimiter)) return [];
    return [{ line: number, start, cells: text.split(this.delimiter) }];
  }

  private pushAll(lines: readonly Line[], records: CsvRecord[]): void {
    const queue = [...lines].reverse();
    for (let line = queue.pop(); line; line = queue.pop()) {
      if (this.open === undefined) {
        if (line.tooLong) {
          records.push(problem(line, 'TOC_ITEM_TOO_LONG', `the line is longer than ${LINE_LIMIT} bytes`));
          continue;
        }
        if (isNoRecord(line.text, this.delimiter)) continue;
      } else if (
        line.tooLong ||
        this.pending.length >= RECORD_LINES ||
        this.pendingBytes + line.text.length > LINE_LIMIT
      ) {
        queue.push(line, ...this.dropPending(records).reverse());
        continue;
      }
      this.pending.push(line);
      this.pendingBytes += line.text.length + 1;
      this.close(line.text, records);
    }
  }

  private close(text: string, records: CsvRecord[]): void {
    const broken = this.split(text);
    if (this.open !== undefined && !broken) return;
    const first = this.pending[0];
    if (first && broken) {
      const others = this.pending.slice(1);
      this.reset();
      records.push(problem(first, 'TOC_ITEM_MALFORMED', AFTER_QUOTE));
      if (others.length > 0) this.pushAll(others, records);
      return;
    }
    if (first) records.push({ line: first.number, start: first.start, cells: this.cells });
    this.reset();
  }

  /** Splits one more line into cells. @returns whether it is broken */
  private split(text: string): boolean {
    let at = 0;
    if (this.open !== undefined) {
      const after = this.quoted(text, 0, `${this.open}\n`);
      if (after === undefined) return true;
      if (after > text.length) return false;
      at = after;
    }
    for (;;) {
      const cell = skipBlanks(text, at, this.delimiter);
      if (text[cell] === '"') {
        const after = this.quoted(text, cell + 1, '');
        if (after === undefined) return true;
        if (after > text.length) return false;
        at = after;
      } else {
        const next = text.indexOf(this.delimiter, at);
        this.cells.push(next < 0 ? text.slice(at) : text.slice(at, next));
        if (next < 0) return false;
        at = next + 1;
      }
    }
  }

  /**
   * Reads a quoted cell from behind its opening mark.
   * @returns where the next cell begins; past the end when the line is finished; undefined when it is broken
   */
  private quoted(text: string, from: number, before: string): number | undefined {
    let content = before;
    let at = from;
    for (;;) {
      const mark = text.indexOf('"', at);
      if (mark < 0) {
        this.open = content + text.slice(at);
        return text.length + 1;
      }
      content += text.slice(at, mark);
      if (text[mark + 1] === '"') {
        content += '"';
        at = mark + 2;
        continue;
      }
      this.open = undefined;
      this.cells.push(content);
      const next = skipBlanks(text, mark + 1, this.delimiter);
      if (next === text.length) return text.length + 1;
      return text[next] === this.delimiter ? next + 1 : undefined;
    }
  }

  private giveUp(records: CsvRecord[]): void {
    this.pushAll(this.dropPending(records), records);
  }

  /** Rejects the line that opened the record. @returns the lines after it, to be read again */
  private dropPending(records: CsvRecord[]): Line[] {
    const [first, ...others] = this.pending;
    this.reset();
    if (first) records.push(problem(first, 'TOC_ITEM_MALFORMED', UNCLOSED));
    return others;
  }

  private reset(): void {
    this.pending = [];
    this.pendingBytes = 0;
    this.cells = [];
    this.open = undefined;
  }
}

function problem(line: Line, code: NonNullable<CsvRecord['problem']>['code'], detail: string): CsvRecord {
  return { line: line.number, start: line.start, cells: [], problem: { code, detail } };
}

/** Blank lines and comments; `#` as the first cell of a row is not a comment. */
function isNoRecord(text: string, delimiter: string): boolean {
  if (text.length === 0) return true;
  const first = text.charCodeAt(0);
  if (first > 0x23) return false;
  return (first === 0x23 && text[1] !== delimiter) || text.trim() === '';
}

function skipBlanks(text: string, from: number, delimiter: string): number {
  let at = from;
  while ((text[at] === ' ' || text[at] === '\t') && text[at] !== delimiter) at += 1;
  return at;
}
