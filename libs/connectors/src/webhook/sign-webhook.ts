import { createHmac } from 'node:crypto';
import type { ConnectorContext } from '../connector.js';

const SECRET_PREFIX = 'whsec_';
/** Standard Webhooks asks for 24 to 64 bytes. */
const SECRET_BYTES = 32;
/** A header with a signature of each still fits where headers are bounded. */
const MOST_PREVIOUS = 10;

/** Secrets of one subscription: the present one and, while rotations overlap, those before with their ends. */
export interface WebhookSecrets {
  current?: string;
  /** Newest first, with spaces between. */
  previous?: string;
  /** Their ends in the same order, ISO 8601. */
  previous_until?: string;
}

/** One message as signed: id, time of this attempt, and exact bytes (Standard Webhooks 1.0). */
export interface WebhookMessage {
  id: string;
  /** Unix seconds. */
  timestamp: number;
  body: Buffer;
}

function signedContent({ id, timestamp, body }: WebhookMessage): Buffer {
  return Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
}

/** A new symmetric secret in its written form, `whsec_` and base64. */
export function newSecret(context: Pick<ConnectorContext, 'randomBytes'>): string {
  return `${SECRET_PREFIX}${context.randomBytes(SECRET_BYTES).toString('base64')}`;
}

/** The secrets before the present one whose ends are ahead, newest first. */
function overlapping({ previous = '', previous_until = '' }: WebhookSecrets, now: Date) {
  const ends = previous_until.split(' ');
  return previous
    .split(' ')
    .map((secret, index) => ({ secret, until: ends[index] ?? '' }))
    .filter(({ until }) => Date.parse(until) > now.getTime());
}

/**
 * What stays beside a new secret: the present one for the overlap, and each earlier one to the end it was promised.
 * Without an overlap all of them end now.
 */
export function overlapOf(secrets: WebhookSecrets, now: Date, overlapMs: number): Record<string, string> {
  if (overlapMs <= 0 || secrets.current === undefined) return {};
  const until = new Date(now.getTime() + overlapMs).toISOString();
  const kept = [{ secret: secrets.current, until }, ...overlapping(secrets, now)].slice(0, MOST_PREVIOUS);
  return {
    previous: kept.map(({ secret }) => secret).join(' '),
    previous_until: kept.map((each) => each.until).join(' '),
  };
}

/** `v1` signatures (HMAC-SHA-256 with the decoded secret) by the present secret and, in their overlap, those before. */
export function hmacSignatures(message: WebhookMessage, secrets: WebhookSecrets, now: Date): string[] {
  const content = signedContent(message);
  return [secrets.current, ...overlapping(secrets, now).map(({ secret }) => secret)].flatMap((secret) => {
    if (secret === undefined) return [];
    const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
    return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
  });
}

/** `v1a` signatures (Ed25519) by every key of the deployment in use, newest first. */
export function ed25519Signatures(message: WebhookMessage, context: Pick<ConnectorContext, 'signing'>): string[] {
  return context.signing.ed25519(signedContent(message)).map(({ signature }) => `v1a,${signature.toString('base64')}`);
}

/** The headers of a signed message. Several signatures stand side by side, so that keys can be rotated. */
export function webhookHeaders(message: WebhookMessage, signatures: readonly string[]): Record<string, string> {
  return {
    'content-type': 'application/json',
    'user-agent': 'Tocsin-Webhook/1.0',
    'webhook-id': message.id,
    'webhook-timestamp': String(message.timestamp),
    'webhook-signature': signatures.join(' '),
  };
}
