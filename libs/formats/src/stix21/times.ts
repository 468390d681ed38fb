import { rejection, type TocsinError } from '#libs/domain';

/** `timestamp` of STIX 2.1, section 2.16: RFC 3339 in UTC, written with Z. */
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$/;
const EARLIEST = Date.UTC(1990, 0, 1);
const LATEST = Date.UTC(2100, 0, 1);

/** Milliseconds since 1970, or undefined when it is no timestamp, no real moment, or not within 1990–2099. */
export function readTimestamp(value: unknown): number | undefined {
  if (typeof value !== 'string' || !TIMESTAMP.test(value)) return undefined;
  const time = Date.parse(value);
  if (Number.isNaN(time) || time < EARLIEST || time >= LATEST) return undefined;
  // February 30th becomes a day in March, and 24:00 the next day.
  return new Date(time).getUTCDate() === Number(value.slice(8, 10)) ? time : undefined;
}

/** A moment as ISO 8601 in UTC with milliseconds, so that equal moments are equal texts. */
export function asIsoTime(time: number): string {
  return new Date(time).toISOString();
}

/**
 * Reads a property that is a time.
 * @returns milliseconds since 1970; undefined when the property is absent
 * @throws a rejection `TOC_ITEM_TIME`
 */
export function timeOf(properties: Record<string, unknown>, name: string): number | undefined {
  const value = properties[name];
  if (value === undefined) return undefined;
  const time = readTimestamp(value);
  if (time === undefined) throw wrongTime(`${name}: a time in UTC between 1990 and 2099 was expected`);
  return time;
}

/**
 * Reads a property that has to be there.
 * @throws a rejection `TOC_ITEM_TIME`
 */
export function requiredTimeOf(properties: Record<string, unknown>, name: string): number {
  const time = timeOf(properties, name);
  if (time === undefined) throw wrongTime(`${name}: missing`);
  return time;
}

/**
 * Reads when an object was made and when this version of it, STIX 2.1 section 3.6.
 * @returns the time of this version as it is written
 * @throws a rejection `TOC_ITEM_TIME`
 */
export function versionOf(properties: Record<string, unknown>): string {
  const created = requiredTimeOf(properties, 'created');
  const modified = requiredTimeOf(properties, 'modified');
  if (modified < created) throw wrongTime('modified: before created');
  return String(properties['modified']);
}

/** The rejection of a time. */
export function wrongTime(detail: string): TocsinError {
  return rejection('TOC_ITEM_TIME', detail);
}
