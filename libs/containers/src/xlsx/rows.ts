import { rejection } from '#libs/domain';

/** How the cells of a row become a line; columns are counted from 0. */
export type LineStyle = 'csv' | 'prose';

/** A cell on one line, so that lines of the text are rows of the sheet. */
const oneLine = (text: string): string => text.replace(/[\r\n\v\f\u0085\u2028\u2029]+/g, ' ').trim();

function quoted(text: string): string {
  return /[",;\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * The rows of a sheet as lines: as CSV (RFC 4180), or as a table for people without its empty cells. The line is the
 * number of the row; empty rows stay between.
 */
export class RowLines {
  private readonly lines: string[] = [];
  private cells: string[] = [];
  private column = 0;
  private row = 0;
  private size = 0;

  constructor(
    private readonly style: LineStyle,
    /** Most characters. */
    private readonly most: number,
  ) {}

  /** Adds a cell. Rows come in order; what comes for an earlier row is refused by the caller. */
  add(row: number, column: number, text: string): void {
    if (row > this.row) this.endRow(row);
    const said = oneLine(text);
    if (this.style === 'prose') {
      this.cells.push(said.replaceAll('|', ' '));
      return;
    }
    // A cell that is said twice is the one that was said first.
    if (column < this.column) return;
    this.cells.push(`${','.repeat(column - this.column)}${quoted(said)}`);
    this.column = column;
  }

  /** The row that is being written, from 0. */
  get at(): number {
    return this.row;
  }

  all(): string {
    if (this.cells.length > 0) this.endRow(this.row + 1);
    return this.lines.join('');
  }

  private endRow(next: number): void {
    const { cells, style } = this;
    const line = style === 'csv' || cells.length < 2 ? cells.join('') : `| ${cells.join(' | ')} |`;
    const ended = `${line}${'\n'.repeat(next - this.row)}`;
    this.size += ended.length;
    if (this.size > this.most) {
      throw rejection('TOC_SUBMISSION_TOO_LARGE', `a sheet holds more than ${this.most} characters`, { why: 'text' });
    }
    this.lines.push(ended);
    this.cells = [];
    this.column = 0;
    this.row = next;
  }
}
