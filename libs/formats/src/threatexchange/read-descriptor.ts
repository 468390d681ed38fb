import {
  readTlp,
  type Ceiling,
  type RejectionCode,
  type Severity,
  type SignalType,
  type StatementDraft,
} from '#libs/domain';
import type { EmptiedVersion, ReadItem } from '../format.js';
import { readValue } from '../list-values/read-value.js';

type Fields = Record<string, unknown>;

/** Types that carry a signal, by the words of the interface. */
const TYPES: Readonly<Record<string, SignalType>> = {
  HASH_MD5: 'md5',
  HASH_VIDEO_MD5: 'md5',
  HASH_SHA1: 'sha1',
  HASH_SHA256: 'sha256',
  HASH_VIDEO_SHA256: 'sha256',
  HASH_SHA512: 'sha512',
  HASH_PDQ: 'pdq',
  HASH_TMK: 'tmk-pdqf',
  URI: 'url',
  RAW_URI: 'url',
  DOMAIN: 'domain',
  TEXT_STRING: 'phrase',
};
/** Words of severity in the order of the interface. */
const SEVERITIES: Readonly<Record<string, Severity>> = {
  INFO: 'unknown',
  WARNING: 'minor',
  SUSPICIOUS: 'moderate',
  SEVERE: 'severe',
  APOCALYPSE: 'extreme',
};
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:?\d\d)$/;
const EARLIEST = Date.UTC(1990, 0, 1);
const LATEST = Date.UTC(2100, 0, 1);

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const own = <Value>(table: Readonly<Record<string, Value>>, key: unknown): Value | undefined =>
  typeof key === 'string' && Object.hasOwn(table, key) ? table[key] : undefined;

/** Whether a value is a descriptor: somebody's opinion about an indicator. */
export function isDescriptor(value: unknown): value is Fields {
  return isFields(value) && typeof value.type === 'string' && textOf(value) !== undefined;
}

function textOf({ raw_indicator: raw, indicator }: Fields): string | undefined {
  if (typeof raw === 'string') return raw;
  const nested = isFields(indicator) ? indicator.indicator : indicator;
  return typeof nested === 'string' ? nested : undefined;
}

/** A time of the interface. @returns undefined when it is none, null when nothing is said */
function timeOf(said: unknown): string | null | undefined {
  if (said === undefined || said === null) return null;
  if (typeof said !== 'string' || !TIME.test(said)) return undefined;
  const time = Date.parse(said.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  return time >= EARLIEST && time < LATEST ? new Date(time).toISOString() : undefined;
}

function versionOf({ id, last_updated: updated, added_on: added }: Fields): EmptiedVersion | undefined {
  if (typeof id !== 'string' || !/^\d{1,40}$/.test(id)) return undefined;
  const modified = timeOf(updated ?? added);
  return { objectRef: `threatexchange-descriptor--${id}`, ...(modified ? { objectModified: modified } : {}) };
}

/** What a descriptor says about its indicator; of what is only suspected, no more than to note it. */
function draftOf(given: Fields, tlp: StatementDraft['marking']): StatementDraft | undefined {
  const { confidence, severity, expired_on: expired, status } = given;
  const validUntil = timeOf(expired);
  const said = own(SEVERITIES, severity);
  const ceiling: Ceiling | undefined = status === 'SUSPICIOUS' ? 'log' : undefined;
  const draft: StatementDraft = {
    ...(typeof confidence === 'number' && Number.isInteger(confidence) && confidence >= 0 && confidence <= 100
      ? { confidence }
      : {}),
    ...(said ? { severity: said } : {}),
    ...(validUntil ? { validUntil } : {}),
    ...(ceiling ? { ceiling } : {}),
    ...(tlp ? { marking: tlp } : {}),
  };
  return Object.keys(draft).length > 0 ? draft : undefined;
}

/** The item that a descriptor is. */
export function itemOfDescriptor(given: unknown, position: number): ReadItem {
  const rejected = (code: RejectionCode, detail: string, version: EmptiedVersion = {}): ReadItem => ({
    ...{ kind: 'rejected', position, code, detail },
    ...version,
  });
  if (!isDescriptor(given)) return rejected('TOC_ITEM_MALFORMED', 'type, raw_indicator: texts were expected');
  const version = versionOf(given);
  if (!version) return rejected('TOC_ITEM_MALFORMED', 'id: digits were expected');
  for (const name of ['added_on', 'last_updated', 'expired_on'])
    if (timeOf(given[name]) === undefined) return rejected('TOC_ITEM_TIME', `${name}: a time was expected`, version);
  const { status, privacy_type: privacy = 'VISIBLE', share_level: level } = given;
  if (status === 'NON_MALICIOUS')
    return { kind: 'ignored', position, what: 'non-malicious', harmless: true, ...version };
  if (status !== 'MALICIOUS' && status !== 'SUSPICIOUS')
    return { kind: 'ignored', position, what: 'status-unknown', ...version };
  const type = own(TYPES, given.type);
  if (!type) return { kind: 'ignored', position, what: 'other-indicator', ...version };
  if (privacy !== 'VISIBLE')
    return rejected('TOC_ITEM_MARKING', 'privacy_type: it is for some members only, whom nobody here knows', version);
  // TLP 1.0: its AMBER was for the organisation alone.
  const tlp = typeof level === 'string' ? readTlp(level, 1) : undefined;
  if (level !== undefined && !tlp) return rejected('TOC_ITEM_MARKING', 'share_level: no label that is known', version);
  const reading = readValue(textOf(given)?.trim() ?? '', type);
  if (reading.outcome === 'rejected') return rejected(reading.code, reading.detail, version);
  if (reading.outcome === 'ignored') return { kind: 'ignored', position, what: reading.what, ...version };
  const draft = draftOf(given, tlp && { tlp });
  return { kind: 'candidate', position, signals: [reading.signal], ...version, ...(draft ? { draft } : {}) };
}
