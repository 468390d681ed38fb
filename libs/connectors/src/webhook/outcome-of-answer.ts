import type { DeliveryOutcome, HttpAnswer } from '../connector.js';
import { readRetryAfter } from '../retry-after.js';

/** The receiver read the batch and does not want this content. */
const REFUSALS = new Set([400, 413, 415, 422]);

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
