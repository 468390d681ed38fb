/** One record on its way to a platform: the finished bytes of a channel record and what is needed to order it. */
export interface OutgoingRecord {
  /** UUIDv5 of (channel, row, version): the same at every repeat (I8). */
  eventId: string;
  /** The row; for `membership-ended`, which is about the whole channel, the nil UUID. */
  rowId: string;
  /** Version of the row; 0 for `membership-ended`, which is ordered by the batch's revision alone. */
  version: number;
  kind: 'row' | 'withdrawal' | 'membership-ended';
  /** The record as JSON text, exactly as published. */
  body: string;
}

/** Records of one channel for one subscription, withdrawals or content, in position order. */
export interface OutgoingBatch {
  /** Derived from the records, so that a repeat of the same batch has the same id. */
  batchId: string;
  platformId: string;
  /** Country of the platform's establishment, by which its way to report abuse material is known. */
  platformCountry: string;
  subscriptionId: string;
  channelId: string;
  /**
   * Revision of the subscription under which the batch was chosen; it travels with every record. Receivers order what
   * they hear of a row by (version, revision), and a withdrawal beats a row at equality: after a change of filter the
   * same version may end (`out-of-filter`) or come again.
   */
  revision: number;
  lane: 'ordinary' | 'emergency';
  records: OutgoingRecord[];
}

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

/** An answer of an outside server, bounded in time and size by the port. */
export interface HttpAnswer {
  status: number;
  headers: Record<string, string>;
  /** At most the number of bytes asked for. */
  body: Buffer;
  durationMs: number;
}

/** Outbound HTTP that refuses private and metadata addresses, redirects, and long or endless answers. */
export interface EgressPort {
  /**
   * @throws a rejection `TOC_CONNECTOR_EGRESS` when the address may not be reached, a transient `TOC_PEER_UNAVAILABLE`
   * when it does not answer in time
   */
  post(
    url: string,
    headers: Record<string, string>,
    body: Buffer | string,
    limits: {
      deadlineMs: number;
      maxAnswerBytes: number;
      /** The body leaves within this time, in milliseconds, or not at all: whether it may leave was decided before. */
      startWithinMs?: number;
      /** On whose behalf: parties that are served by one origin share no connections. */
      party?: string;
    },
  ): Promise<HttpAnswer>;
}

/** Records written to a topic of the platform's own; resolves when all replicas have them. */
export interface TopicPort {
  produce(topic: string, records: { key: string; value: string; headers: Record<string, string> }[]): Promise<void>;
}

/** Files in folders of platforms. */
export interface FilePort {
  /**
   * Puts a file into its place, whole or not at all and to stay; what had the name before is replaced.
   * @param folder the platform's own, and below it
   * @throws a transient `TOC_FILES_UNAVAILABLE`
   */
  put(folder: readonly [platformId: string, ...below: string[]], name: string, bytes: Buffer): Promise<void>;
}

/** Keys of this deployment that sign what leaves. */
export interface SigningPort {
  /** Ed25519 signatures over the message by every key in use, newest first. */
  ed25519(message: Buffer): { keyId: string; signature: Buffer }[];
  /** Public keys in use, newest first, 32 raw bytes each. */
  publicKeys(): { keyId: string; raw: Buffer }[];
}

/** What a connector may use; it imports no I/O of its own. */
export interface ConnectorContext {
  egress: EgressPort;
  topics: TopicPort;
  /** Absent where there is no folder for files. */
  files?: FilePort;
  signing: SigningPort;
  now(): Date;
  randomBytes(length: number): Buffer;
}

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
  /** Absent where nothing is sent, because the platform fetches. */
  deliver?(
    batch: OutgoingBatch,
    settings: Settings,
    secrets: Record<string, string>,
    context: ConnectorContext,
  ): Promise<DeliveryOutcome>;
}

/** A connector that sends. */
export type SendingConnector<Settings extends object = object> = Connector<Settings> &
  Required<Pick<Connector<Settings>, 'deliver'>>;
