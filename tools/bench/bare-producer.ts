import kafkajs, { type Message } from 'kafkajs';
import { randomBytes } from 'node:crypto';

/*
 * The ceiling of the bulk bench, as a process of its own: bare kafkajs, acks=all, idempotent, batches of 500, records of
 * the size that a row has. The password is read from the environment. Prints records per second
 * as JSON.
 */
const [brokers = '', username = '', topic = '', lines = '0', bytes = '700'] = process.argv.slice(2);
const password = process.env.BARE_PRODUCER_PASSWORD ?? '';
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
const padding = 'x'.repeat(Number(bytes) - 40);
const total = Number(lines);
const batch = (from: number): Message[] =>
  Array.from({ length: Math.min(BATCH, total - from) }, () => {
    const key = randomBytes(16).toString('hex');
    return { key, value: `${key}${padding}` };
  });
const started = performance.now();
for (let sent = 0; sent < total; sent += BATCH) await producer.send({ topic, acks: -1, messages: batch(sent) });
const seconds = (performance.now() - started) / 1000;
await producer.disconnect();
process.stdout.write(JSON.stringify({ recordsPerSecond: total / seconds }));
