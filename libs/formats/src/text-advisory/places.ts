import type { FoundValue } from './find-values.js';
import { whatWordsSay, type Said } from './what-words-say.js';

/** Where in its line a value stands. */
export interface Place {
  /** Only list marks, quotation marks, other values or a label come before it, and no sentence goes on after it. */
  leads: boolean;
  /** Nothing else is in the line. */
  isAlone: boolean;
  /** In an item of a list or a cell of a table. */
  isItem: boolean;
  /** What the words before it and a colon say, `C2: …`. */
  label?: Said;
  /** There are such words, and they say nothing that is known. */
  hasOtherLabel: boolean;
  /** Cell of the row, from 0; undefined outside tables. */
  column?: number;
  /** What the first cell of the row says. */
  row?: Said;
}

/** Words before a value that are looked at, in characters. */
const REACH = 160;
const LONGEST_LABEL = 60;
const LIST_MARK =
  /^[\s>]*(?:[-*+\u2022\u2023\u25e6\u2013\u2014](?=[\s`"*_])[-*\s]*|\(?\d{1,3}[.)](?=\s)|\[\d{1,3}\](?=\s))?[\s"'`*_~+([{<\u2018\u2019\u201c\u201d]*/u;
const IS_ITEM = /^[\s>]*(?:[-*+\u2022\u2023\u25e6\u2013\u2014]+\s|\(?\d{1,3}[.)]\s|\[\d{1,3}\]\s|\|)/u;
const JOINED = /(?:^|(?<=[\s,;&/"'`*_()<>|\u2018\u2019\u201c\u201d-]))(?:and|or)$/i;
const JOINERS = /[\s,;&/+"'`*_()[\]{}<>\u2018\u2019\u201c\u201d]$/u;
const GOES_ON =
  /^["'`*_+)\]}>\u2019\u201d]*(?:$|[|\t,;:(#\u2013\u2014]|\.?[ \t]*$|[ \t]{2,}|[ \t]+(?:[-|(#\u2013\u2014]|\/\/|->|and\b|or\b|&))/u;
const CLOSERS_ONLY = /^[\s"'`*_+)(\]}><,;|\u2018\u2019\u201c\u201d]*$/u;
/** `e-mail: desk at`, before the name that is marked. */
const SPOKEN_MAILBOX = /\be-?mails?\b[^|]{0,80}\bat[ \t]+$/i;
const LABEL_ENDS = /(?:[:=]|->|=>|\u2192)$/;

function withoutJoiners(words: string): string {
  let text = words;
  for (let turns = 0; turns < REACH && text !== ''; turns += 1) {
    if (JOINERS.test(text)) text = text.slice(0, -1);
    else if (JOINED.test(text)) text = text.replace(JOINED, '');
    else break;
  }
  return text;
}

function labelOf(words: string): { isLead: boolean; label?: string } {
  const bare = withoutJoiners(words.replace(LIST_MARK, ''));
  if (bare === '') return { isLead: true };
  if (!LABEL_ENDS.test(bare)) return { isLead: false };
  const label =
    bare
      .replace(LABEL_ENDS, '')
      .split(/[.;!?|][\s]/)
      .at(-1)
      ?.trim() ?? '';
  return label.length <= LONGEST_LABEL ? { isLead: true, label } : { isLead: false };
}

/** The places of the values of one line, in the same order. Linear in its length. */
export function placesOf(line: string, values: readonly FoundValue[]): Place[] {
  const isTable = line.trimStart().startsWith('|');
  const isItem = IS_ITEM.test(line.slice(0, 40));
  const isAlone = values.length === 1 && isOnly(line, values[0]);
  const row = isTable ? firstCell(line, values) : undefined;
  let words = '';
  let at = 0;
  let column = -1;
  return values.map((value, index) => {
    const between = line.slice(at, value.start);
    at = value.end;
    const border = Math.max(isTable ? between.lastIndexOf('|') : -1, between.lastIndexOf('\t'));
    if (isTable) for (const character of between) if (character === '|') column += 1;
    words = (border >= 0 ? between.slice(border + 1) : words + between).slice(-REACH);
    const { isLead, label } = labelOf(words);
    const isCut = words.length === REACH;
    const isLaterColumn = !isTable && border >= 0 && line.slice(0, value.start).trim() !== '';
    const said = label === undefined ? undefined : whatWordsSay(label);
    const place: Place = {
      leads: isLead && !isCut && !(isLaterColumn && label === undefined) && ends(line, value, values[index + 1]),
      isAlone,
      isItem,
      hasOtherLabel: said !== undefined && said.announces === undefined && said.denies === undefined,
    };
    if (said) place.label = said;
    if (SPOKEN_MAILBOX.test(words)) place.label = { denies: 'email-addr' };
    if (isTable) place.column = column;
    if (row && column > 0) place.row = row;
    return place;
  });
}

function isOnly(line: string, value: FoundValue | undefined): boolean {
  if (!value) return false;
  const before = line.slice(Math.max(0, value.start - REACH), value.start);
  const isFirst = value.start < REACH && before.replace(LIST_MARK, '').trim() === '';
  return (
    isFirst &&
    /^["'`*_+)\]}>.\u2019\u201d]*\s*$/u.test(line.slice(value.end, value.end + REACH)) &&
    line.length - value.end < REACH
  );
}

function ends(line: string, value: FoundValue, next: FoundValue | undefined): boolean {
  if (next && next.start - value.end < 16 && CLOSERS_ONLY.test(line.slice(value.end, next.start))) return true;
  return GOES_ON.test(line.slice(value.end, value.end + 48));
}

function firstCell(line: string, values: readonly FoundValue[]): Said | undefined {
  const from = line.indexOf('|') + 1;
  const to = line.indexOf('|', from);
  if (to < 0 || (values[0] && values[0].start < to)) return undefined;
  const cell = line.slice(from, Math.min(to, from + LONGEST_LABEL));
  return whatWordsSay(cell);
}
