import { rejection } from '#libs/domain';
import type { ReceivedRecord, RecordHeaders } from './kafka-client.js';

/** The attributes and data of one event (CloudEvents 1.0, sections 3.1 and 3.2); data stays the bytes it is. */
export interface CloudEvent {
  /** Unique together with `source`; the same at every repeat (I8). */
  id: string;
  /** URI-reference of what the event is about the doings of. */
  source: string;
  type: string;
  /** RFC 3339. */
  time?: string;
  subject?: string;
  dataschema?: string;
  /** Media type of the data, written as `content-type`; needed whenever there is data. */
  datacontenttype?: string;
  /** W3C Trace Context, passed through as the plain header `traceparent`. */
  traceparent?: string;
  /** `null`: no data, which on a compacted topic is a tombstone. */
  data: Buffer | null;
}

const SPEC_VERSION = '1.0';
const ATTRIBUTES = ['id', 'source', 'type', 'time', 'subject', 'dataschema'] as const;
const STRUCTURED_PREFIX = 'application/cloudevents';
const RFC_3339 =
  /^(\d{4}-\d{2}-\d{2})[Tt](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:\s*;.*)?$/;
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The headers and value of a Kafka record that carry the event in binary mode (CloudEvents Kafka protocol binding
 * 1.0.2, section 3.2). The caller adds key and topic; attributes that are not set make no header.
 */
export function toRecordParts(event: CloudEvent): { headers: Record<string, string>; value: Buffer | null } {
  const headers: Record<string, string> = { ce_specversion: SPEC_VERSION };
  for (const name of ATTRIBUTES) {
    const value = event[name];
    if (value !== undefined) headers[`ce_${name}`] = value;
  }
  if (event.datacontenttype !== undefined) headers['content-type'] = event.datacontenttype;
  if (event.traceparent !== undefined) headers.traceparent = event.traceparent;
  return { headers, value: event.data };
}

/**
 * Reads an event back from a record in binary mode. A malformed `traceparent` is left out (W3C Trace Context,
 * section 4.3: it must not cost the message); everything else malformed refuses the record.
 *
 * @throws a rejection `TOC_EVENT_MALFORMED` that names the header, never its value
 */
export function fromRecordParts(record: Pick<ReceivedRecord, 'headers' | 'value'>): CloudEvent {
  const { headers, value } = record;
  const datacontenttype = textOf(headers, 'content-type');
  if (datacontenttype?.toLowerCase().startsWith(STRUCTURED_PREFIX)) {
    throw malformed('content-type', 'says structured mode; only binary mode is read here');
  }
  if (datacontenttype !== undefined && !MEDIA_TYPE.test(datacontenttype)) {
    throw malformed('content-type', 'is not a media type');
  }
  if (value !== null && datacontenttype === undefined) throw malformed('content-type', 'is missing');
  if (required(headers, 'ce_specversion') !== SPEC_VERSION) throw malformed('ce_specversion', `is not ${SPEC_VERSION}`);
  const time = textOf(headers, 'ce_time');
  if (time !== undefined && !isTimestamp(time)) throw malformed('ce_time', 'is not an RFC 3339 time');
  const traceparent = readTraceparent(headers);
  const event: CloudEvent = {
    id: required(headers, 'ce_id'),
    source: required(headers, 'ce_source'),
    type: required(headers, 'ce_type'),
    data: value,
  };
  return withPresent(event, {
    time,
    subject: textOf(headers, 'ce_subject'),
    dataschema: textOf(headers, 'ce_dataschema'),
    datacontenttype,
    traceparent,
  });
}

function withPresent(event: CloudEvent, optional: Record<string, string | undefined>): CloudEvent {
  const present = Object.entries(optional).filter(([, value]) => value !== undefined);
  return { ...event, ...Object.fromEntries(present) };
}

function required(headers: RecordHeaders, name: string): string {
  const text = textOf(headers, name);
  if (text === undefined) throw malformed(name, 'is missing');
  return text;
}

function textOf(headers: RecordHeaders, name: string): string | undefined {
  if (!Object.hasOwn(headers, name)) return undefined;
  const value = headers[name];
  if (!Buffer.isBuffer(value)) throw malformed(name, 'occurs more than once');
  let text: string;
  try {
    text = strictUtf8.decode(value);
  } catch {
    throw malformed(name, 'is not UTF-8');
  }
  if (text === '') throw malformed(name, 'is empty');
  return text;
}

function readTraceparent(headers: RecordHeaders): string | undefined {
  const value = Object.hasOwn(headers, 'traceparent') ? headers.traceparent : undefined;
  const text = Buffer.isBuffer(value) ? value.toString('latin1') : '';
  return TRACEPARENT.test(text) ? text : undefined;
}

/** The shape by pattern, and a day that exists (Date alone takes 30 February for 2 March). */
function isTimestamp(text: string): boolean {
  const day = RFC_3339.exec(text)?.[1];
  if (day === undefined) return false;
  const midnight = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}

function malformed(header: string, problem: string): Error {
  return rejection('TOC_EVENT_MALFORMED', `The header ${header} ${problem}.`, { header });
}
