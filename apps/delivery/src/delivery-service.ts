import type { DynamicModule } from '@nestjs/common';
import { InternalVerifier, KeyRing } from '#libs/access';
import { connectorById } from '#libs/connectors';
import { openEgress, openMail } from '#libs/egress';
import { createKafkaClient, serviceConnection, TocsinKafkaStrategy } from '#libs/messaging';
import { openDatabase, query } from '#libs/persistence';
import type { ServiceDefinition, ServiceParts } from '#libs/runtime';
import { EndpointNotices } from './announce-endpoints/endpoint-notices.js';
import { FileMails } from './announce-files/file-mails.js';
import type { DeliveryConfig } from './config.js';
import { DeliverySlots } from './judge-endpoints/delivery-slots.js';
import type { Lane } from './disclose-and-send/delivery-target.js';
import { DispatchMetrics } from './disclose-and-send/dispatch-metrics.js';
import { RETRY_TIMES } from './judge-endpoints/endpoint-health.js';
import { DeadLetters } from './keep-dead-letters/dead-letters.js';
import { DeadLettersController } from './keep-dead-letters/dead-letters.controller.js';
import { connectorContexts, openSecrets } from './open-connectors/connector-contexts.js';
import { fileFolders } from './open-connectors/file-folders.js';
import { LaneDatabases } from './lane-databases.js';
import { Dispatcher } from './own-subscriptions/dispatcher.js';
import { watchDelivery } from './report-status/delivery-gauges.js';
import { StatusController } from './report-status/status.controller.js';
import { SendAgainController } from './send-again/send-again.controller.js';
import { FullFiles } from './write-full-files/full-files.js';
import type { FullFileParts } from './write-full-files/full-file-writer.js';
import { ChannelLanes } from './write-feed/channel-lanes.js';
import { FeedConsumer } from './write-feed/feed.consumer.js';
import { FeedMetrics } from './write-feed/feed-metrics.js';

/** No statement of delivery may take so long; one that does is given up and tried again. */
const STATEMENT_MS = 30_000;
/** Records of one transaction of the feed, and about their bytes: an emergency waits for the one under way. */
const FEED_RECORDS = 1_000;
const FEED_BYTES = 1_536 * 1024;

/** How long a killed process holds its partitions; 6 s is the least that brokers allow by default. */
const SESSION_MS: Record<Lane, number> = { ordinary: 10_000, emergency: 6_000 };

class Delivery {}

async function openDatabases(config: DeliveryConfig): Promise<LaneDatabases> {
  const open = (lane: string, connections: number) =>
    openDatabase({
      url: config.databaseUrl.reveal(),
      connections,
      applicationName: `tocsin-delivery-${lane}`,
      statementTimeoutMs: STATEMENT_MS,
    }).initialize();
  const ordinary = await open('ordinary', config.databaseConnections);
  return new LaneDatabases({ ordinary, emergency: await open('emergency', config.emergencyConnections) });
}

/**
 * Puts delivery together: a reader of channel topics for each lane, the dispatcher, and an internal interface. On the
 * way down the dispatcher ends first: requests under way are receipted, and another process may take over.
 */
export async function defineDelivery(parts: ServiceParts<DeliveryConfig>): Promise<ServiceDefinition> {
  const { config, logger, telemetry, health } = parts;
  const databases = await openDatabases(config);
  const { ordinary, emergency } = databases.of;
  const feedMetrics = new FeedMetrics(telemetry);
  const kafka = createKafkaClient(serviceConnection(config, 'delivery'), { logger, observer: feedMetrics.observer() });
  const egress = { ordinary: openEgress(config), emergency: openEgress(config) };
  const secretKeys = KeyRing.open(config.keysDir, 'endpoint-secrets');
  const deadLetters = new DeadLetters(ordinary);
  const reader = (lane: Lane): TocsinKafkaStrategy =>
    new TocsinKafkaStrategy({
      client: kafka,
      groupId: `${config.group}-${lane}`,
      deadLetters,
      logger,
      observer: feedMetrics.observer(),
      maxRecords: FEED_RECORDS,
      maxBytesPerPartition: FEED_BYTES,
      sessionTimeoutMs: SESSION_MS[lane],
    });
  const readers = { ordinary: reader('ordinary'), emergency: reader('emergency') };
  const lanes = new ChannelLanes(emergency, readers, parts);
  const calls: FullFileParts = {
    ...{ connectorById, logger },
    contexts: connectorContexts(
      ...([egress, kafka, KeyRing.open(config.keysDir, 'webhook-signing')] as const),
      config.filesDir === '' ? undefined : fileFolders(config.filesDir),
    ),
    unseal: (sealed, subscriptionId) => openSecrets(secretKeys, sealed, subscriptionId),
  };
  const dispatcher = new Dispatcher({
    ...{ ...calls, telemetry },
    databases: databases.of,
    onDirectory: () => lanes.wake(),
    databaseUrl: config.databaseUrl.reveal(),
    slots: new DeliverySlots({ ordinary: config.slots, emergency: config.emergencySlots }),
    metrics: new DispatchMetrics(telemetry),
    retryTimes: { ...RETRY_TIMES, pauseAfterMs: config.pauseAfterHours * 3_600_000 },
  });
  const mail = openMail(config);
  const notices = new EndpointNotices(ordinary, { mail, operators: config.operatorMail, logger, telemetry });
  const { confirmHours, confirmUrgentHours } = config;
  const fileMails = new FileMails(ordinary, { mail, confirmHours, confirmUrgentHours, logger, telemetry });
  const fullFiles = new FullFiles(ordinary, { ...calls, telemetry });
  watchDelivery(telemetry, ordinary, () => dispatcher.views());
  health.addReadiness('database', async () => {
    await query(ordinary, 'SELECT 1');
  });
  health.addReadiness('ownership', () => dispatcher.checkOwnership());

  const module: DynamicModule = {
    module: Delivery,
    controllers: [FeedConsumer, StatusController, SendAgainController, DeadLettersController],
    providers: [
      { provide: LaneDatabases, useValue: databases },
      { provide: ChannelLanes, useValue: lanes },
      { provide: FeedMetrics, useValue: feedMetrics },
      { provide: DeadLetters, useValue: deadLetters },
      { provide: InternalVerifier, useValue: InternalVerifier.open(config.keysDir, 'delivery') },
    ],
  };
  return {
    module,
    http: true,
    strategies: [readers.emergency, readers.ordinary],
    start: () => {
      lanes.start();
      dispatcher.start();
      notices.start();
      fullFiles.start();
      fileMails.start();
    },
    drain: async () => {
      await Promise.all([lanes, dispatcher, notices, fullFiles, fileMails].map((part) => part.stop()));
    },
    close: async () => {
      await Promise.allSettled([kafka.close(), egress.ordinary.close(), egress.emergency.close()]);
      await Promise.allSettled([ordinary.destroy(), emergency.destroy()]);
    },
  };
}
