import kafkajs, { type LogEntry, type logCreator } from 'kafkajs';
import type { MessagingLogger } from '../messaging-logger.js';

const { logLevel } = kafkajs;

/** The fields of a kafkajs log entry that may go into our logs: ids and counts. Never a record or a request body. */
const FIELDS = ['broker', 'clientId', 'groupId', 'memberId', 'topic', 'partition', 'error', 'retryCount', 'retryTime'];

/** Sends are repeated by our own loop, with the same sequence numbers, so this warning does not apply. */
const EXPECTED = 'Limiting retries for the idempotent producer may invalidate EoS guarantees';

/**
 * Routes kafkajs' own log into ours. What kafkajs calls an error is mostly a lost connection that heals by itself, so
 * its errors and warnings become warnings; what needs a person is said by the adapter.
 */
export function kafkajsLogging(logger: MessagingLogger): logCreator {
  return () => (entry: LogEntry) => {
    const { message, ...extra } = entry.log;
    if (message === EXPECTED) return;
    const fields: Record<string, unknown> = { namespace: entry.namespace };
    for (const name of FIELDS) {
      const value: unknown = extra[name];
      if (value !== undefined) fields[name] = value instanceof Error ? value.message : value;
    }
    if (entry.level === logLevel.ERROR || entry.level === logLevel.WARN) logger.warn(fields, `kafkajs: ${message}`);
    else logger.debug(fields, `kafkajs: ${message}`);
  };
}
