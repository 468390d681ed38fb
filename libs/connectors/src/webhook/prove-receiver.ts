import { createHash, timingSafeEqual } from 'node:crypto';
import { familyOf, rejection, type TocsinError } from '#libs/domain';
import type { ConnectorContext, HttpAnswer } from '../connector.js';
import { ed25519Signatures, hmacSignatures, webhookHeaders, type WebhookSecrets } from './sign-webhook.js';

const CHALLENGE_BYTES = 32;
const LIMITS = { deadlineMs: 15_000, maxAnswerBytes: 64 * 1024 };

function unproved(detail: string): TocsinError {
  return rejection('TOC_CONNECTOR_CHALLENGE', detail);
}

/**
 * Posts a challenge and expects it back, so that nobody can have deliveries sent to a server that did not ask for
 * them. The receiver answers 200 with `{"challenge":"<the same>"}`. It is signed by the deployment's keys in every
 * case: a receiver that is about to get a secret of its own cannot know that one yet.
 * @throws a rejection `TOC_CONNECTOR_CHALLENGE` or `TOC_CONNECTOR_EGRESS`
 */
export async function proveReceiver(url: string, secrets: WebhookSecrets, context: ConnectorContext): Promise<void> {
  const challenge = context.randomBytes(CHALLENGE_BYTES).toString('base64url');
  const now = context.now();
  const message = {
    id: `challenge_${context.randomBytes(16).toString('hex')}`,
    timestamp: Math.floor(now.getTime() / 1000),
    body: Buffer.from(JSON.stringify({ type: 'tocsin.challenge', challenge })),
  };
  const signatures = [...ed25519Signatures(message, context), ...hmacSignatures(message, secrets, now)];
  const answer = await post(url, webhookHeaders(message, signatures), message.body, context);
  if (answer.status !== 200) throw unproved(`The receiver answered ${answer.status} instead of 200.`);
  if (!isSameText(answeredChallenge(answer.body), challenge)) {
    throw unproved('The receiver did not answer with the challenge it was sent.');
  }
}

async function post(
  url: string,
  headers: Record<string, string>,
  body: Buffer,
  context: ConnectorContext,
): Promise<HttpAnswer> {
  try {
    return await context.egress.post(url, headers, body, LIMITS);
  } catch (error) {
    // Registration is an answer to a person, who mends it and tries again.
    if (familyOf(error) === 'transient') throw unproved('The receiver did not answer.');
    throw error;
  }
}

function answeredChallenge(body: Buffer): string {
  try {
    const answer: unknown = JSON.parse(body.toString('utf8'));
    if (typeof answer !== 'object' || answer === null || !('challenge' in answer)) return '';
    return typeof answer.challenge === 'string' ? answer.challenge : '';
  } catch {
    return '';
  }
}

/** Compares in constant time; the digests make the lengths equal. */
function isSameText(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
