import kafkajs, { type Kafka, type RetryOptions } from 'kafkajs';
import type { KafkaConnection } from '../kafka-client.js';
import type { MessagingLogger } from '../messaging-logger.js';
import { pause } from '../pause-between-tries.js';
import { kafkajsLogging } from './kafkajs-logging.js';
import { SeverableSockets } from './severable-sockets.js';

/** A kafkajs client of its own, with the sockets it uses. Makes one producer, consumer or admin; then it is thrown away. */
export interface KafkajsLink {
  kafka: Kafka;
  sockets: SeverableSockets;
}

/** Makes links to one cluster as one user; `retry` bounds what kafkajs tries by itself. */
export type OpenLink = (retry?: RetryOptions) => KafkajsLink;

/**
 * Retries inside kafkajs: about five seconds. Longer outages are ridden out by the adapter. Every value is given,
 * because kafkajs has other defaults under NODE_ENV=test.
 */
export const BRIEF_RETRY = { retries: 5, initialRetryTime: 100, maxRetryTime: 2_000, factor: 0.2, multiplier: 2 };

/**
 * For consumers: more than a minute. A consumer that comes back after an outage as the same member goes on at once; a
 * new member has to wait until the broker has given up the old one.
 */
export const PATIENT_RETRY = { ...BRIEF_RETRY, retries: 40 };

/** How long the broker may take over one request before it counts as lost. */
export const REQUEST_TIMEOUT_MS = 15_000;

/** @returns a function that opens independent links */
export function linkOpener(connection: KafkaConnection, logger: MessagingLogger): OpenLink {
  return (retry = BRIEF_RETRY) => {
    const sockets = new SeverableSockets();
    const kafka = new kafkajs.Kafka({
      clientId: connection.clientId,
      // No brokers is the one answer that ends kafkajs' attempts to connect.
      brokers: () => (sockets.isSevered ? [] : [...connection.brokers]),
      ssl: tlsOptions(connection.tls),
      sasl: saslOptions(connection.sasl),
      connectionTimeout: 3_000,
      authenticationTimeout: 10_000,
      requestTimeout: REQUEST_TIMEOUT_MS,
      retry,
      socketFactory: sockets.create,
      logLevel: kafkajs.logLevel.INFO,
      logCreator: kafkajsLogging(logger),
    });
    return { kafka, sockets };
  };
}

/** Disconnects in the client's own way when that works within the time, and cuts the sockets in any case. */
export async function endLink(link: KafkajsLink, disconnect: () => Promise<void>, timeoutMs: number): Promise<void> {
  const gaveUp = new AbortController();
  await Promise.race([disconnect().catch(() => undefined), pause(timeoutMs, gaveUp.signal)]);
  gaveUp.abort();
  link.sockets.sever();
}

function tlsOptions(tls: KafkaConnection['tls']) {
  if (tls === undefined || typeof tls === 'boolean') return tls;
  return { ca: tls.ca, cert: tls.certificate, key: tls.key };
}

function saslOptions(sasl: KafkaConnection['sasl']) {
  if (sasl === undefined) return undefined;
  const { username, password } = sasl;
  return sasl.mechanism === 'scram-sha-256'
    ? { mechanism: 'scram-sha-256' as const, username, password }
    : { mechanism: 'scram-sha-512' as const, username, password };
}
