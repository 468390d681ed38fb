import type { DataSource } from 'typeorm';
import {
  channelTopicPlan,
  FEEDBACK_TOPIC_PLAN,
  platformTopicPlan,
  SUBMISSIONS_TOPIC_PLAN,
  type TopicPlan,
} from '#libs/events';
import type { TopicAdmin } from '#libs/messaging';
import { Channel, Subscription } from '#libs/persistence';

/** Storage key of the connector that writes to a platform's own topic. */
export const KAFKA_CONNECTOR = 'kafka';

/** How long a topic that was found right is taken for right. */
const TRUSTED_MS = 10 * 60_000;

/** Makes the topics that channels and platforms need. None is ever deleted from here: a topic may be somebody's only copy. */
export class KafkaTopics {
  private readonly ensuredAt = new Map<string, number>();

  constructor(
    private readonly database: DataSource,
    private readonly admin: TopicAdmin,
    private readonly replication: number,
  ) {}

  /**
   * Creates what is missing and mends configurations that differ.
   * @returns names of the topics that were made or mended
   * @throws a transient `TOC_KAFKA_UNAVAILABLE`; a fault when a topic has another number of partitions
   */
  async ensureAll(): Promise<string[]> {
    const channels = await this.database.getRepository(Channel).find({ select: { id: true } });
    // A platform that left still gets withdrawals of what it was sent.
    const subscriptions = await this.database.getRepository(Subscription).findBy({ connector: KAFKA_CONNECTOR });
    const platforms = [...new Set(subscriptions.map(({ platformId }) => platformId))];
    const plans = [
      SUBMISSIONS_TOPIC_PLAN,
      FEEDBACK_TOPIC_PLAN,
      ...channels.map(({ id }) => channelTopicPlan(id)),
      ...platforms.map(platformTopicPlan),
    ];
    const present = new Set(await this.admin.listTopics());
    const changed: string[] = [];
    const failures: unknown[] = [];
    for (const plan of plans) {
      const trusted = present.has(plan.topic) && (this.ensuredAt.get(plan.topic) ?? 0) > Date.now() - TRUSTED_MS;
      if (trusted) continue;
      // One topic that is not as it should be keeps no other from being made.
      const outcome = await this.ensure(plan).catch((thrown: unknown) => void failures.push(thrown));
      if (outcome === 'created' || outcome === 'altered') changed.push(plan.topic);
    }
    if (failures.length > 0) throw failures[0];
    return changed;
  }

  /** Makes the topic of one channel. */
  async ensureOfChannel(channelId: string): Promise<void> {
    await this.ensure(channelTopicPlan(channelId));
  }

  /** Makes one platform's own topic, and looks at no other: what is wrong elsewhere is not this platform's wait. */
  async ensureOfPlatform(platformId: string): Promise<void> {
    await this.ensure(platformTopicPlan(platformId));
  }

  private async ensure({ topic, partitions, configs }: TopicPlan): Promise<'created' | 'altered' | 'unchanged'> {
    const outcome = await this.admin.ensureTopic({
      topic,
      partitions,
      replicationFactor: this.replication,
      // One replica may fail without a stop, and no write is acknowledged that only one replica has.
      configs: this.replication >= 3 ? { ...configs, 'min.insync.replicas': '2' } : configs,
    });
    this.ensuredAt.set(topic, Date.now());
    return outcome;
  }
}
