import { MARKED_DOT } from './undo-marks.js';

const HASH_LENGTHS = new Set([32, 40, 64, 128]);
/** Only the end of a line is looked at: a value that goes on is not longer than this. */
const REACH = 400;
const HEX_END = /(?<![\p{L}\p{N}./\\_@%=-])[0-9a-f]{8,127}$/iu;
const HEX_ALONE = /^[ \t|>]*([0-9a-f]{8,127})[ \t|]*$/i;
const OPEN_ANGLE = /<h[a-z*_]{2}ps?[:\ue001\ue004][^<>\s]{0,380}$/i;
const CLOSES = /^[ \t]*([^<>\s]{1,380}>)/;
const NAME_BEGINS = /^[ \t>]*([\p{L}\p{N}][\p{L}\p{N}._/?=&%\ue000-]{0,200})/u;

/**
 * How many characters of the next line belong to a value that this line leaves unfinished, where that can only be so:
 * the digits of one hash on two lines, a name that ends or goes on with a marked dot, an address in angle brackets
 * (RFC 3986, appendix C).
 * @returns the text to put behind this line, and what is left of the next; undefined when nothing is unfinished
 */
export function continued(line: string, next: string): { text: string; rest: string } | undefined {
  const end = line.trimEnd().slice(-REACH);
  if (end === '' || next === '') return undefined;
  const taken = ofHash(end, next) ?? ofName(end, next) ?? ofAngle(end, next);
  return taken && { text: line.trimEnd() + taken.text, rest: next.slice(taken.length) };
}

function ofHash(end: string, next: string): { text: string; length: number } | undefined {
  const second = next.length > REACH ? undefined : HEX_ALONE.exec(next)?.[1];
  if (second === undefined || HASH_LENGTHS.has(second.length)) return undefined;
  const first = HEX_END.exec(end)?.[0];
  if (first === undefined || HASH_LENGTHS.has(first.length)) return undefined;
  return HASH_LENGTHS.has(first.length + second.length) ? { text: second, length: next.length } : undefined;
}

function ofName(end: string, next: string): { text: string; length: number } | undefined {
  if (end.endsWith(MARKED_DOT) && /[\p{L}\p{N}][^\s]?$/u.test(end.slice(0, -1))) {
    const begins = NAME_BEGINS.exec(next);
    return begins?.[1] === undefined ? undefined : { text: begins[1], length: begins[0].length };
  }
  if (next.trimStart().startsWith(MARKED_DOT) && /[\p{L}\p{N}]$/u.test(end)) {
    const begins = NAME_BEGINS.exec(next.trimStart().slice(1));
    const indent = next.length - next.trimStart().length;
    if (begins?.[1] !== undefined) return { text: MARKED_DOT + begins[1], length: indent + 1 + begins[0].length };
  }
  return undefined;
}

function ofAngle(end: string, next: string): { text: string; length: number } | undefined {
  if (!end.includes('<') || !OPEN_ANGLE.test(end)) return undefined;
  const closes = CLOSES.exec(next);
  return closes?.[1] === undefined ? undefined : { text: closes[1], length: closes[0].length };
}
