/** Names of Kafka topics: one per noun, a version at the end. Channel topics are internal; platforms read only their own. */
export const SUBMISSIONS_TOPIC = 'tocsin.submissions.v1';

/** What platforms answered. */
export const FEEDBACK_TOPIC = 'tocsin.feedback.v1';

export function channelTopic(channelId: string): string {
  return `tocsin.channel.${channelId}.v1`;
}

export function platformTopic(platformId: string): string {
  return `tocsin.platform.${platformId}.v1`;
}

/** The channel of a channel topic; undefined for any other topic. */
export function channelOfTopic(topic: string): string | undefined {
  return /^tocsin\.channel\.([a-z0-9][a-z0-9-]*)\.v1$/.exec(topic)?.[1];
}

/** CloudEvents types. */
export const EVENT_TYPES = {
  submissionAccepted: 'tocsin.submission.accepted',
  row: 'tocsin.row',
  withdrawal: 'tocsin.withdrawal',
  membershipEnded: 'tocsin.membership-ended',
  feedbackGiven: 'tocsin.feedback.given',
} as const;

/** A table is compacted, and a receiver that stays away for long still finds every last record. */
const DAY_MS = 86_400_000;

/** A topic as it must be; replication is the deployment's. */
export interface TopicPlan {
  topic: string;
  partitions: number;
  configs: Record<string, string>;
}

/** The broker's clock: a sender whose own is wrong neither is refused nor shortens how long a record is kept. */
const BROKER_TIME = { 'message.timestamp.type': 'LogAppendTime' };

const TABLE = {
  ...BROKER_TIME,
  'cleanup.policy': 'compact',
  'max.compaction.lag.ms': String(DAY_MS),
  'min.insync.replicas': '1',
};

/** What the topic of submissions must look like. */
export const SUBMISSIONS_TOPIC_PLAN: TopicPlan = {
  topic: SUBMISSIONS_TOPIC,
  partitions: 6,
  configs: { ...BROKER_TIME, 'cleanup.policy': 'delete', 'retention.ms': String(7 * DAY_MS) },
};

/** What the topic of answers must look like; what is about one row stays in order. */
export const FEEDBACK_TOPIC_PLAN: TopicPlan = {
  topic: FEEDBACK_TOPIC,
  partitions: 3,
  configs: { ...BROKER_TIME, 'cleanup.policy': 'delete', 'retention.ms': String(7 * DAY_MS) },
};

/** What a channel's topic must look like. */
export function channelTopicPlan(channelId: string): TopicPlan {
  return { topic: channelTopic(channelId), partitions: 1, configs: TABLE };
}

/** What a platform's own topic must look like. */
export function platformTopicPlan(platformId: string): TopicPlan {
  return { topic: platformTopic(platformId), partitions: 1, configs: TABLE };
}
