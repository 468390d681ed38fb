import type { RejectionCode, SignalType } from '#libs/domain';
import type { CandidateSignal, ReadItem } from '../format.js';
import { strictestLabel } from '../marking-tags/marking-tags.js';
import { readQuality, readTypedValue, readValue, type ValueReading } from './read-value.js';

/** A value of one row or line, with what is said about its type. */
export interface NamedValue {
  /** Name of the column or key, for the sender; a name that the lists know or the sender gave, never a value. */
  name: string;
  raw: string;
  type?: SignalType;
  /** Word of a type column that speaks of this value. */
  typeWord?: string;
}

/** All that a row or line says that matters. */
export interface ListEntry {
  position: number;
  values: NamedValue[];
  quality?: string | number;
  deleted: boolean;
  /** It is there for context and not for detection (MISP `to_ids` false). */
  isNotForDetection?: boolean;
  /** Labels of TLP that it says of itself. */
  tlp?: readonly string[];
  /** Whether it says of itself a marking of another kind. */
  isMarkedOtherwise?: boolean;
}

/**
 * The item that a row with any number of values is. Its signals share one fate: one value that is wrong rejects the
 * row. A row that says it is deleted asserts nothing; nobody may receive one that says a marking which is not known.
 */
export function itemOfValues(entry: ListEntry): ReadItem {
  const { position, values, quality, deleted, isNotForDetection, ...marked } = entry;
  const rejected = (code: RejectionCode, detail: string): ReadItem => ({ kind: 'rejected', position, code, detail });
  if (deleted) return { kind: 'ignored', position, what: 'deleted' };
  if (isNotForDetection) return { kind: 'ignored', position, what: 'not-for-detection' };
  const signals: CandidateSignal[] = [];
  let ignored: string | undefined;
  for (const value of values) {
    const reading: ValueReading =
      value.typeWord === undefined ? readValue(value.raw, value.type) : readTypedValue(value.raw, value.typeWord);
    if (reading.outcome === 'rejected') return rejected(reading.code, `${value.name}: ${reading.detail}`);
    if (reading.outcome === 'ignored') ignored = reading.what;
    else if (!signals.some(({ type, value: same }) => type === reading.signal.type && same === reading.signal.value)) {
      signals.push(reading.signal);
    }
  }
  if (signals.length === 0) return { kind: 'ignored', position, what: ignored ?? 'no-value' };
  const tlp = strictestLabel(marked.tlp ?? []);
  if (marked.isMarkedOtherwise || tlp === 'unknown') {
    return rejected('TOC_ITEM_MARKING', 'it says a marking that is not known, so nobody may receive it');
  }
  for (const signal of signals) {
    if (signal.type !== 'pdq' || quality === undefined) continue;
    const number = readQuality(quality);
    if (number === undefined) return rejected('TOC_ITEM_VALUE', 'the quality is not a whole number from 0 to 100');
    signal.quality = number;
  }
  return { kind: 'candidate', position, signals, ...(tlp ? { draft: { marking: { tlp } } } : {}) };
}
