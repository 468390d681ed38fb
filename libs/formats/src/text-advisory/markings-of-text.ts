import { readTlp, strictestTlp, type StatementDraft, type Tlp } from '#libs/domain';
import { roleOf } from '../list-values/words.js';

/** So many bytes are the head of a document. */
export const HEAD_BYTES = 4096;
/** A line that says more than this is no banner, in characters. */
const LONGEST_BANNER = 200;
const LEVEL = String.raw`(amber[ \t]{0,3}[+_ -][ \t]{0,3}strict|[a-z]{3,10})(?![\p{L}\p{N}])`;
const LABEL = new RegExp(String.raw`\bTLP[ \t]{0,3}[:\u2013\u2014-]?[ \t]{0,3}${LEVEL}`, 'giu');
const WRITTEN_OUT = new RegExp(
  String.raw`\btraffic[ -]light[ -]protocol(?:[ \t]?\(TLP\))?[ \t]{0,3}[:\u2013\u2014-][ \t]{0,3}${LEVEL}`,
  'giu',
);
const DECORATION = /^[\s#*=_~>|/()[\]{}.\u2022-]+|[\s#*=_~>|/()[\]{}.-]+$/gu;
/** `Classification: …`, or the like, with few words behind it. */
const LABELLED = /^([\p{L} /-]{3,40}?)[ \t]*[:=][ \t]*(\S.{0,60})$/u;
const OPEN = /^(?:none|public|unlimited|unrestricted|unclassified|open|white)$/i;
const PAGE = /[ \t,;|-]*(?:page|p\.|seite)?[ \t]*\d*(?:[ \t]*(?:\/|of|von)[ \t]*\d+)?$/iu;

/** What a text says of who may have it: a label, one that nobody knows, or nothing. */
export type SaidMarking = Tlp | 'unknown' | undefined;

/** The stricter of two; what is not known means nobody and wins. */
export function strictestSaid(a: SaidMarking, b: SaidMarking): SaidMarking {
  if (a === 'unknown' || b === 'unknown') return 'unknown';
  return a && b ? strictestTlp(a, b) : (a ?? b);
}

function tlpOfWord(word: string): Tlp | undefined {
  return readTlp(word.replace(/^(amber)\W*_?\W*(strict)$/i, '$1+$2'));
}

/** Whether the text may hold a label at all; most lines do not. */
export function mayBeMarked(text: string): boolean {
  return /tlp|traffic/i.test(text);
}

/** The strictest label in a text, wherever it stands; words that are no label count only as `TLP:WORD`. */
export function labelsIn(text: string): SaidMarking {
  let said: SaidMarking;
  for (const pattern of [LABEL, WRITTEN_OUT]) {
    for (const { 0: whole, 1: word = '' } of text.matchAll(pattern)) {
      const tlp = tlpOfWord(word);
      if (tlp) said = strictestSaid(said, tlp);
      else if (/^TLP:[A-Z]+$/.test(whole)) said = 'unknown';
    }
  }
  return said;
}

/** What remains of a line once its labels, their introduction and a page number are taken away. */
function besideLabels(line: string): string {
  return line
    .replace(LABEL, '')
    .replace(WRITTEN_OUT, '')
    .replace(/\b(?:classification|marking|handling|distribution|dissemination|sharing|level|label)s?\b[ \t]*:?/gi, '')
    .replace(/\btlp\b[ \t]*:?|\btraffic[ -]light[ -]protocol\b/gi, '')
    .replace(PAGE, '')
    .replace(DECORATION, '')
    .trim();
}

/**
 * What a line says of the whole document: a banner says nothing but its label, anywhere in the document; at the head a
 * label also begins or ends a line, and a marking of another kind that is not known means nobody.
 * @param isHead whether the line is at the head: no value came before it, nor is in it
 */
export function bannerOf(line: string, isHead: boolean): SaidMarking {
  if (line.length > LONGEST_BANNER) return undefined;
  const text = line.replace(DECORATION, '');
  if (text === '') return undefined;
  if (mayBeMarked(text)) {
    const said = labelsIn(text);
    if (said !== undefined && besideLabels(text) === '') return said;
    // In brackets before more words it speaks of its part alone.
    if (/^\s*[([{]\s*TLP/i.test(line)) return undefined;
    if (isHead) {
      const atEdge = [
        /^TLP[ \t]*:[ \t]*(?:amber[ \t]*[+_ -][ \t]*strict|[a-z]+)/i,
        /\bTLP[ \t]*:[ \t]*(?:amber[ \t]*[+_ -][ \t]*strict|[a-z]+)\W*$/i,
      ];
      for (const pattern of atEdge) {
        const found = pattern.exec(text)?.[0];
        const edge = found === undefined ? undefined : labelsIn(found);
        if (edge !== undefined) return edge;
      }
    }
  }
  return isHead ? otherMarking(text) : undefined;
}

function otherMarking(text: string): SaidMarking {
  const [, name = '', value = ''] = LABELLED.exec(text) ?? [];
  const role = name === '' ? undefined : roleOf(name)?.role;
  if (role !== 'marking' && role !== 'tlp' && role !== 'distribution') return undefined;
  const bare = value.replace(DECORATION, '');
  if (bare.split(/\s+/).length > 4) return undefined;
  const said = labelsIn(/\btlp\b/i.test(bare) ? bare : `TLP:${bare.toUpperCase()}`);
  if (said !== undefined && said !== 'unknown') return said;
  return OPEN.test(bare) ? undefined : 'unknown';
}

/** The draft that a label gives. */
export function draftOf(tlp: Tlp | undefined): { draft?: StatementDraft } {
  return tlp ? { draft: { marking: { tlp } } } : {};
}

/**
 * What lines say of themselves while a document is read: a label holds for its line, for the rest of the paragraph that
 * it begins, and, in a heading, for the section.
 */
export class PassingMarkings {
  private paragraph: SaidMarking;
  private section: SaidMarking;

  /** @returns the strictest that holds for this line, banners aside */
  take(text: string, kind: 'blank' | 'heading' | 'other'): SaidMarking {
    if (kind === 'blank') {
      this.paragraph = undefined;
      return this.section;
    }
    const said = mayBeMarked(text) ? labelsIn(text) : undefined;
    if (kind === 'heading') {
      this.section = said;
      this.paragraph = undefined;
    } else if (said !== undefined && isPortion(text)) this.paragraph = strictestSaid(this.paragraph, said);
    return strictestSaid(strictestSaid(this.section, this.paragraph), said);
  }
}

/** Whether a paragraph begins with a label: `(TLP:AMBER) …`. */
function isPortion(text: string): boolean {
  return /^TLP/i.test(text.slice(0, 40).replace(DECORATION, ''));
}
