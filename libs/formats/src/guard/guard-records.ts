import { canonicalise, isSignalType, readTlp, type Tlp } from '#libs/domain';
import { readJsonLine } from '../json/json-line.js';
import type { CandidateSignal } from '../format.js';
import { limitsOf } from './limits-of-statement.js';

/** Longest line, in bytes: what a guard between two networks is set to. */
export const GUARD_LINE_LIMIT = 8 * 1024;
export const GUARD_VERSION = 1;
const MOST_SIGNALS = 20;
/** Printable ASCII, so that nothing can hide in a line. */
const PRINTABLE = /^[\x20-\x7e]+$/;
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/;

/** The first line. `statement` is in the words of the submission parameters. */
export interface GuardHead {
  record: 'head';
  version: typeof GUARD_VERSION;
  /** A name that no other sender has; ids of items are known together with it. */
  sender: string;
  /** Made by the sender; a file is known by it. */
  id: string;
  made_at: string;
  tlp?: Tlp;
  statement?: Record<string, unknown>;
}

/** One item with what matches it. */
export interface GuardItem {
  record: 'item';
  /** Made by the sender; a later line of the same id is a newer version of the item. */
  id: string;
  modified?: string;
  signals: CandidateSignal[];
}

/** Takes an item back for good. */
export interface GuardRetraction {
  record: 'retraction';
  id: string;
  modified?: string;
}

/** The last line: how many lines there are between the first and itself. */
export interface GuardEnd {
  record: 'end';
  records: number;
}

export type GuardRecord = GuardHead | GuardItem | GuardRetraction | GuardEnd;

/** A line, or what is wrong with it; the sentence never repeats a value. */
export type GuardLine = { record: GuardRecord } | { problem: string };

type Fields = Record<string, unknown>;

const KEYS: Readonly<Record<GuardRecord['record'], readonly string[]>> = {
  head: ['record', 'version', 'sender', 'id', 'made_at', 'tlp', 'statement'],
  item: ['record', 'id', 'modified', 'signals'],
  retraction: ['record', 'id', 'modified'],
  end: ['record', 'records'],
};

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isMoment = (value: unknown): value is string =>
  typeof value === 'string' && MOMENT.test(value) && !Number.isNaN(Date.parse(value));
const isKind = (word: unknown): word is GuardRecord['record'] => typeof word === 'string' && Object.hasOwn(KEYS, word);

function readSignal(given: unknown): CandidateSignal | string {
  if (!isFields(given)) return 'signals: an object was expected';
  const { type, value, quality, ...strange } = given;
  if (Object.keys(strange).length > 0) return 'signals: only type, value and quality are known';
  if (!isSignalType(type) || typeof value !== 'string') return 'signals: a known type and a text were expected';
  const canonical = canonicalise(type, value);
  if (!canonical.ok) return `signals: ${canonical.detail}`;
  // What is packed is canonical; anything else was made, or changed, by another hand.
  if (canonical.value !== value) return 'signals: the value is not in its canonical spelling';
  if (quality === undefined) return { type, value };
  if (typeof quality !== 'number' || !Number.isInteger(quality) || quality < 0 || quality > 100)
    return 'signals: quality is a whole number from 0 to 100';
  return { type, value, quality };
}

function readHead({ version, sender, id, made_at: madeAt, tlp, statement }: Fields): GuardLine {
  if (version !== GUARD_VERSION) return { problem: `version: ${GUARD_VERSION} was expected` };
  if (typeof sender !== 'string' || !ID.test(sender))
    return { problem: 'sender: letters, digits, dots and hyphens were expected' };
  if (typeof id !== 'string' || !ID.test(id)) return { problem: 'id: letters, digits, dots and hyphens were expected' };
  if (!isMoment(madeAt)) return { problem: 'made_at: a time in UTC was expected' };
  const label = typeof tlp === 'string' ? readTlp(tlp) : undefined;
  if (tlp !== undefined && label === undefined) return { problem: 'tlp: no label that is known' };
  if (statement !== undefined && !isFields(statement)) return { problem: 'statement: an object was expected' };
  const limits = limitsOf(statement ?? {});
  if ('problem' in limits) return limits;
  const said = { ...(label ? { tlp: label } : {}), ...(statement ? { statement } : {}) };
  return { record: { record: 'head', version: GUARD_VERSION, sender, id, made_at: madeAt, ...said } };
}

function readItem({ id, modified, signals, record }: Fields): GuardLine {
  if (typeof id !== 'string' || !ID.test(id)) return { problem: 'id: letters, digits, dots and hyphens were expected' };
  if (modified !== undefined && !isMoment(modified)) return { problem: 'modified: a time in UTC was expected' };
  const version = { id, ...(modified === undefined ? {} : { modified }) };
  if (record === 'retraction') return { record: { record, ...version } };
  if (!Array.isArray(signals) || signals.length === 0 || signals.length > MOST_SIGNALS)
    return { problem: `signals: a list of 1 to ${MOST_SIGNALS} was expected` };
  const read = signals.map(readSignal);
  const problem = read.find((signal) => typeof signal === 'string');
  if (problem !== undefined) return { problem };
  return {
    record: { record: 'item', ...version, signals: read.filter((signal) => typeof signal !== 'string') },
  };
}

/** Reads one line as strictly as a guard does: nothing in it that is not known here. */
export function readGuardLine(text: string): GuardLine {
  if (text.length > GUARD_LINE_LIMIT) return { problem: `longer than ${GUARD_LINE_LIMIT} bytes` };
  if (!PRINTABLE.test(text)) return { problem: 'something else than printable ASCII' };
  const line = readJsonLine(text);
  if ('problem' in line) return { problem: 'no JSON object that says each key once' };
  const { object } = line;
  if (!isKind(object.record)) return { problem: 'record: head, item, retraction or end was expected' };
  const known = KEYS[object.record];
  if (Object.keys(object).some((key) => !known.includes(key))) return { problem: 'a field that is not known' };
  if (object.record === 'head') return readHead(object);
  if (object.record !== 'end') return readItem(object);
  const { records } = object;
  if (typeof records !== 'number' || !Number.isSafeInteger(records) || records < 0)
    return { problem: 'records: a number was expected' };
  return { record: { record: 'end', records } };
}

/** Writes one line; what is not ASCII is escaped, so that every line can be read back. */
export function writeGuardLine(record: GuardRecord): string {
  const text = JSON.stringify(record).replace(
    /[^\x20-\x7e]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${text}\n`;
}
