import type { RecordToSend, TopicRecords } from '../kafka-client.js';

/** Below Kafka's default `message.max.bytes` (1 MiB), which bounds the records of one partition in one request. */
const MAX_BYTES = 900_000;
/** kafkajs groups the messages of a partition in quadratic time; above this number that is felt. */
const MAX_RECORDS = 1_000;
/** Length fields, offset and timestamp deltas of a record, at most. */
const OVERHEAD_BYTES = 40;

/**
 * Cuts a send into produce requests that the broker can take, keeping the order of records. Bounds apply to each topic
 * in a request, since all its records may fall into one partition. A record that is larger than the bound goes alone:
 * its topic may allow it.
 */
export function* inRequests(batches: readonly TopicRecords[]): Generator<TopicRecords[]> {
  let request = new Map<string, { records: RecordToSend[]; bytes: number }>();
  for (const { topic, records } of batches) {
    for (const record of records) {
      const bytes = sizeOf(record);
      const open = request.get(topic);
      if (open && (open.bytes + bytes > MAX_BYTES || open.records.length >= MAX_RECORDS)) {
        yield finish(request);
        request = new Map([[topic, { records: [record], bytes }]]);
      } else if (open) {
        open.records.push(record);
        open.bytes += bytes;
      } else {
        request.set(topic, { records: [record], bytes });
      }
    }
  }
  if (request.size > 0) yield finish(request);
}

function finish(request: Map<string, { records: RecordToSend[] }>): TopicRecords[] {
  return Array.from(request, ([topic, { records }]) => ({ topic, records }));
}

function sizeOf({ key, value, headers }: RecordToSend): number {
  let bytes = OVERHEAD_BYTES + Buffer.byteLength(key) + (value === null ? 0 : Buffer.byteLength(value));
  for (const name in headers)
    bytes += OVERHEAD_BYTES / 4 + Buffer.byteLength(name) + Buffer.byteLength(headers[name] ?? '');
  return bytes;
}
