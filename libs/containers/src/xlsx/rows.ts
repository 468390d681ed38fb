import { rejection } from '#libs/domain';
import type { Opening } from '../opening.js';

/** Rows that say something, in order, and their cells that do; both are counted from 0. */
export type Rows = { row: number; cells: { column: number; text: string }[] }[];

/** A cell on one line, so that lines of the text are rows of the sheet. */
const oneLine = (text: string): string => text.replace(/[\r\n\v\f\u0085\u2028\u2029]+/g, ' ').trim();

function quoted(text: string): string {
  return /[",;\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Builds lines, with empty ones for the rows between, within the bound on text. */
function linesOf(rows: Rows, most: number, lineOf: (cells: Rows[number]['cells']) => string): string {
  const lines: string[] = [];
  let at = 0;
  let size = 0;
  for (const { row, cells } of rows) {
    if (row > at) lines.push('\n'.repeat(row - at));
    const line = `${lineOf(cells)}\n`;
    lines.push(line);
    size += row - at + line.length;
    if (size > most)
      throw rejection('TOC_SUBMISSION_TOO_LARGE', `a sheet holds more than ${most} characters`, { why: 'text' });
    at = row + 1;
  }
  return lines.join('');
}

/** Rows as CSV (RFC 4180), one a line: the line is the number of the row. */
export function csvOf(rows: Rows, { limits }: Opening): string {
  return linesOf(rows, limits.textBytes, (cells) => {
    let line = '';
    let at = 0;
    for (const { column, text } of cells) {
      if (column > at) line += ','.repeat(column - at);
      line += quoted(oneLine(text));
      at = column;
    }
    return line;
  });
}

/** Rows as a table for people, without its empty cells. */
export function proseOf(rows: Rows): string {
  return linesOf(rows, Number.MAX_SAFE_INTEGER, (cells) =>
    cells.length === 1
      ? oneLine(cells[0]?.text ?? '')
      : `| ${cells.map(({ text }) => oneLine(text).replaceAll('|', ' ')).join(' | ')} |`,
  );
}
