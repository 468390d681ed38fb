import type { OutgoingBatch } from '../connector.js';

/**
 * The body of a delivery: `{"type":"tocsin.batch","channel":…,"revision":…,"lane":…,"records":[…]}`. The records are
 * JSON text already and are joined as they are, so that a receiver gets the very bytes that were published, the same
 * at every repeat.
 */
export function webhookBody({ channelId, revision, lane, records }: OutgoingBatch): Buffer {
  const head = JSON.stringify({ type: 'tocsin.batch', channel: channelId, revision, lane });
  return Buffer.from(`${head.slice(0, -1)},"records":[${records.map(({ body }) => body).join(',')}]}`);
}
