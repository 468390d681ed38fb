import type { DeliveryOutcome, HttpAnswer } from '../connector.js';

/** The receiver read the batch and does not want this content. */
const REFUSALS = new Set([400, 413, 415, 422]);

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

/**
 * What an answer means. Only 2xx is a success; a redirect is a failure; whatever may pass (a wrong key at the door
 * included) is tried again, so that nothing is lost while somebody mends it. No part of the body is kept.
 */
export function outcomeOfAnswer(
  answer: HttpAnswer,
  sent: { records: number; bytes: number },
  now: Date,
): DeliveryOutcome {
  const { status } = answer;
  const evidence = { status, duration_ms: answer.durationMs };
  if (status >= 200 && status < 300) return { outcome: 'sent', evidence: { ...evidence, ...sent } };
  const detail = `The receiver answered ${status}.`;
  if (REFUSALS.has(status)) return { outcome: 'refused', detail, evidence };
  if (status === 410) return { outcome: 'gone', detail };
  const retryAfterMs = readRetryAfter(answer.headers['retry-after'], now);
  return { outcome: 'unavailable', detail, ...(retryAfterMs === undefined ? {} : { retryAfterMs }), evidence };
}
