/**
 * What an error of kafkajs means for the call that failed:
 * - `refused`: the broker will never take these records or this request. - `forbidden`: this user may not do that.
 * - `no-topic`: there is no such topic (yet). - `sequence-lost`: this producer's sequence numbers are out of step with
 *   the broker's; another producer is needed. - `outage`: anything else, to be tried again.
 */
export type KafkajsVerdict = 'refused' | 'forbidden' | 'no-topic' | 'sequence-lost' | 'outage';

const VERDICTS: Readonly<Record<string, KafkajsVerdict>> = {
  MESSAGE_TOO_LARGE: 'refused',
  RECORD_LIST_TOO_LARGE: 'refused',
  INVALID_RECORD: 'refused',
  INVALID_TIMESTAMP: 'refused',
  INVALID_TOPIC_EXCEPTION: 'refused',
  INVALID_CONFIG: 'refused',
  INVALID_PARTITIONS: 'refused',
  POLICY_VIOLATION: 'refused',
  UNSUPPORTED_VERSION: 'refused',
  TOPIC_AUTHORIZATION_FAILED: 'forbidden',
  GROUP_AUTHORIZATION_FAILED: 'forbidden',
  CLUSTER_AUTHORIZATION_FAILED: 'forbidden',
  UNKNOWN_TOPIC_OR_PARTITION: 'no-topic',
  OUT_OF_ORDER_SEQUENCE_NUMBER: 'sequence-lost',
  DUPLICATE_SEQUENCE_NUMBER: 'sequence-lost',
  UNKNOWN_PRODUCER_ID: 'sequence-lost',
  INVALID_PRODUCER_EPOCH: 'sequence-lost',
};

/** Deeper than kafkajs wraps; a bound, since causes may run in a circle. */
const DEPTH = 8;

/** The Kafka error name (`type`) found in an error, in its causes, or first in a list of errors; kafkajs wraps in both ways. */
export function kafkaErrorType(error: unknown): string | undefined {
  const named = chainOf(error).find((each) => 'type' in each && typeof each.type === 'string');
  return named && 'type' in named ? String(named.type) : undefined;
}

/** Judges an error of kafkajs by the Kafka error in it. */
export function verdictOf(error: unknown): KafkajsVerdict {
  return VERDICTS[kafkaErrorType(error) ?? ''] ?? 'outage';
}

/** One line for a log: the Kafka error name, else the message of the innermost cause. */
export function summaryOf(error: unknown): string {
  return kafkaErrorType(error) ?? chainOf(error).at(-1)?.message ?? String(error);
}

function chainOf(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let next = error; next instanceof Error && chain.length < DEPTH;) {
    chain.push(next);
    next = 'errors' in next && Array.isArray(next.errors) ? next.errors[0] : next.cause;
  }
  return chain;
}
