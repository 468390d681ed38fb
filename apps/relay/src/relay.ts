import type { DataSource } from 'typeorm';
import type { KafkaClient } from '#libs/messaging';
import { LANE_NAMES, OUTBOXES } from '#libs/persistence';
import { BackgroundLoop, crashPoint, type Logger, type Telemetry } from '#libs/runtime';
import type { RelayConfig } from './config.js';
import { OutboxListener } from './publish-outbox/outbox-listener.js';
import { OutboxPublisher } from './publish-outbox/outbox-publisher.js';
import { pruneOutboxes } from './prune-outbox/prune-outbox.js';

const LANES = [0, 1] as const;

/** All loops of the relay: one for each outbox and lane, so that bulk never stands before an emergency. */
export class Relay {
  private readonly loops = new Map<string, BackgroundLoop>();
  private readonly pruning: BackgroundLoop;
  private readonly listener: OutboxListener;

  constructor(database: DataSource, kafka: KafkaClient, config: RelayConfig, logger: Logger, telemetry: Telemetry) {
    const parts = { logger, telemetry };
    const age = telemetry.gauge(
      'relay_oldest_unpublished_seconds',
      'Age of the oldest outbox row that is not on Kafka yet',
      ['outbox', 'lane'],
    );
    for (const schema of OUTBOXES) {
      for (const lane of LANES) {
        // A producer of its own: one producer writes one send at a time.
        const publisher = new OutboxPublisher(
          schema,
          lane,
          database,
          kafka.producer(),
          config.rowsAtOnce,
          logger,
          telemetry,
          () => crashPoint('after-send-before-mark'),
        );
        this.loops.set(
          `${schema}/${lane}`,
          new BackgroundLoop(`publish-${schema}-${lane}`, () => publisher.step(), parts),
        );
        telemetry.beforeScrape(async () =>
          age.set({ outbox: schema, lane: LANE_NAMES[lane] }, await publisher.oldestUnpublished()),
        );
      }
    }
    this.pruning = new BackgroundLoop('prune-outboxes', () => pruneOutboxes(database, config.keepHours), parts);
    this.listener = new OutboxListener(
      config.databaseUrl.reveal(),
      (schemaAndLane) => this.loops.get(schemaAndLane)?.wake(),
      logger,
    );
  }

  start(): void {
    this.listener.start();
    for (const loop of this.loops.values()) loop.start();
    this.pruning.start();
  }

  async stop(): Promise<void> {
    await this.listener.stop();
    await Promise.all([...this.loops.values(), this.pruning].map((loop) => loop.stop()));
  }
}
