import kafkajs, { type IHeaders, type Message } from 'kafkajs';
import { randomUUID } from 'node:crypto';

/*
 * The ceiling of the bulk bench, as a process of its own: bare kafkajs, acks=all, idempotent, batches of 500, copies of one
 * record of the exchange under keys of their own. Password and record are read from the environment. Prints records per
 * second as JSON.
 */

/** A record as it stood on a channel's topic; the value in base64. */
export interface RecordCopied {
  headers: IHeaders;
  value: string;
}

const [brokers = '', username = '', topic = '', lines = '0'] = process.argv.slice(2);
const password = process.env.BARE_PRODUCER_PASSWORD ?? '';
const record = JSON.parse(process.env.BARE_PRODUCER_RECORD ?? '') as RecordCopied;
const { Kafka, logLevel } = kafkajs;
const BATCH = 500;

const kafka = new Kafka({
  clientId: 'bare',
  brokers: brokers.split(','),
  sasl: { mechanism: 'scram-sha-512', username, password },
  logLevel: logLevel.NOTHING,
});
const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
await producer.connect();
const value = Buffer.from(record.value, 'base64');
const total = Number(lines);
const batch = (from: number): Message[] =>
  Array.from({ length: Math.min(BATCH, total - from) }, () => ({ key: randomUUID(), headers: record.headers, value }));
const started = performance.now();
for (let sent = 0; sent < total; sent += BATCH) await producer.send({ topic, acks: -1, messages: batch(sent) });
const seconds = (performance.now() - started) / 1000;
await producer.disconnect();
process.stdout.write(JSON.stringify({ recordsPerSecond: total / seconds }));
