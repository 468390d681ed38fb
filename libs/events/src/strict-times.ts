import { ValidateBy, type ValidationOptions } from 'class-validator';

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const MOMENT =
  /^(\d{4}-\d{2}-\d{2})T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** Whether a text is a day of the calendar, `YYYY-MM-DD`, of the years 1 to 9999 (RFC 3339, `full-date`). */
export function isCalendarDate(text: unknown): text is string {
  const [, year = '', month = '', day = ''] = (typeof text === 'string' && DATE.exec(text)) || [];
  if (Number(year) < 1 || Number(month) < 1 || Number(month) > 12 || Number(day) < 1) return false;
  // Day 0 of the next month is the last of this one.
  const lastDay = new Date(0);
  lastDay.setUTCFullYear(Number(year), Number(month), 0);
  return Number(day) <= lastDay.getUTCDate();
}

/**
 * Whether a text is a moment of RFC 3339 section 5.6 (`date-time`) with its offset, upper-case `T` and `Z`, up to nine
 * decimals, no leap second; a day of the calendar, and in UTC still of the years 1 to 9999. Whatever passes can be read
 * with `Date` and stored.
 */
export function isMoment(text: unknown): text is string {
  const date = typeof text === 'string' ? MOMENT.exec(text)?.[1] : undefined;
  if (typeof text !== 'string' || !isCalendarDate(date)) return false;
  const time = Date.parse(text);
  return !Number.isNaN(time) && /^(?!0000)\d{4}-/.test(new Date(time).toISOString());
}

/** Validates a day of the calendar, see {@link isCalendarDate}. */
export function IsCalendarDate(options?: ValidationOptions): PropertyDecorator {
  const defaultMessage = (): string => '$property must be a day of the calendar, YYYY-MM-DD';
  return ValidateBy({ name: 'isCalendarDate', validator: { validate: isCalendarDate, defaultMessage } }, options);
}

/** Validates a moment, see {@link isMoment}. */
export function IsMoment(options?: ValidationOptions): PropertyDecorator {
  const defaultMessage = (): string =>
    '$property must be a date and time with its offset from UTC, as 2026-12-01T08:00:00Z';
  return ValidateBy({ name: 'isMoment', validator: { validate: isMoment, defaultMessage } }, options);
}
