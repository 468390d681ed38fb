import { createHmac } from 'node:crypto';
import type { ConnectorContext } from '../connector.js';

const SECRET_PREFIX = 'whsec_';
/** Standard Webhooks asks for 24 to 64 bytes. */
const SECRET_BYTES = 32;

/** Secrets of one subscription: the present one and, while a rotation overlaps, the one before with its end. */
export interface WebhookSecrets {
  current?: string;
  previous?: string;
  /** ISO 8601. */
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

/** `v1` signatures (HMAC-SHA-256 with the decoded secret) by the present secret and, in its overlap, the one before. */
export function hmacSignatures(message: WebhookMessage, secrets: WebhookSecrets, now: Date): string[] {
  const overlapping = Date.parse(secrets.previous_until ?? '') > now.getTime();
  const content = signedContent(message);
  return [secrets.current, overlapping ? secrets.previous : undefined].flatMap((secret) => {
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
