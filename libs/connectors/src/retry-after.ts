/** Longest wait that a receiver may ask for. */
const LONGEST_WAIT_MS = 3_600_000;
const IMF_FIXDATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * Reads `Retry-After`: seconds or an HTTP date (RFC 9110, section 10.2.3).
 * @returns milliseconds from now, at most an hour; undefined when absent or unreadable
 */
export function readRetryAfter(value: string | undefined, now: Date): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d{1,12}$/.test(text)) return Math.min(Number(text) * 1000, LONGEST_WAIT_MS);
  if (!IMF_FIXDATE.test(text) || Number.isNaN(Date.parse(text))) return undefined;
  return Math.min(Math.max(Date.parse(text) - now.getTime(), 0), LONGEST_WAIT_MS);
}
