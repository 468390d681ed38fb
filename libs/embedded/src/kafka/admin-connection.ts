import { AuthenticationError, Connection, describeClusterV1 } from '@platformatic/kafka';
import type { KafkaAccount } from './kafka-settings.js';

const ENDPOINTS_OF_BROKERS = 1;

/**
 * Logs in to the broker of 127.0.0.1, hands the connection to `work` and closes it.
 * @throws whatever the client or `work` throws; each exchange is bounded at 5 s
 */
export async function withAdminConnection<Result>(
  port: number,
  admin: KafkaAccount,
  work: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  const connection = new Connection('tocsin-embedded', {
    connectTimeout: 2000,
    requestTimeout: 5000,
    sasl: { mechanism: 'SCRAM-SHA-512', username: admin.name, password: admin.password },
  });
  // The same errors reject the calls below.
  connection.on('error', () => undefined);
  try {
    await connection.connect('127.0.0.1', port);
    return await work(connection);
  } finally {
    await connection.close().catch(() => undefined);
  }
}

/** What one question to the broker brought: `ready` once it lists itself as a live member of its cluster. */
export type BrokerAnswer = 'ready' | 'not-yet' | 'wrong-password';

/** Asks the broker, as the admin, to describe its cluster (DescribeCluster, KIP-700). Never rejects. */
export async function askBroker(port: number, admin: KafkaAccount): Promise<BrokerAnswer> {
  try {
    const cluster = await withAdminConnection(port, admin, (connection) =>
      describeClusterV1.api.async(connection, false, ENDPOINTS_OF_BROKERS),
    );
    return cluster.brokers.length > 0 ? 'ready' : 'not-yet';
  } catch (error) {
    return refusesPassword(error) ? 'wrong-password' : 'not-yet';
  }
}

function refusesPassword(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof AuthenticationError) return true;
  }
  return false;
}
