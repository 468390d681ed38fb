import type { ErrorCode } from '#libs/domain';

/** A partition of a topic, as metrics label it. */
export interface Place {
  topic: string;
  partition: number;
}

/** Why a batch or record did not go through at once; the three families of the domain's errors. */
export type Trouble = 'rejection' | 'transient' | 'fault';

/**
 * What messaging tells a metrics registry. Methods are called on the hot path and must neither throw nor wait.
 * Which registry listens is the application's choice.
 */
export interface MessagingObserver {
  /** Records of one send are acknowledged by all in-sync replicas. Counter and histogram. */
  produced(topic: string, records: number, durationMs: number): void;
  /** A send failed and is tried again. Counter. */
  produceRetried(reason: string): void;
  /** A batch, or a single record in isolation, was handled and is about to be committed. Counter and histogram. */
  handled(place: Place, records: number, durationMs: number): void;
  /** A call of a handler threw. Counter by family. */
  troubled(place: Place, trouble: Trouble): void;
  /** Records between the committed offset and the end of the partition when last fetched. Gauge. */
  lag(place: Place, records: number): void;
  /** A partition stopped moving because of an error, or moves again. Gauge of paused partitions. */
  pausedChanged(place: Place, paused: boolean): void;
  /** One record was given up for good and is kept by the sink. Counter by code. */
  deadLettered(place: Place, code: ErrorCode): void;
  /** A fault that somebody has to look at: alarm. */
  alarmed(place: Place, code: ErrorCode): void;
  /** A consumer's client was replaced. Counter by reason. */
  consumerRebuilt(groupId: string, reason: string): void;
}

const nothing = (): void => undefined;

/** Listens to nothing. */
export const silentObserver: MessagingObserver = {
  produced: nothing,
  produceRetried: nothing,
  handled: nothing,
  troubled: nothing,
  lag: nothing,
  pausedChanged: nothing,
  deadLettered: nothing,
  alarmed: nothing,
  consumerRebuilt: nothing,
};
