/**
 * What an error in Kafka's protocol means for the call that failed:
 * - `refused`: the broker will never take these records or this request, whichever clock or version it meets. - `forbidden`: this user may not do that.
 * - `no-topic`: there is no such topic (yet). - `outage`: anything else, to be tried again.
 */
export type KafkaVerdict = 'refused' | 'forbidden' | 'no-topic' | 'outage';

const VERDICTS: Readonly<Record<string, KafkaVerdict>> = {
  MESSAGE_TOO_LARGE: 'refused',
  RECORD_LIST_TOO_LARGE: 'refused',
  INVALID_RECORD: 'refused',
  INVALID_TOPIC_EXCEPTION: 'refused',
  INVALID_CONFIG: 'refused',
  INVALID_PARTITIONS: 'refused',
  POLICY_VIOLATION: 'refused',
  TOPIC_AUTHORIZATION_FAILED: 'forbidden',
  GROUP_AUTHORIZATION_FAILED: 'forbidden',
  CLUSTER_AUTHORIZATION_FAILED: 'forbidden',
  UNKNOWN_TOPIC_OR_PARTITION: 'no-topic',
};

/** @param name of the error in Kafka's protocol; undefined when the broker said nothing */
export function kafkaVerdict(name: string | undefined): KafkaVerdict {
  return VERDICTS[name ?? ''] ?? 'outage';
}
