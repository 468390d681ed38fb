import type { DynamicModule } from '@nestjs/common';
import { Authenticator, InternalSigner, KeyRing, PeerClient, type InternalAudience } from '#libs/access';
import { openEgress } from '#libs/egress';
import { createKafkaClient, serviceConnection, directKafkaCredentials } from '#libs/messaging';
import { openDatabase } from '#libs/persistence';
import type { ServiceDefinition, ServiceParts } from '#libs/runtime';
import { countDueAdmissions } from './admit-organisations/admissions.service.js';
import type { ConsoleConfig } from './config.js';
import { ConsoleModule } from './console.module.js';
import { ConfirmedWork } from './decide-together/confirmed-work.js';
import { Peers } from './peers.js';
import { ServiceProofs } from './prove-services/proof-of-service.js';
import { KafkaTopics } from './provision-kafka/kafka-topics.js';
import { KafkaUpkeep } from './provision-kafka/kafka-upkeep.js';
import { KafkaUsers } from './provision-kafka/kafka-users.js';
import { registrationContext } from './subscribe/connector-context.js';
import { Registrar } from './subscribe/registrar.js';
import { SecretResealing } from './subscribe/secret-resealing.js';

/** Head of the OpenAPI document, served at `/openapi.json` and committed. */
export const OPENAPI = {
  title: 'Tocsin console',
  description:
    'Organisations, people, keys, channels, subscriptions, protected lists, holds and what two operators decide. ' +
    'Every call carries `Authorization: Bearer <key>`; every error is a problem document (RFC 9457) with a stable code.',
};

/** Apart from the others, since they are held while Kafka is asked: nobody else waits when it answers slowly. */
const KAFKA_USERS_CONNECTIONS = 4;

function openPeers(config: ConsoleConfig): Peers {
  const signer = InternalSigner.open(config.keysDir, 'console');
  const peer = (url: string, audience: InternalAudience): PeerClient => new PeerClient(url, audience, signer);
  return new Peers(
    peer(config.intakeUrl, 'intake'),
    peer(config.normaliserUrl, 'normaliser'),
    peer(config.deliveryUrl, 'delivery'),
    peer(config.platformApiUrl, 'platform-api'),
  );
}

/** Puts the console together: its database, its way to Kafka, to receivers and to the other services. */
export async function defineConsole(parts: ServiceParts<ConsoleConfig>): Promise<ServiceDefinition> {
  const { config, logger, telemetry, health } = parts;
  const database = openDatabase({
    url: config.databaseUrl.reveal(),
    connections: config.databaseConnections,
    applicationName: 'tocsin-console',
  });
  await database.initialize();
  health.addReadiness('database', async () => {
    await database.query('SELECT 1');
  });
  const connection = serviceConnection(config, 'console');
  const kafka = createKafkaClient(connection, { logger });
  const egress = openEgress(config);
  const peers = openPeers(config);
  const forKafkaUsers = openDatabase({
    url: config.databaseUrl.reveal(),
    connections: KAFKA_USERS_CONNECTIONS,
    applicationName: 'tocsin-console-kafka-users',
  });
  await forKafkaUsers.initialize();
  const users = new KafkaUsers(forKafkaUsers, directKafkaCredentials(connection, logger));
  const topics = new KafkaTopics(database, kafka.admin(), config.kafkaReplication);
  const upkeep = new KafkaUpkeep(database, users, topics, { logger, telemetry });
  const work = new ConfirmedWork(database, peers, { logger, telemetry });
  const secretKeys = KeyRing.open(config.keysDir, 'endpoint-secrets');
  const signingKeys = KeyRing.open(config.keysDir, 'webhook-signing');
  const registrar = new Registrar(registrationContext(egress, signingKeys), secretKeys);
  const resealing = new SecretResealing(database, secretKeys, { logger, telemetry });
  const due = telemetry.gauge(
    'admissions_due',
    'Organisations whose admission two operators have to decide, or look at again',
  );
  telemetry.beforeScrape(async () => due.set(await countDueAdmissions(database)));
  const module: DynamicModule = ConsoleModule.of({
    database,
    authenticator: new Authenticator(database),
    peers,
    users,
    topics,
    upkeep,
    work,
    registrar,
    proofs: new ServiceProofs(egress, config.nameServers),
  });
  return {
    module,
    http: true,
    openapi: OPENAPI,
    start: () => {
      upkeep.start();
      work.start();
      resealing.start();
    },
    drain: async () => {
      await Promise.all([upkeep.stop(), work.stop(), resealing.stop()]);
    },
    close: async () => {
      await Promise.allSettled([kafka.close(), egress.close(), database.destroy(), forKafkaUsers.destroy()]);
    },
  };
}
