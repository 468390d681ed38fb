import type {
  BatchConsumer,
  ConsumerOptions,
  KafkaClient,
  KafkaConnection,
  Producer,
  TopicAdmin,
} from './kafka-client.js';
import type { MessagingLogger } from './messaging-logger.js';
import { type MessagingObserver, silentObserver } from './messaging-observer.js';
import { KafkajsAdmin } from './kafkajs/kafkajs-admin.js';
import { KafkajsConsumer } from './kafkajs/kafkajs-consumer.js';
import { linkOpener } from './kafkajs/kafkajs-link.js';
import { PlatformaticProducer } from './platformatic/platformatic-producer.js';

/** What a client reports to. */
export interface ClientReporting {
  logger: MessagingLogger;
  observer?: MessagingObserver;
}

/** A client of the cluster: reads and administers over kafkajs, writes over `@platformatic/kafka` (docs/adr/0010). Connects when first used. */
export function createKafkaClient(
  connection: KafkaConnection,
  { logger, observer = silentObserver }: ClientReporting,
): KafkaClient {
  const openLink = linkOpener(connection, logger);
  const made = new Set<{ close(): Promise<void> }>();
  const keep = <T extends Producer | BatchConsumer | TopicAdmin>(part: T): T => {
    made.add(part);
    return part;
  };
  return {
    producer: () => keep(new PlatformaticProducer(connection, logger, observer)),
    consumer: (options: ConsumerOptions) => keep(new KafkajsConsumer(openLink, options, logger, observer)),
    admin: () => keep(new KafkajsAdmin(openLink)),
    async close() {
      await Promise.all(Array.from(made, (part) => part.close()));
    },
  };
}
