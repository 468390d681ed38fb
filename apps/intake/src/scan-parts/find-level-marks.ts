import { compareTlp, readTlp, type Tlp } from '#libs/domain';
import { isAbove, readClassification, readPortion, type ClassificationLevel } from './classification-words.js';
import { aboveLevel, textAt, textBefore, type Finding, type PieceKind, type ScanView } from './scan-view.js';

/** The highest levels that this deployment may hold. */
export interface DeclaredLevel {
  tlp: Tlp;
  classification: ClassificationLevel;
}

const LONGEST_MARK = 200;
/** Where a piece ends: a line at its end, a string at its quote, a cell at the next separator or tag. */
const ENDS: Record<PieceKind, RegExp> = {
  line: /[\r\n"<]|\\[rn]/,
  string: /["\r\n]|\\[rn]/,
  cell: /[,;|\t<"'\r\n]|\\[rn]/,
};
/** What people put around a mark to make it stand out. */
const DECORATION = /^[\s*#>_=\-[{\u00a0\ufeff]+|[\s*#_=\-\]}.\u00a0]+$/g;

/** The text of a piece without decoration; undefined when it is longer than any mark. */
function pieceAt(view: ScanView, at: number, kind: PieceKind): string | undefined {
  const text = view.bytes.toString('utf8', at, Math.min(view.bytes.length, at + LONGEST_MARK));
  const end = text.search(ENDS[kind]);
  if (end < 0 && !(view.isEnd && at + LONGEST_MARK >= view.bytes.length)) return undefined;
  return (end < 0 ? text : text.slice(0, end)).replace(DECORATION, '');
}

/** Whether the piece is the value of something that calls itself a classification. */
function isLabelled(view: ScanView, at: number): boolean {
  return /classification["']?\s*[:=>]\s*["']?$/i.test(textBefore(view, at, 60));
}

/** A banner: a line of its own, or a whole string or cell with caveats or called a classification. */
export function findBanner(view: ScanView, at: number, kind: PieceKind, declared: DeclaredLevel): Finding | undefined {
  const piece = pieceAt(view, at, kind);
  if (!piece || piece !== piece.toUpperCase()) return undefined;
  const read = readClassification(piece);
  if (!read || !isAbove(read.level, declared.classification)) return undefined;
  const isWord = piece.length > 3;
  if (!read.hasCaveats && !(isWord && (kind === 'line' || isLabelled(view, at)))) return undefined;
  return aboveLevel('banner');
}

/** `Classification: Secret` in a line, `"classification": "Secret"` in an object. `at` is the colon. */
export function findLabelledLevel(view: ScanView, at: number, declared: DeclaredLevel): Finding | undefined {
  if (!/classification["']?\s*$/i.test(textBefore(view, at, 40))) return undefined;
  const opening = /^:\s*(["']?)/.exec(textAt(view, at, 40));
  if (!opening) return undefined;
  const value = pieceAt(view, at + opening[0].length, opening[1] ? 'string' : 'line');
  // Single letters are classes of many kinds, but those of an access control specification are levels.
  const isAbbreviation = /^(?:TS|S|C)$/.test(value ?? '');
  if (!value || (isAbbreviation && !/"control_set"/.test(textBefore(view, at, 1024)))) return undefined;
  const read = readClassification(value);
  return read && isAbove(read.level, declared.classification) ? aboveLevel('classification') : undefined;
}

/** `(C) 2024 Somebody`, `(C) Somebody 2019-2024`: copyright, not CONFIDENTIAL. */
const COPYRIGHT = /^\s*(?:copyright\b|(?:19|20)\d\d\b|[^\r\n"]{1,80}?\b(?:19|20)\d\d[.,]?\s*(?:all rights|$|[\r\n"]))/i;

/**
 * Portion marks: what stands in brackets before a paragraph. One letter alone may be a numbering as well, so the
 * letters that began paragraphs before are remembered.
 */
export class PortionMarks {
  private letterBefore = '';

  constructor(private readonly declared: DeclaredLevel) {}

  /** `at` is the bracket. */
  find(view: ScanView, at: number, kind: PieceKind): Finding | undefined {
    const text = textAt(view, at, LONGEST_MARK);
    const [mark = '', inside = ''] = /^\(([A-Z/][A-Z0-9 ,/.-]{0,80})\)(?=\s|\\[rn]|["<]|$)/.exec(text) ?? [];
    if (mark === '') return undefined;
    const before = this.letterBefore;
    if (kind !== 'cell') this.letterBefore = inside;
    const read = readPortion(inside);
    if (!read || !isAbove(read.level, this.declared.classification)) return undefined;
    if (!read.hasCaveats) {
      const rest = text.slice(mark.length);
      const begins = kind !== 'cell' && /^(?:\s|\\[rn])+[^\s"<]/.test(rest);
      if (!begins || inside === 'R' || isNumbering(before, inside)) return undefined;
      if (inside === 'C' && COPYRIGHT.test(rest)) return undefined;
    }
    return aboveLevel('portion mark');
  }
}

/** Whether a letter follows the other in the alphabet, as (B) and (C) do. */
function isNumbering(before: string, letter: string): boolean {
  return before.length === 1 && letter.length === 1 && before.charCodeAt(0) + 1 === letter.charCodeAt(0);
}

const LONGEST_TLP_LINE = 100;

/** What a label of TLP stands in: the line, string or cell around it. A comma and a blank go on with a sentence. */
function surroundings(view: ScanView, at: number): { before: string; after: string; inSentence: boolean } {
  const ahead = textBefore(view, at, LONGEST_TLP_LINE);
  const before = /(?:[^\r\n"<>,;|\t\\]|\\[^rn])*$/.exec(ahead)?.[0] ?? '';
  const after = /^(?:[^\r\n"<>,;|\t\\]|\\[^rn])*/.exec(textAt(view, at, LONGEST_TLP_LINE))?.[0] ?? '';
  const inSentence = /[,;]$/.test(ahead.slice(0, ahead.length - before.length)) && before.startsWith(' ');
  return { before, after, inSentence };
}

/**
 * A TLP label (FIRST, TLP 2.0) that begins or ends a short line, string or cell; in the middle of a sentence it is a
 * mention, with `=` or "means" behind it an explanation. `at` is the colon of `TLP:`.
 */
export function findTlpLabel(view: ScanView, at: number, declared: DeclaredLevel): Finding | undefined {
  const { before, after, inSentence } = surroundings(view, at);
  const prefix = /(?:^|[^A-Za-z0-9_-])TLP\s?$/i.exec(before);
  const [label = '', name = ''] =
    /^:\s?(RED|AMBER\+STRICT|AMBER|GREEN|CLEAR|WHITE)(?![A-Za-z0-9+_-])/i.exec(after) ?? [];
  if (!prefix || label === '') return undefined;
  const tlp = readTlp(name);
  if (!tlp || compareTlp(tlp, declared.tlp) <= 0) return undefined;
  const ahead = before
    .replace(/TLP\s?$/i, '')
    .replace(DECORATION, '')
    .replace(/[(:]\s*$/, '');
  const behind = after
    .slice(label.length)
    .replace(/^\s*[)\]}*_]+/, '')
    .replace(DECORATION, '');
  if ((ahead !== '' || inSentence) && (behind !== '' || /[.]\s*$/.test(after))) return undefined;
  if (ahead !== '' && /\b(?:if|not|or|and|as|than|never|to|with)\s*$/i.test(ahead)) return undefined;
  if (/^(?:means?\b|is\b|are\b|:)/i.test(behind) || /^\s*=(?!=)/.test(after.slice(label.length))) return undefined;
  if (before.length + after.length > LONGEST_TLP_LINE && behind !== '') return undefined;
  return isDefinition(view, at) ? undefined : aboveLevel('TLP label');
}

/** `"tlp": "red"` as a property. `at` is the colon. */
export function findTlpProperty(view: ScanView, at: number, declared: DeclaredLevel): Finding | undefined {
  if (!/"tlp(?:_label|_level)?"\s*$/i.test(textBefore(view, at, 30))) return undefined;
  const name = /^:\s*"(?:TLP:)?([a-z+]{3,12})"/i.exec(textAt(view, at, 60))?.[1];
  const tlp = name && readTlp(name);
  if (!tlp || compareTlp(tlp, declared.tlp) <= 0 || isDefinition(view, at)) return undefined;
  return aboveLevel('TLP label');
}

/** Bundles carry definitions of labels that none of their objects has. */
function isDefinition(view: ScanView, at: number): boolean {
  return /"type"\s*:\s*"marking-definition"/.test(textBefore(view, at, 600) + textAt(view, at, 600));
}

/** Ids of TLP as STIX objects name them: STIX 2.1, 7.2.1.4 (TLP 1.0), and the OASIS extension for TLP 2.0. */
const TLP_MARKINGS = new Map<string, Tlp>([
  ['613f2e26-407d-48c7-9eca-b8e91df99dc9', 'clear'],
  ['34098fce-860f-48ae-8e50-ebd3cc5e41da', 'green'],
  ['f88d31f6-486f-44da-b317-01333bde0b82', 'amber+strict'],
  ['5e57c739-391a-4eb3-b6be-7d15ca92d5ed', 'red'],
  ['94868c89-83c2-464b-929b-a1a8aa3c8487', 'clear'],
  ['bab4a63c-aed9-4cf5-a766-dfca5abac2bb', 'green'],
  ['55d920b0-5e8b-4f79-9ee9-91f868d9b421', 'amber'],
  ['939a9414-2ddd-4d32-a0cd-375ea402b003', 'amber+strict'],
  ['e828b379-4e03-4974-9ac4-e53a884c97c1', 'red'],
]);
const MARKING_ID = /^marking-definition--([0-9a-f-]{36})/i;

/** A reference to the definition of a TLP level; the definition itself marks nothing. `at` is the first letter of the id. */
export function findMarkingId(view: ScanView, at: number, declared: DeclaredLevel): Finding | undefined {
  const id = MARKING_ID.exec(textAt(view, at, 60))?.[1]?.toLowerCase();
  const tlp = id && TLP_MARKINGS.get(id);
  if (!tlp || compareTlp(tlp, declared.tlp) <= 0) return undefined;
  return /"id"\s*:\s*"$/.test(textBefore(view, at, 30)) ? undefined : aboveLevel('marking id');
}
