import type { ConnectionOptions } from '@platformatic/kafka';
import type { KafkaConnection } from '../kafka-client.js';

/** How `@platformatic/kafka` reaches a cluster: who it is there, and how long it waits. */
export function connectionOptions({ sasl, tls }: KafkaConnection): ConnectionOptions {
  return {
    connectTimeout: 3_000,
    requestTimeout: 15_000,
    ...(sasl && {
      sasl: {
        mechanism: sasl.mechanism === 'scram-sha-256' ? ('SCRAM-SHA-256' as const) : ('SCRAM-SHA-512' as const),
        username: sasl.username,
        password: sasl.password,
      },
    }),
    ...(tls && { tls: typeof tls === 'boolean' ? {} : { ca: tls.ca, cert: tls.certificate, key: tls.key } }),
  };
}
