import { platformTopic } from '#libs/events';

/** What a platform is given on Kafka, and nothing beyond it. */
export interface KafkaAccess {
  /** The platform's own topic, which it may read. */
  topic: string;
  /** Its consumer groups have to begin with this. */
  groupPrefix: string;
  /** Its SCRAM user, or the beginning of the name where each issue of credentials has one of its own. */
  user: string;
}

/** The names under which a platform is known to Kafka; whoever provisions credentials takes them from here. */
export function kafkaAccess(platformId: string): KafkaAccess {
  return {
    topic: platformTopic(platformId),
    groupPrefix: `tocsin.platform.${platformId}.`,
    user: `platform-${platformId}`,
  };
}
