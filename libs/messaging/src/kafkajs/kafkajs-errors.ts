import { kafkaVerdict, type KafkaVerdict } from '../kafka-verdict.js';

/** Deeper than kafkajs wraps; a bound, since causes may run in a circle. */
const DEPTH = 8;

/** The Kafka error name (`type`) found in an error, in its causes, or first in a list of errors; kafkajs wraps in both ways. */
export function kafkaErrorType(error: unknown): string | undefined {
  const named = chainOf(error).find((each) => 'type' in each && typeof each.type === 'string');
  return named && 'type' in named ? String(named.type) : undefined;
}

/** Judges an error of kafkajs by the Kafka error in it. */
export function verdictOf(error: unknown): KafkaVerdict {
  return kafkaVerdict(kafkaErrorType(error));
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
