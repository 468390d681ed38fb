import type { KafkaServiceConfig } from '#libs/runtime';
import type { KafkaConnection } from './kafka-client.js';

/** How a service reaches Kafka, as it is configured. */
export function serviceConnection(config: KafkaServiceConfig, service: string): KafkaConnection {
  return {
    brokers: config.kafkaBrokers,
    clientId: `tocsin-${service}`,
    sasl: { mechanism: 'scram-sha-512', username: config.kafkaUsername, password: config.kafkaPassword.reveal() },
    tls: config.kafkaTls,
  };
}
