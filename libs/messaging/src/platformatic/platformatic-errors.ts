import { GenericError, MultipleErrors } from '@platformatic/kafka';
import { kafkaVerdict, type KafkaVerdict } from '../kafka-verdict.js';

/** Deeper than the library wraps; a bound, since causes may run in a circle. */
const DEPTH = 8;

/** The name that Kafka's protocol gives the error, found in an error, the errors it gathers, or its causes. */
export function kafkaErrorId(error: unknown, depth = 0): string | undefined {
  if (!(error instanceof Error) || depth > DEPTH) return undefined;
  if ('apiId' in error && typeof error.apiId === 'string') return error.apiId;
  const gathered: readonly unknown[] = error instanceof AggregateError ? error.errors : [];
  // The last of several tries tells how things stand.
  for (const inner of [...gathered].reverse().concat(error.cause)) {
    const id = kafkaErrorId(inner, depth + 1);
    if (id !== undefined) return id;
  }
  return undefined;
}

/** Judges an error of the library by the Kafka error in it. */
export function verdictOf(error: unknown): KafkaVerdict {
  return kafkaVerdict(kafkaErrorId(error));
}

/** One line for a log: the name in Kafka's protocol, else the innermost message. */
export function summaryOf(error: unknown): string {
  const id = kafkaErrorId(error);
  if (id !== undefined) return id;
  if (error instanceof MultipleErrors) return summaryOf(error.errors.at(-1));
  if (error instanceof GenericError && error.cause instanceof Error) return error.cause.message;
  return error instanceof Error ? error.message : String(error);
}
