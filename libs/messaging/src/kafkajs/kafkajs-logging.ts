import type { LogEntry, logCreator } from 'kafkajs';
import type { MessagingLogger } from '../messaging-logger.js';

/** The fields of a kafkajs log entry that may go into our logs: ids and counts. Never a record or a request body. */
const FIELDS = ['broker', 'clientId', 'groupId', 'memberId', 'topic', 'partition', 'error', 'retryCount', 'retryTime'];

/**
 * Routes kafkajs' own log into ours, at debug level whatever kafkajs calls it: it reports every attempt to connect as
 * an error, dozens in a short outage. What an operator has to know is said once by the adapter.
 */
export function kafkajsLogging(logger: MessagingLogger): logCreator {
  return () => (entry: LogEntry) => {
    const { message, ...extra } = entry.log;
    const fields: Record<string, unknown> = { namespace: entry.namespace, severity: entry.label };
    for (const name of FIELDS) {
      const value: unknown = extra[name];
      if (value !== undefined) fields[name] = value instanceof Error ? value.message : value;
    }
    logger.debug(fields, `kafkajs: ${message}`);
  };
}
