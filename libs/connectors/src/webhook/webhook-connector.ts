import { fault, TocsinError } from '#libs/domain';
import type {
  SendingConnector,
  ConnectorContext,
  DeliveryOutcome,
  OutgoingBatch,
  PublicKeysShown,
  Registration,
} from '../connector.js';
import { outcomeOfAnswer } from './outcome-of-answer.js';
import { proveReceiver } from './prove-receiver.js';
import {
  ed25519Signatures,
  hmacSignatures,
  newSecret,
  overlapOf,
  webhookHeaders,
  type WebhookSecrets,
} from './sign-webhook.js';
import { webhookBody } from './webhook-body.js';
import { MOST_RECORDS, readWebhookSettings, type WebhookSettings } from './webhook-settings.js';

/** Standard Webhooks asks for 15 to 30 s; of the answer only the status counts. */
const LIMITS = { deadlineMs: 15_000, maxAnswerBytes: 64 * 1024 };
/** Content that waits longer for a connection is looked at anew before it leaves; withdrawals may always go. */
const CONTENT_START_MS = 3_000;
const MOST_BYTES = 5_000_000;

/** What the receiver needs to verify. */
function publicKeys({ signing }: Pick<ConnectorContext, 'signing'>): PublicKeysShown {
  const keys = signing.publicKeys();
  return {
    public_keys: keys.map(({ raw }) => `whpk_${raw.toString('base64')}`),
    public_key_ids: keys.map(({ keyId }) => keyId),
  };
}

function signaturesFor(
  batch: OutgoingBatch,
  body: Buffer,
  settings: WebhookSettings,
  secrets: WebhookSecrets,
  context: ConnectorContext,
): Record<string, string> {
  const now = context.now();
  const message = { id: batch.batchId, timestamp: Math.floor(now.getTime() / 1000), body };
  const signatures =
    settings.signature === 'hmac' ? hmacSignatures(message, secrets, now) : ed25519Signatures(message, context);
  if (signatures.length === 0) throw fault(`there is no ${settings.signature} key to sign a webhook with`);
  return webhookHeaders(message, signatures);
}

/**
 * Posts batches to a URL of the platform, signed as Standard Webhooks 1.0 says. The id of a message is the batch's, so
 * that a repeat is known as one; the time is the attempt's.
 */
export const webhook: SendingConnector<WebhookSettings> = {
  id: 'webhook',
  title: 'Webhook (Standard Webhooks)',
  carries: { ceiling: true, drill: true },
  batch: { records: MOST_RECORDS, bytes: MOST_BYTES },
  batchOf: ({ batch_size }) => ({ records: batch_size, bytes: MOST_BYTES }),
  readSettings: readWebhookSettings,

  async register(_platformId, settings, context): Promise<Registration<WebhookSettings>> {
    const secrets: Record<string, string> = settings.signature === 'hmac' ? { current: newSecret(context) } : {};
    await proveReceiver(settings.url, secrets, context);
    const { current } = secrets;
    return {
      settings,
      secrets,
      handOver: { ...publicKeys(context), ...(current === undefined ? {} : { signing_secret: current }) },
    };
  },

  publicKeys: ({ signature }, context) => (signature === 'ed25519' ? publicKeys(context) : undefined),

  rotate(settings, secrets, context, overlapMs) {
    if (settings.signature !== 'hmac') return { secrets: {}, handOver: publicKeys(context) };
    const fresh = newSecret(context);
    return {
      secrets: { current: fresh, ...overlapOf(secrets, context.now(), overlapMs) },
      handOver: { signing_secret: fresh },
    };
  },

  async deliver(batch, settings, secrets, context): Promise<DeliveryOutcome> {
    const body = webhookBody(batch);
    const sent = { records: batch.records.length, bytes: body.length };
    if (sent.records > settings.batch_size || sent.bytes > MOST_BYTES) {
      return { outcome: 'refused', detail: 'The batch is larger than this receiver takes.', evidence: sent };
    }
    const headers = signaturesFor(batch, body, settings, secrets, context);
    try {
      const answer = await context.egress.post(settings.url, headers, body, {
        ...LIMITS,
        party: batch.platformId,
        ...(batch.records.some(({ kind }) => kind === 'row') && { startWithinMs: CONTENT_START_MS }),
      });
      return outcomeOfAnswer(answer, sent, context.now());
    } catch (error) {
      // An address that has become forbidden may become allowed again: nothing is dropped for it.
      if (error instanceof TocsinError && error.family !== 'fault')
        return { outcome: 'unavailable', detail: error.detail };
      throw error;
    }
  },
};
