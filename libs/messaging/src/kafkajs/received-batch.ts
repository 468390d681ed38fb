import type { Batch, KafkaMessage } from 'kafkajs';
import type { ReceivedRecord, RecordBatch, RecordHeaders } from '../kafka-client.js';

/** A fetched batch in the port's terms; keys, values and headers stay the buffers they are. */
export function toRecordBatch({ topic, partition, messages }: Batch): RecordBatch {
  return { topic, partition, records: messages.map(toReceivedRecord) };
}

function toReceivedRecord({ offset, timestamp, key, value, headers }: KafkaMessage): ReceivedRecord {
  return { offset: BigInt(offset), timestamp: Number(timestamp), key, value, headers: toHeaders(headers) };
}

/** kafkajs reads headers as buffers, and a repeated name as a list of them. */
function toHeaders(headers: KafkaMessage['headers']): RecordHeaders {
  const read: Record<string, Buffer | readonly Buffer[]> = {};
  for (const name in headers) {
    const value = headers[name];
    if (Buffer.isBuffer(value)) read[name] = value;
    else if (Array.isArray(value)) read[name] = value.map((each) => Buffer.from(each));
    else read[name] = Buffer.alloc(0);
  }
  return read;
}
