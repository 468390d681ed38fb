import { createKafkaClient, serviceConnection } from '#libs/messaging';
import { openDatabase, query } from '#libs/persistence';
import type { ServiceDefinition, ServiceParts } from '#libs/runtime';
import type { RelayConfig } from './config.js';
import { Relay } from './relay.js';

class RelayModule {}

/** Puts the relay together: one loop for each outbox and lane, and nothing that listens but operations. */
export async function defineRelay(parts: ServiceParts<RelayConfig>): Promise<ServiceDefinition> {
  const { config, logger, telemetry, health } = parts;
  const database = await openDatabase({
    url: config.databaseUrl.reveal(),
    connections: config.databaseConnections,
    applicationName: 'tocsin-relay',
    // A mark that is lost has its records sent again, with the same ids.
    lazyCommits: true,
  }).initialize();
  const kafka = createKafkaClient(serviceConnection(config, 'relay'), { logger });
  const relay = new Relay(database, kafka, config, logger, telemetry);
  health.addReadiness('database', () => query(database, 'SELECT 1'));
  return {
    module: { module: RelayModule },
    http: false,
    start: () => relay.start(),
    drain: () => relay.stop(),
    close: async () => {
      await kafka.close();
      await database.destroy();
    },
  };
}
