import type { RejectionCode } from '#libs/domain';
import type { ReadItem, RejectedItem } from '../format.js';
import { readTypedValue } from '../list-values/read-value.js';

type Fields = Record<string, unknown>;

const EARLIEST = Date.UTC(1990, 0, 1);
const LATEST = Date.UTC(2100, 0, 1);
/** Everything that is said on this list, whatever else is said beside it. */
const LIST = 'tech-against-terrorism';
const OF_THE_LIST = { harms: ['tvec'], origin: `third-party-list:${LIST}` };

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether an entry is one of this list: its digest and what kind of digest that is. */
export function isEntry(value: unknown): value is Fields {
  return isFields(value) && typeof value.hash_digest === 'string' && typeof value.algorithm === 'string';
}

/** The producer's object: the id that the list gives. */
function refOf({ id }: Fields): string | undefined {
  const text = typeof id === 'number' && Number.isSafeInteger(id) && id >= 0 ? String(id) : id;
  return typeof text === 'string' && /^[\w-]{1,100}$/.test(text) ? `tat-hash--${text}` : undefined;
}

/** Seconds since 1970 with a fraction. @returns undefined when it is no such time, null when it is not there */
function timeOf(seconds: unknown): string | null | undefined {
  if (seconds === undefined || seconds === null) return null;
  const time = typeof seconds === 'number' ? seconds * 1000 : Number.NaN;
  return time >= EARLIEST && time < LATEST ? new Date(time).toISOString() : undefined;
}

/** The item that an entry is. One that is deleted takes back what it said. */
export function itemOfEntry(given: unknown, position: number): ReadItem {
  const rejected = (code: RejectionCode, detail: string): RejectedItem => ({
    kind: 'rejected',
    position,
    code,
    detail,
  });
  if (!isEntry(given)) return rejected('TOC_ITEM_MALFORMED', 'hash_digest, algorithm: texts were expected');
  const objectRef = refOf(given);
  if (!objectRef) return rejected('TOC_ITEM_MALFORMED', 'id: a number was expected');
  const modified = timeOf(given.updated_on);
  if (modified === undefined) return rejected('TOC_ITEM_TIME', 'updated_on: seconds since 1970 were expected');
  const version = { objectRef, ...(modified === null ? {} : { objectModified: modified }) };
  if (given.deleted === true) return { kind: 'revocation', position, ...version, ofList: LIST };
  if (given.deleted !== undefined && given.deleted !== false && given.deleted !== null)
    return { ...rejected('TOC_ITEM_MALFORMED', 'deleted: true or false was expected'), ...version, ofList: LIST };
  const reading = readTypedValue(String(given.hash_digest), String(given.algorithm));
  if (reading.outcome === 'rejected') return { ...rejected(reading.code, reading.detail), ...version, ofList: LIST };
  if (reading.outcome === 'ignored') return { kind: 'ignored', position, what: reading.what, ...version, ofList: LIST };
  return { kind: 'candidate', position, signals: [reading.signal], ...version, draft: OF_THE_LIST };
}
