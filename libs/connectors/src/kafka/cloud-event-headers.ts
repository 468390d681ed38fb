import { reportingRouteOf } from '#libs/domain';
import { EVENT_TYPES } from '#libs/events';
import type { OutgoingBatch, OutgoingRecord } from '../connector.js';

const TYPE_OF_KIND: Record<OutgoingRecord['kind'], string> = {
  row: EVENT_TYPES.row,
  withdrawal: EVENT_TYPES.withdrawal,
  'membership-ended': EVENT_TYPES.membershipEnded,
};

/**
 * Headers of a record in binary mode (CloudEvents 1.0, Kafka protocol binding, section 3.2). Everything comes from the
 * record, the time too, so that a repeat carries the same headers. Channel, version and subscription revision stand
 * beside them: a reader orders by the last two, and can decide without parsing the value; so does where abuse material is
 * reported in the platform's country.
 */
export function cloudEventHeaders(
  { channelId, revision, platformCountry }: OutgoingBatch,
  record: OutgoingRecord,
): Record<string, string> {
  const time = publishedAt(record.body);
  return {
    ce_specversion: '1.0',
    ce_id: record.eventId,
    ce_source: `urn:tocsin:channel:${channelId}`,
    ce_type: TYPE_OF_KIND[record.kind],
    ...(time === undefined ? {} : { ce_time: time }),
    'content-type': 'application/json',
    tocsin_channel: channelId,
    tocsin_version: String(record.version),
    tocsin_revision: String(revision),
    tocsin_reporting: reportingRouteOf(platformCountry).url,
  };
}

function publishedAt(body: string): string | undefined {
  const record: unknown = JSON.parse(body);
  if (typeof record !== 'object' || record === null || !('published_at' in record)) return undefined;
  return typeof record.published_at === 'string' ? record.published_at : undefined;
}
