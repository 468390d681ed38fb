import { isUtf8 } from 'node:buffer';
import { rejection } from '#libs/domain';
import { EVENT_TYPES } from '#libs/events';
import type { ReceivedRecord, RecordHeaders } from '#libs/messaging';
import { lookUpKeyOf } from './look-up-key.js';

/** What stands between records when many travel as one text; it never occurs in JSON text (RFC 8259, section 7). */
export const RECORD_SEPARATOR = 0x1f;

/** The walk in which a version travels: 0 content and expiry, 1 withdrawals, which are walked first. */
export type Walk = 0 | 1;

/** One version of a row as a channel topic carries it, read from key and headers; the body stays bytes. */
export interface FeedRecord {
  rowId: string;
  version: number;
  eventId: string;
  walk: Walk;
  live: boolean;
  /** Whether it is a bulletin; of an end, which does not say, false. */
  bulletin: boolean;
  /** The key by which it is found when somebody looks up its signal; absent where nobody can. */
  lookUp?: number;
  body: Buffer;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const VERSION = /^[1-9]\d{0,8}$/;
const BULLETIN = '"bulletin":{';
const SUBJECT_WITHIN = 600;
const LONGEST_BODY = 8 * 1024 * 1024;

/**
 * Reads a record of a channel topic without parsing its body: the event id and type, the version and the reason of a
 * withdrawal are headers, the row is the key. An unknown or missing reason counts as withdrawn.
 *
 * @throws a rejection `TOC_EVENT_MALFORMED` that names what is wrong and never quotes it
 */
export function readFeedRecord({ key, value, headers }: Pick<ReceivedRecord, 'key' | 'value' | 'headers'>): FeedRecord {
  const rowId = key?.toString('latin1') ?? '';
  if (!UUID.test(rowId)) throw malformed('key', 'is not a row id');
  const eventId = header(headers, 'ce_id');
  if (!UUID.test(eventId)) throw malformed('ce_id', 'is not an event id');
  const version = header(headers, 'version');
  if (!VERSION.test(version)) throw malformed('version', 'is not a version');
  const body = readBody(value);
  const kind = kindOf(headers);
  const lookUp = kind.live ? lookUpKeyOf(body) : undefined;
  return { rowId, version: Number(version), eventId, ...kind, bulletin: isBulletin(body), lookUp, body };
}

/** The subject is among the first fields of a record, before any word of an officer. */
function isBulletin(body: Buffer): boolean {
  return body.subarray(0, SUBJECT_WITHIN).includes(BULLETIN);
}

function kindOf(headers: RecordHeaders): { walk: Walk; live: boolean } {
  switch (header(headers, 'ce_type')) {
    case EVENT_TYPES.row:
      return { walk: 0, live: true };
    case EVENT_TYPES.withdrawal:
      return { walk: header(headers, 'reason') === 'expired' ? 0 : 1, live: false };
    default:
      throw malformed('ce_type', 'is neither a row nor a withdrawal');
  }
}

function header(headers: RecordHeaders, name: string): string {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
  return Buffer.isBuffer(value) ? value.toString('latin1') : '';
}

function readBody(value: Buffer | null): Buffer {
  if (value === null) throw malformed('value', 'is missing; a withdrawal is a record, never a bare tombstone');
  const isObject = value[0] === 0x7b && value[value.length - 1] === 0x7d;
  const isText = isObject && isUtf8(value) && !value.includes(RECORD_SEPARATOR) && !value.includes(0);
  if (!isText) throw malformed('value', 'is not a JSON object in UTF-8');
  if (value.length > LONGEST_BODY) throw malformed('value', 'is too long');
  return value;
}

function malformed(part: string, problem: string): Error {
  return rejection('TOC_EVENT_MALFORMED', `The ${part} of a channel record ${problem}.`, { part });
}
