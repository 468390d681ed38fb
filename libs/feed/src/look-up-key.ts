import { isLookedUp, lookUpDigest } from '#libs/domain';

/** Leading hexadecimal digits of a digest by which the feed finds a row: 28 bits, which fit PostgreSQL's `integer`. */
export const LOOK_UP_DIGITS = 7;

const SIGNAL = Buffer.from('"signal":{');
const END = Buffer.from('"}');
const BACKSLASH = 0x5c;
/** The signal is among the first fields of a record. */
const SIGNAL_WITHIN = 600;

/**
 * The key under which the feed finds a row when somebody looks up its signal by a prefix.
 * @param body a record as published; it is not parsed as a whole
 * @returns undefined for whatever cannot be looked up
 */
export function lookUpKeyOf(body: Buffer): number | undefined {
  const from = body.subarray(0, SIGNAL_WITHIN).indexOf(SIGNAL);
  if (from < 0) return undefined;
  const to = endOfSignal(body, from + SIGNAL.length);
  if (to === undefined) return undefined;
  try {
    const signal = JSON.parse(body.toString('utf8', from + SIGNAL.length - 1, to)) as { type: unknown; value: unknown };
    if (!isLookedUp(signal.type) || typeof signal.value !== 'string') return undefined;
    return Number.parseInt(lookUpDigest(signal.type, signal.value).slice(0, LOOK_UP_DIGITS), 16);
  } catch {
    return undefined;
  }
}

/** Where the object ends whose last field is a text: behind the first `"}` of which the quote is not escaped. */
function endOfSignal(body: Buffer, from: number): number | undefined {
  for (let end = body.indexOf(END, from); end >= 0; end = body.indexOf(END, end + 1)) {
    let escapes = 0;
    while (body[end - 1 - escapes] === BACKSLASH) escapes += 1;
    if (escapes % 2 === 0) return end + END.length;
  }
  return undefined;
}

/**
 * The keys of all digests that begin so.
 * @param prefix up to {@link LOOK_UP_DIGITS} lower-case hexadecimal digits
 * @returns the first of them, and the first that is not one any more
 */
export function lookUpRange(prefix: string): { from: number; to: number } {
  const width = 16 ** (LOOK_UP_DIGITS - prefix.length);
  const from = Number.parseInt(prefix, 16) * width;
  return { from, to: from + width };
}
