/** RFC 3339, section 5.6, with any number of digits after the second. */
const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))$/i;

/**
 * Reads a timestamp into the one spelling of TAXII 2.1 (chapter 2): UTC, six digits after the second. Two of them compare
 * as texts. More digits are cut off; another offset, which clients send although UTC is asked for, is reckoned in.
 * @returns undefined for what is no moment of the years 0001–9999
 */
export function readTimestamp(text: string): string | undefined {
  const parts = TIMESTAMP.exec(text);
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHours = '0', offsetMinutes = '0'] = parts;
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map(Number) as [
    ...[number, number, number, number, number, number],
  ];
  const local = new Date(0);
  local.setUTCFullYear(y, mo - 1, d);
  local.setUTCHours(h, mi, Math.min(s, 59));
  const isReal = y > 0 && local.getUTCMonth() === mo - 1 && local.getUTCDate() === d && h < 24 && mi < 60 && s <= 60;
  if (!isReal || Number(offsetHours) > 23 || Number(offsetMinutes) > 59) return undefined;
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * (sign === '-' ? -1 : 1);
  const seconds = local.getTime() / 1000 - offset * 60;
  return fromMicros(BigInt(seconds) * 1_000_000n + BigInt(fraction.slice(0, 6).padEnd(6, '0')));
}

/** Microseconds since 1970 of a timestamp as {@link readTimestamp} gives it. */
export function microsOf(timestamp: string): bigint {
  return BigInt(Date.parse(`${timestamp.slice(0, 19)}Z`)) * 1000n + BigInt(timestamp.slice(20, 26));
}

/** The timestamp of so many microseconds since 1970; undefined beyond the years 0001–9999. */
export function fromMicros(micros: bigint): string | undefined {
  const second = Number((micros - (((micros % 1_000_000n) + 1_000_000n) % 1_000_000n)) / 1_000_000n);
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const text = new Date(second * 1000).toISOString();
  return text.length === 24 && !text.startsWith('0000')
    ? `${text.slice(0, 19)}.${fraction.toString().padStart(6, '0')}Z`
    : undefined;
}
