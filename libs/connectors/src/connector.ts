import type { ConnectorContext } from './connector-ports.js';
import type { DailyFiles } from './daily-files.js';
import type { OutgoingBatch } from './outgoing-batch.js';

export * from './connector-ports.js';
export * from './outgoing-batch.js';

/**
 * How a delivery ended.
 * - `sent`: the receiver has it; `evidence` is kept in the receipt (status, durations; never a body).
 * - `refused`: the receiver does not want this content (400, 413, 422): the batch is halved, a single record parked.
 * - `unavailable`: nothing can be delivered now; retried with backoff, `retryAfterMs` when the receiver said so.
 * - `gone`: the receiver said for good (410): the endpoint is paused and a person told.
 */
export type DeliveryOutcome =
  | { outcome: 'sent'; evidence: Record<string, string | number> }
  | { outcome: 'refused'; detail: string; evidence?: Record<string, string | number> }
  | { outcome: 'unavailable'; detail: string; retryAfterMs?: number; evidence?: Record<string, string | number> }
  | { outcome: 'gone'; detail: string };

/** Settings after registration, ready to be stored; `secrets` are stored sealed and shown to the platform once. */
export interface Registration<Settings> {
  settings: Settings;
  secrets: Record<string, string>;
  /** What the platform's engineer needs once: public keys, secrets, topic names. */
  handOver: Record<string, string | string[]>;
}

/** Bounds of one delivery. A batch beyond them is answered `refused` without anything being sent, so that it is halved. */
export interface BatchLimits {
  records: number;
  /** Bytes of the whole delivery as sent. */
  bytes: number;
}

/** New secrets of a subscription, made while the earlier ones stay good for a while. */
export interface Rotation {
  secrets: Record<string, string>;
  /** What the platform's engineer needs once. */
  handOver: Record<string, string | string[]>;
}

/** Public keys in their written form, index by index with their ids. */
export type PublicKeysShown = { public_keys: string[]; public_key_ids: string[] };

/** One kind of delivery. One folder and one line in the registry. */
export interface Connector<Settings extends object = object> {
  /** Storage key, kebab-case; never changes. */
  readonly id: string;
  readonly title: string;
  /** What its wire form can carry; a form without the ceiling gets only rows that may be limited or blocked. */
  readonly carries: { ceiling: boolean; drill: boolean };
  /**
   * What a platform must hold to read what was sent; then nothing is sent while it does not hold it, since nobody would
   * have it. Absent where whoever answers has it.
   */
  readonly readWith?: 'kafka-user';
  /** A platform has at most one subscription of this kind: two would answer differently in one place. */
  readonly onePerPlatform?: true;
  /** Largest batch it takes. */
  readonly batch: BatchLimits;
  /** Largest batch under these settings, where a platform may ask for less. */
  batchOf?(settings: Settings): BatchLimits;
  /** Reads settings given by a platform. @throws a rejection `TOC_CONNECTOR_SETTINGS` naming each field */
  readSettings(given: unknown): Settings;
  /** Proves that the receiver is there and willing, and makes its secrets. @throws `TOC_CONNECTOR_CHALLENGE`, `TOC_CONNECTOR_EGRESS` */
  register(platformId: string, settings: Settings, context: ConnectorContext): Promise<Registration<Settings>>;
  /**
   * The deployment's public keys by which deliveries under these settings are verified now, newest first; absent, or
   * undefined, where nothing is verified by them.
   */
  publicKeys?(settings: Settings, context: Pick<ConnectorContext, 'signing'>): PublicKeysShown | undefined;
  /**
   * Makes new secrets beside the present ones, which stay good for `overlapMs`. Absent where a subscription has no
   * secret of its own.
   */
  rotate?(settings: Settings, secrets: Record<string, string>, context: ConnectorContext, overlapMs: number): Rotation;
  /**
   * Takes new secrets that the platform made, once they are proved to work. Absent where a platform makes none.
   * @param given as the platform says them
   * @throws rejections `TOC_CONNECTOR_SETTINGS`, `TOC_CONNECTOR_CHALLENGE`, `TOC_CONNECTOR_EGRESS`
   */
  rekey?(settings: Settings, given: unknown, context: ConnectorContext): Promise<Rotation>;
  /** Absent where nothing is sent, because the platform fetches. */
  deliver?(
    batch: OutgoingBatch,
    settings: Settings,
    secrets: Record<string, string>,
    context: ConnectorContext,
  ): Promise<DeliveryOutcome>;
  /** Absent where nobody is given everything at once, day by day. */
  readonly daily?: DailyFiles<Settings>;
}

/** A connector that sends. */
export type SendingConnector<Settings extends object = object> = Connector<Settings> &
  Required<Pick<Connector<Settings>, 'deliver'>>;
