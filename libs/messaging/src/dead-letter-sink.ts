import type { ErrorCode } from '#libs/domain';
import type { ReceivedRecord } from './kafka-client.js';

/** A record that will never be handled as it is, with where it lies. */
export interface DeadLetter {
  groupId: string;
  topic: string;
  partition: number;
  record: ReceivedRecord;
}

/**
 * Keeps dead letters where a person can look at them and play them again; applications keep them in PostgreSQL,
 * there is no dead-letter topic.
 */
export interface DeadLetterSink {
  /**
   * Resolves when the letter is durable: the consumer goes on and commits only then. A throw stops that partition
   * until a later try succeeds. A crash between the write and the commit repeats the call, so one letter per
   * (group, topic, partition, offset) is kept (I9).
   *
   * @param code why it was given up: a rejection's code, or `TOC_FAULT`
   * @param detail one sentence; of a rejection the one shown to senders, of a fault the error's text
   */
  write(letter: DeadLetter, code: ErrorCode, detail: string): Promise<void>;
}
