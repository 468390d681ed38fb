import { linesOfHead } from '../text/lines-of-head.js';
import { findValues } from './find-values.js';
import { placesOf } from './places.js';
import { undoMarks } from './undo-marks.js';

/** Lines longer than this are looked at only so far, in characters. */
const LOOKED_AT = 1_000;
const OTHER_FORMAT = /^\s*(?:\{|\[\s*(?:[[{"\d\]]|$)|<[?!/a-z]|%PDF)/i;
const UNPRINTABLE = /[\u0000-\u0008\u000e-\u001f\u007f\ufffd]/;
const MAIL_FIELD =
  /^(?:received|from|to|subject|date|message-id|mime-version|return-path|content-type|delivered-to|x-[\w-]+|authentication-results|dkim-signature):[ \t]/i;
const MAIL_ONLY = /^(?:received|message-id|mime-version|return-path|delivered-to|authentication-results):/i;
const DELIMITERS = [',', ';', '\t'] as const;
const HEADING = /^(?:#{2,6}|={1,6})[ \t]+\S|^\S.{0,98}:$/;
const WORD = /\p{L}{2,}/gu;

function isMail(lines: readonly string[]): boolean {
  const first = lines.slice(0, 12);
  return first.filter((line) => MAIL_FIELD.test(line)).length >= 3 && first.some((line) => MAIL_ONLY.test(line));
}

/** Whether most lines have as many of one delimiter: columns, of which nobody knows the heads. */
function isColumns(lines: readonly string[]): boolean {
  return DELIMITERS.some((delimiter) => {
    const widths = lines.map((line) => line.split(delimiter).length);
    const width = Math.max(widths[0] ?? 1, widths[1] ?? 1);
    return width > 1 && lines.length > 1 && widths.filter((each) => each === width).length >= lines.length * 0.8;
  });
}

/**
 * How sure it is that a document is prose. A list of values stays one: only words beside a value on its line, a table,
 * or two headings say more than that; sentences alone say less.
 */
export function certaintyOfText(head: Uint8Array): number {
  const lines = linesOfHead(head)
    .map((line) => line.trim().slice(0, LOOKED_AT))
    .filter((line) => line !== '');
  if (OTHER_FORMAT.test(lines.slice(0, 2).join('\n')) || lines.some((line) => UNPRINTABLE.test(line))) return 0;
  // To a list a line that begins with # is a comment.
  const said = lines.filter((line) => !/^#(?!#)/.test(line));
  if (isMail(lines) || isColumns(said)) return 0;
  let headings = 0;
  let sentences = 0;
  for (const line of said) {
    const text = undoMarks(line);
    const values = findValues(text);
    const beside = values.length > 0 && !placesOf(text, values).every(({ isAlone }) => isAlone);
    const words = line.match(WORD)?.length ?? 0;
    if (beside && (words > values.length * 3 || line.startsWith('|'))) return 0.92;
    if (values.length === 0 && (HEADING.test(line) || line.startsWith('|'))) headings += 1;
    if (words >= 4) sentences += 1;
  }
  if (headings >= 2) return 0.92;
  return sentences > 0 || headings > 0 ? 0.4 : 0;
}
