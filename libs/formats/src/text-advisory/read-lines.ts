import type { CandidateSignal, ReadItem, ReadOptions } from '../format.js';
import { readValue } from '../list-values/read-value.js';
import { findValues, type FoundValue } from './find-values.js';
import { isPlainHost } from './host-names.js';
import { draftOf, PassingMarkings, strictestSaid, type SaidMarking } from './markings-of-text.js';
import { placesOf, type Place } from './places.js';
import { Sections } from './sections.js';
import { Tables } from './tables.js';
import type { Said } from './what-words-say.js';

/** Most signals of one line. */
const MOST_SIGNALS = 1_000;
const SAID_BENIGN = /\((?:legitimate|legit|benign|clean)\b[^()]{0,40}\)/i;
const QUALITY = /\bquality[ \t]{0,3}[:=]?[ \t]{0,3}(\d{1,3})(?!\d)/i;

/** What became of one value of a line. */
type Verdict = { signal: CandidateSignal } | { rejected: string } | { ignored: string } | undefined;

/** What a line says of all its digests. */
interface Notes {
  isBenign: boolean;
  /** Not a number when it says none. */
  quality: number;
}

/** Reads the lines of one document in order, deciding what is a signal and what is only mentioned. */
export class LineReader {
  private readonly sections = new Sections();
  private readonly tables = new Tables();
  private readonly markings = new PassingMarkings();
  /** The line before held one value and nothing else. */
  private wasAlone = false;

  constructor(
    private readonly options: ReadOptions,
    private readonly banner: SaidMarking,
  ) {}

  /**
   * @param line of which the marks were undone
   * @param next the line after it, likewise
   * @returns the item of the line, if it is one
   */
  read(line: string, position: number, next: string | undefined): ReadItem | undefined {
    const values = findValues(line);
    const text = line.trim();
    const kind = this.sections.take(text, values.length > 0, next);
    this.tables.take(kind === 'skipped' ? '' : text, values.length > 0);
    const said = this.markings.take(text, kind === 'blank' || kind === 'heading' ? kind : 'other');
    if (kind === 'rule') return { kind: 'ignored', position, what: 'detection-rule' };
    if (kind !== 'text') {
      this.wasAlone = false;
      return undefined;
    }
    const places = placesOf(line, values);
    const isAlone = values.length === 1 && places[0]?.isAlone === true;
    const notes = { isBenign: SAID_BENIGN.test(line), quality: Number(QUALITY.exec(line)?.[1] ?? Number.NaN) };
    const verdicts = values.map((value, index) => this.judge(value, places[index], notes, next));
    this.wasAlone = isAlone;
    return itemOf(verdicts, position, strictestSaid(this.banner, said));
  }

  private judge(value: FoundValue, place: Place | undefined, notes: Notes, next: string | undefined): Verdict {
    if (value.kind === 'ignored' || !place) return { ignored: value.text };
    const section = this.sections.said();
    const column = place.column === undefined ? undefined : this.tables.said(place.column);
    const near = [place.label, column === false ? undefined : column, place.row];
    const said = [...near, section].filter((each) => each !== undefined);
    if (said.some(({ denies }) => denies === 'benign')) return { ignored: 'benign' };
    if (value.kind === 'hash') return this.judgeHash(value, said, notes);
    if (near.some((each) => each?.denies === 'email-addr')) return { ignored: 'email-addr' };
    if (value.kind === 'wildcard') return signalOf(value);
    if (value.marked) {
      const isHost = said.find(({ announces, denies }) => announces ?? denies)?.announces !== undefined;
      return value.kind === 'host-or-file' && !isHost ? { ignored: 'file-name' } : signalOf(value);
    }
    const isSignal = this.isSignalInPlain(value, place, { near, column, section }, next);
    if (isSignal) return signalOf(value);
    return value.kind === 'url' ? { ignored: 'reference' } : undefined;
  }

  private judgeHash(value: FoundValue, said: readonly Said[], notes: Notes): Verdict {
    if (said.some(({ isNoContentDigest }) => isNoContentDigest)) return { ignored: 'other-digest' };
    if (notes.isBenign) return { ignored: 'benign' };
    const isPdq = value.text.length === 64 && (this.options.signalType === 'pdq' || said.some((each) => each.isPdq));
    const verdict = signalOf(value, isPdq ? 'pdq' : undefined);
    if (isPdq && verdict && 'signal' in verdict && notes.quality <= 100) verdict.signal.quality = notes.quality;
    return verdict;
  }

  /**
   * Whether an address that can be followed is meant as an indicator: it stands where indicators stand, and the nearest
   * words that say anything announce them. A name that stands alone, among others that do, needs no words.
   */
  private isSignalInPlain(
    value: FoundValue,
    place: Place,
    words: { near: readonly (Said | undefined)[]; column: Said | false | undefined; section: Said },
    next: string | undefined,
  ): boolean {
    if (!place.leads || value.isLink || words.column === false || place.hasOtherLabel) return false;
    const nearest = [...words.near, words.section].find((each) => each?.announces ?? each?.denies);
    if (nearest?.denies) return false;
    const announced = nearest?.announces;
    const isNear = nearest !== undefined && nearest !== words.section;
    const isListed = place.isItem || this.wasAlone || (place.isAlone && isAloneIn(next));
    if (value.kind === 'url') return (announced === 'urls' || announced === 'both') && (isNear || isListed);
    if (announced === 'hosts' || announced === 'both') return isPlainHost(value.text, isNear || announced === 'hosts');
    return announced === undefined && place.isAlone && isListed && !place.isItem && isPlainHost(value.text, false);
  }
}

/** Whether the next line holds one value and nothing else. */
function isAloneIn(next: string | undefined): boolean {
  if (next === undefined || next.length > 300) return false;
  const values = findValues(next);
  return values.length === 1 && placesOf(next, values)[0]?.isAlone === true;
}

function signalOf(value: FoundValue, type?: 'pdq'): Verdict {
  if (value.isIncomplete) return { rejected: 'url: it has a place-holder or is cut off, so it does not name one item' };
  const isName = value.kind !== 'url' && value.kind !== 'hash';
  const reading = readValue(value.text, type ?? (value.kind === 'url' ? 'url' : isName ? 'domain' : undefined));
  if (reading.outcome === 'signal') return { signal: reading.signal };
  return reading.outcome === 'ignored' ? { ignored: reading.what } : { rejected: reading.detail };
}

/** A line is one item: what it names, else what is wrong with it, else what kind of thing it only mentions. */
function itemOf(verdicts: readonly Verdict[], position: number, marking: SaidMarking): ReadItem | undefined {
  const signals: CandidateSignal[] = [];
  const seen = new Set<string>();
  let rejected: string | undefined;
  let ignored: string | undefined;
  for (const verdict of verdicts) {
    if (!verdict) continue;
    if ('rejected' in verdict) rejected ??= verdict.rejected;
    else if ('ignored' in verdict) ignored ??= verdict.ignored;
    else if (!seen.has(`${verdict.signal.type} ${verdict.signal.value}`)) {
      seen.add(`${verdict.signal.type} ${verdict.signal.value}`);
      signals.push(verdict.signal);
    }
  }
  if (signals.length > MOST_SIGNALS) {
    const detail = `the line names more than ${MOST_SIGNALS} signals`;
    return { kind: 'rejected', position, code: 'TOC_ITEM_TOO_LONG', detail };
  }
  if (signals.length > 0) {
    if (marking === 'unknown') {
      const detail = 'a marking is said that is not known, so nobody may receive it';
      return { kind: 'rejected', position, code: 'TOC_ITEM_MARKING', detail };
    }
    return { kind: 'candidate', position, signals, ...draftOf(marking) };
  }
  if (rejected !== undefined) return { kind: 'rejected', position, code: 'TOC_ITEM_VALUE', detail: rejected };
  return ignored === undefined ? undefined : { kind: 'ignored', position, what: ignored };
}
