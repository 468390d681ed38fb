import kafkajs, { type Admin } from 'kafkajs';
import { fault, TocsinError, transient } from '#libs/domain';
import type { PartitionOffsets, TopicAdmin, TopicWanted } from '../kafka-client.js';
import { backoffMs, pause } from '../pause-between-tries.js';
import { summaryOf, verdictOf } from './kafkajs-errors.js';
import { endLink, type OpenLink } from './kafkajs-link.js';

const CLOSE_MS = 2_000;
const INTERNAL_PREFIX = '__';
/** Together about ten seconds. */
const LOOK = { firstMs: 50, maxMs: 2_000 };
const MOST_LOOKS = 10;

/**
 * Runs one call on a connected kafkajs admin of its own. kafkajs' admin does not always recover from a lost
 * connection, and administration is rare, so no connection is kept.
 *
 * @throws a transient `TOC_KAFKA_UNAVAILABLE`, or a fault when this user may not do that
 */
export async function withAdmin<T>(openLink: OpenLink, call: (admin: Admin) => Promise<T>): Promise<T> {
  const link = openLink();
  const admin = link.kafka.admin();
  try {
    await admin.connect();
    return await call(admin);
  } catch (error) {
    if (error instanceof TocsinError) throw error;
    if (['forbidden', 'refused'].includes(verdictOf(error)))
      throw fault(`Kafka does not allow this (${summaryOf(error)}).`, error);
    throw transient('TOC_KAFKA_UNAVAILABLE', `Kafka did not do what was asked (${summaryOf(error)}).`, error);
  } finally {
    await endLink(link, () => admin.disconnect(), CLOSE_MS);
  }
}

/** The topics that this user may describe, without internal ones. */
export async function listExistingTopics(openLink: OpenLink): Promise<string[]> {
  const topics = await withAdmin(openLink, (admin) => admin.listTopics());
  return topics.filter((topic) => !topic.startsWith(INTERNAL_PREFIX)).sort();
}

/** Topic administration over kafkajs. */
export class KafkajsAdmin implements TopicAdmin {
  constructor(private readonly openLink: OpenLink) {}

  async ensureTopic(wanted: TopicWanted): Promise<'created' | 'altered' | 'unchanged'> {
    return withAdmin(this.openLink, async (admin) => {
      if (await create(admin, wanted)) return 'created';
      await refuseOtherPartitions(admin, wanted);
      return (await alterConfigs(admin, wanted)) ? 'altered' : 'unchanged';
    });
  }

  listTopics(): Promise<string[]> {
    return listExistingTopics(this.openLink);
  }

  offsets(topic: string): Promise<PartitionOffsets[] | null> {
    return withAdmin(this.openLink, async (admin) => {
      if (!(await exists(admin, topic))) return null;
      const offsets = await admin.fetchTopicOffsets(topic);
      return offsets
        .map(({ partition, low, high }) => ({ partition, startOffset: BigInt(low), endOffset: BigInt(high) }))
        .sort((a, b) => a.partition - b.partition);
    });
  }

  lag(groupId: string, topic: string): Promise<Map<number, bigint>> {
    return withAdmin(this.openLink, async (admin) => {
      if (!(await exists(admin, topic))) return new Map<number, bigint>();
      const ends = await admin.fetchTopicOffsets(topic);
      const committed = await admin.fetchOffsets({ groupId, topics: [topic] });
      const offsets = new Map(committed[0]?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
      return new Map(
        ends.map(({ partition, low, high }) => {
          const known = offsets.get(partition) ?? -1n;
          const from = known < BigInt(low) ? BigInt(low) : known;
          return [partition, BigInt(high) - from];
        }),
      );
    });
  }

  async deleteTopic(topic: string): Promise<void> {
    await withAdmin(this.openLink, async (admin) => {
      if (await exists(admin, topic)) await admin.deleteTopics({ topics: [topic] });
    });
  }

  async close(): Promise<void> {
    // Nothing is kept between calls.
  }
}

async function create(admin: Admin, { topic, partitions, replicationFactor, configs }: TopicWanted): Promise<boolean> {
  // kafkajs answers false when the topic is there already.
  const isNew = await admin.createTopics({
    waitForLeaders: false,
    topics: [
      {
        topic,
        numPartitions: partitions,
        replicationFactor,
        configEntries: Object.entries(configs ?? {}).map(([name, value]) => ({ name, value })),
      },
    ],
  });
  if (isNew) await untilKnown(admin, topic);
  return isNew;
}

/** kafkajs' own way of waiting for leaders takes a broker that has not heard of the new topic yet for a failure. */
async function untilKnown(admin: Admin, topic: string): Promise<void> {
  for (let looks = 0; ; looks += 1) {
    try {
      await admin.fetchTopicMetadata({ topics: [topic] });
      return;
    } catch (error) {
      if (verdictOf(error) !== 'no-topic' || looks >= MOST_LOOKS) throw error;
      await pause(backoffMs(LOOK, looks));
    }
  }
}

async function refuseOtherPartitions(admin: Admin, { topic, partitions }: TopicWanted): Promise<void> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  const existing = topics[0]?.partitions.length;
  if (existing !== partitions) {
    throw fault(`The topic ${topic} has ${existing} partitions where ${partitions} are wanted; keys would move.`);
  }
}

/** kafkajs knows only the call that replaces all configurations of a topic, so those set before are sent along. */
async function alterConfigs(admin: Admin, { topic, configs = {} }: TopicWanted): Promise<boolean> {
  const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: topic };
  const described = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] });
  const entries = described.resources[0]?.configEntries ?? [];
  const present = new Map(entries.map(({ configName, configValue }) => [configName, configValue]));
  if (Object.entries(configs).every(([name, value]) => present.get(name) === value)) return false;
  const setOnTopic = entries.filter(({ configSource }) => configSource === kafkajs.ConfigSource.TOPIC_CONFIG);
  const before = Object.fromEntries(setOnTopic.map(({ configName, configValue }) => [configName, configValue]));
  const configEntries = Object.entries({ ...before, ...configs }).map(([name, value]) => ({ name, value }));
  await admin.alterConfigs({ validateOnly: false, resources: [{ ...resource, configEntries }] });
  return true;
}

/** Asked beforehand, because kafkajs tries for seconds to find a topic that is not there. */
async function exists(admin: Admin, topic: string): Promise<boolean> {
  return (await admin.listTopics()).includes(topic);
}
