import { REPORTING_DUTY, reportingRouteOf } from '#libs/domain';
import type { OutgoingBatch } from '../connector.js';

/**
 * The body of a delivery: `{"type":"tocsin.batch","channel":…,"revision":…,"lane":…,"reporting":…,"records":[…]}`. `reporting` says
 * where abuse material is reported in the platform's country, whatever a ceiling says. The records are JSON text already and are joined as they are, so that a receiver gets the very bytes that were published, the same
 * at every repeat.
 */
export function webhookBody({ channelId, revision, lane, records, platformCountry }: OutgoingBatch): Buffer {
  const reporting = { ...reportingRouteOf(platformCountry), duty: REPORTING_DUTY };
  const head = JSON.stringify({ type: 'tocsin.batch', channel: channelId, revision, lane, reporting });
  return Buffer.from(`${head.slice(0, -1)},"records":[${records.map(({ body }) => body).join(',')}]}`);
}
