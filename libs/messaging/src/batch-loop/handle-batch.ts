import type { RecordBatch } from '../kafka-client.js';
import type { Backoff } from '../pause-between-tries.js';

/**
 * Handles the records of one batch: all of them, in order, or none. Its effects are durable when it resolves. It must
 * bear repeats: a batch comes again after a crash, and its records come one by one after a rejection or fault.
 *
 * Throws, by family of the domain's errors:
 * - rejection: the batch is repeated record by record, and the record that is still rejected becomes a dead letter;
 * - transient: the partition pauses and the batch is repeated, for as long as it lasts;
 * - fault, or anything else: loud; the batch is repeated record by record, and a record that still fails after a
 *   bounded number of tries becomes a dead letter and an alarm.
 *
 * @param stop aborted when the consumer closes or has lost the partition: a long handler may end early by throwing
 */
export type HandleBatch = (batch: RecordBatch, stop: AbortSignal) => Promise<void>;

/** How a failed handler is tried again. */
export interface RetryPolicy {
  /** Pauses after transient errors, and after a failed write of a dead letter. Default 200 ms to 30 s. */
  transient: Backoff;
  /** Pauses after faults. Default 1 s to 30 s. */
  fault: Backoff;
  /** Tries of a single record that end in a fault before it becomes a dead letter. Default 5. */
  faultTries: number;
}
