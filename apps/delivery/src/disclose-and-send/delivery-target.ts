import type { RecoveredFrom } from '../send-again/recovery.js';
import type { BatchLimits, OutgoingBatch, SendingConnector } from '#libs/connectors';
import type { BatchSize } from '../choose-records/batch-size.js';
import type { Outgoing } from '#libs/feed';

export type Lane = OutgoingBatch['lane'];

/** One subscription on one channel: what a driver drives. */
export interface DeliveryTarget {
  subscriptionId: string;
  platformId: string;
  channelId: string;
  lane: Lane;
}

/** What a driver remembers between two attempts; lost with the process, and then found again or not needed. */
export interface DriverMemory {
  /** Made when the connector's bound is first known; one for each walk. */
  sizes: Map<0 | 1, BatchSize>;
  /**
   * Where the batch ended whose outcome is not known: the next attempt ends there too, so that an unchanged batch is
   * repeated as the same batch (I8). Undefined until it was looked up.
   */
  repeatUntil?: Map<0 | 1, bigint>;
  /** The stops under which waiting rows are looked at, and how far they were released; no position when all were. */
  release?: { under: string; after?: bigint };
  /** Whether the last batch was of parked records: then others have their turn first. */
  parkedLast: boolean;
  /** When the end of the membership may be said again after a refusal. */
  membershipNotBefore?: Date;
}

/** A batch that is disclosed and may leave now. */
export interface PreparedDelivery {
  batch: OutgoingBatch;
  /** What the batch is of: content, withdrawals, or the end of a membership. */
  walk: 0 | 1 | 2;
  /** Whether its records are parked ones; the cursor is beyond them already. */
  parked: boolean;
  /** Whether it is of a recovery, whose own position moves; the cursor is beyond it already. */
  recovers: RecoveredFrom | undefined;
  outgoing: Outgoing[];
  /** Where the cursor goes when it was sent. */
  until: bigint;
  connector: SendingConnector;
  limits: BatchLimits;
  settings: object;
  sealedSecrets: Buffer;
  /** Whether the subscription has parked records of this channel. */
  hasParked: boolean;
  /** Whether nothing is left to do when it was sent, unless something new came meanwhile. */
  isLast: boolean;
}
