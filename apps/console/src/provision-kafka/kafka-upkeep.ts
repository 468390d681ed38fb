import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { familyOf } from '#libs/domain';
import { KafkaUser, Organisation } from '#libs/persistence';
import { BackgroundLoop, type Logger, type Telemetry } from '#libs/runtime';
import type { KafkaTopics } from './kafka-topics.js';
import type { KafkaUsers } from './kafka-users.js';
import { planUsers } from './user-plan.js';

const EVERY_MS = 60_000;
/** Making a topic takes milliseconds where Kafka answers. */
const TOPIC_MS = 5_000;

/**
 * Keeps Kafka as the directory says: users first, because taking away is urgent, then topics. Compares at the start,
 * every minute, and when woken by a change.
 */
export class KafkaUpkeep {
  private readonly loop: BackgroundLoop;

  constructor(
    private readonly database: DataSource,
    private readonly users: KafkaUsers,
    private readonly topics: KafkaTopics,
    private readonly parts: { logger: Logger; telemetry: Telemetry },
  ) {
    this.loop = new BackgroundLoop('provision-kafka', () => this.compare(), parts);
  }

  start(): void {
    this.loop.start();
  }

  wake(): void {
    this.loop.wake();
  }

  /**
   * Makes the topic of a channel that was opened just now, and not in its turn: an incident's first advisory may be on
   * its way. Waits for it no longer than a person would; the loop repeats what fails.
   */
  async channelOpened(channelId: string): Promise<void> {
    const made = this.topics.ensureOfChannel(channelId).catch((thrown: unknown) => {
      this.parts.logger.warn({ channel_id: channelId, err: thrown }, 'kafka-topic-not-made-yet');
      this.wake();
    });
    await Promise.race([made, pause(TOPIC_MS, undefined, { ref: false })]);
  }

  async stop(): Promise<void> {
    await this.loop.stop();
  }

  /** Removes what a platform must not have any more, now and not in its turn; the loop repeats what fails. */
  cutOff(platformId: string): void {
    void this.settle(platformId).catch((thrown: unknown) => {
      this.parts.logger.warn({ platform_id: platformId, err: thrown }, 'kafka-user-not-removed-yet');
      this.wake();
    });
  }

  private async compare(): Promise<number> {
    await this.compareUsers();
    const changed = await this.topics.ensureAll();
    if (changed.length > 0) this.parts.logger.info({ topics: changed }, 'kafka-topics-made');
    return EVERY_MS;
  }

  /** One platform whose user cannot be settled keeps no other from being settled. */
  private async compareUsers(): Promise<void> {
    const platforms = await this.database.getRepository(Organisation).findBy({ kind: 'platform' });
    const wanted = await this.database.getRepository(KafkaUser).find();
    const platformIds = platforms.map(({ id }) => id);
    const plan = planUsers(wanted, platformIds, await this.users.listPresent());
    const failures: unknown[] = [];
    for (const platformId of [...plan.surplus, ...plan.present]) {
      await this.settle(platformId).catch((thrown: unknown) => failures.push(thrown));
    }
    // Credentials of this moment may still be on their way to Kafka.
    const young = wanted.filter(({ changedAt }) => changedAt.getTime() > Date.now() - EVERY_MS);
    const missing = plan.missing.filter((id) => !young.some(({ platformId }) => platformId === id));
    const gauge = this.parts.telemetry.gauge('kafka_users_missing', 'Granted Kafka users that are not on the cluster');
    gauge.set(missing.length);
    if (missing.length > 0) this.parts.logger.error({ platforms: missing }, 'kafka-users-missing');
    if (plan.strangers.length > 0) this.parts.logger.warn({ users: plan.strangers.length }, 'kafka-users-of-nobody');
    if (failures.length > 0) throw failures.find((thrown) => familyOf(thrown) === 'fault') ?? failures[0];
  }

  private async settle(platformId: string): Promise<void> {
    const { removed } = await this.users.settle(platformId);
    if (removed.length > 0) this.parts.logger.info({ platform_id: platformId, users: removed }, 'kafka-user-removed');
  }
}
