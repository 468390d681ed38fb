/*
 * The port to Kafka. Apps and the other parts of this library know these types only; a client library stays behind
 * an adapter (see `kafkajs/`) and may be replaced by any other that passes the contract suite in `contract/`.
 */

/** Values of record headers as read. A name that occurs more than once in a record carries all its values, in order. */
export type RecordHeaders = Readonly<Record<string, Buffer | readonly Buffer[]>>;

/** One record on its way to a topic. Its key decides the partition (murmur2, as the Java client) unless one is named. */
export interface RecordToSend {
  key: string | Buffer;
  /** `null` is a tombstone on a compacted topic. */
  value: string | Buffer | null;
  headers?: Readonly<Record<string, string | Buffer>>;
  partition?: number;
}

/** Records for one topic, in the order in which they must reach the log of their partition. */
export interface TopicRecords {
  topic: string;
  records: readonly RecordToSend[];
}

/** Writes records with acks=all and idempotence. One producer writes one send at a time, in the order of the calls. */
export interface Producer {
  /**
   * Resolves when every in-sync replica of every partition concerned has every record. Keeps trying through an outage
   * of the broker for as long as it lasts, unless `signal` gives up. A send that fails may have written any part of
   * its records, and a repeat after a failure may write some twice: readers go by the version in the record.
   *
   * @throws a rejection `TOC_KAFKA_RECORD_REFUSED` when the broker will never take one of the records (too large); a
   * transient `TOC_KAFKA_UNAVAILABLE` when given up, closed, or when the topic does not exist; a fault when this user
   * may not write there
   */
  send(batches: readonly TopicRecords[], signal?: AbortSignal): Promise<void>;
  /** Lets the sends that are under way end (a few seconds at most), then disconnects. */
  close(): Promise<void>;
}

/** One record as read. */
export interface ReceivedRecord {
  readonly offset: bigint;
  /** Milliseconds since 1970, set by the producer or the broker (topic configuration). */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: RecordHeaders;
}

/** Neighbouring records of one partition, in offset order, never empty. */
export interface RecordBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly ReceivedRecord[];
}

/** A batch as the consumer hands it over, with the means to commit. */
export interface BatchDelivery {
  readonly batch: RecordBatch;
  /** The offset that follows this batch; larger than the last record's plus one where the log has gaps. */
  readonly nextOffset: bigint;
  /** The offset that follows the last record of the partition when the batch was fetched. */
  readonly endOffset: bigint;
  /** Aborted when the consumer is closing or the partition now belongs to another member: stop at the next record. */
  readonly signal: AbortSignal;
  /**
   * Commits "everything before this offset is done"; to be called after the effects are durable. Waits through
   * outages and rebalances. `lost`: the partition belongs to somebody else now, or the consumer has closed; the
   * records from the last committed offset on are delivered again, here or elsewhere.
   */
  readonly commit: (nextOffset: bigint) => Promise<'committed' | 'lost'>;
}

/**
 * Takes one batch. Resolves when the consumer may go on after it (whether or not all of it was committed). A throw
 * means: deliver again from the last committed offset, after a short pause.
 */
export type TakeBatch = (delivery: BatchDelivery) => Promise<void>;

/** What a consumer says about itself, for readiness probes and logs. */
export interface ConsumerHealth {
  /**
   * - `starting`: not yet a member of its group. - `consuming`: a member that fetches.
   * - `silent`: a member that has not reached the broker for longer than its session. - `rebuilding`: its client
   *   crashed, or was silent for too long, and is being replaced. - `waiting`: none of its topics exists.
   * - `closed`: closed on request.
   */
  readonly state: 'starting' | 'consuming' | 'silent' | 'rebuilding' | 'waiting' | 'closed';
  readonly since: Date;
  /** Why it is rebuilding, or which topics it waits for. */
  readonly reason?: string;
}

/**
 * A member of a consumer group. Partitions are independent: at most one batch of a partition is under way, and one
 * that takes long, or is paused, delays no other and costs no membership; heartbeats are the adapter's own concern.
 * An outage of the broker, a crash or silence of the client library and a deleted topic are survived by rebuilding.
 */
export interface BatchConsumer {
  /** Begins to consume; returns at once, whether or not a broker can be reached. A new group starts at the beginning. */
  start(take: TakeBatch): void;
  /**
   * Replaces the list of topics; may be called at any time. Topics that do not exist yet are looked for every few
   * seconds and stop nothing meanwhile. A change makes this member leave and join again.
   */
  subscribe(topics: readonly string[]): void;
  /** Fetches nothing more from the partition until {@link resume}; a batch under way goes on. */
  pause(topic: string, partition: number): void;
  resume(topic: string, partition: number): void;
  health(): ConsumerHealth;
  /** Called at every change of state. Returns the function that ends it. */
  onHealth(listener: (health: ConsumerHealth) => void): () => void;
  /** Takes no more, waits for the batches under way to end and commit (bounded), then leaves the group. */
  close(): Promise<void>;
}

/** How a consumer group member behaves; the defaults suit a service on a local network. */
export interface ConsumerOptions {
  groupId: string;
  /** A silent member is dropped by the broker after this time; a killed process blocks its partitions that long. Default 10 s. */
  sessionTimeoutMs?: number;
  /** Most bytes of one fetch from one partition, and so roughly of one batch. Default 1 MiB. */
  maxBytesPerPartition?: number;
  /** Partitions handled side by side in one round of fetching. Default 4. */
  concurrency?: number;
  /** A batch that takes longer than this is let go of, so that other partitions go on. Default 300 ms. */
  holdMs?: number;
  /** Silence (no heartbeat, or no fetch) after which the client is taken for dead and replaced. Default 90 s. */
  stallMs?: number;
  /** How long {@link BatchConsumer.close} waits for batches under way. Default 20 s. */
  drainMs?: number;
}

/** A topic as it should be. */
export interface TopicWanted {
  topic: string;
  partitions: number;
  /** Default: the broker's own. */
  replicationFactor?: number;
  /** Topic configuration by its Kafka names, e.g. `cleanup.policy`. */
  configs?: Readonly<Record<string, string>>;
}

/** Offsets of one partition. */
export interface PartitionOffsets {
  partition: number;
  /** Of the first record that is still in the log. */
  startOffset: bigint;
  /** Of the next record to come. */
  endOffset: bigint;
}

/** Administers topics. Every call tries for a few seconds, then throws a transient `TOC_KAFKA_UNAVAILABLE`. */
export interface TopicAdmin {
  /**
   * Creates the topic, or brings the named configurations of an existing one to the wanted values. Never changes the
   * number of partitions (that would move keys): an existing topic with another number is a fault.
   */
  ensureTopic(wanted: TopicWanted): Promise<'created' | 'altered' | 'unchanged'>;
  /** The topics that this user may describe, sorted, without Kafka's internal ones. */
  listTopics(): Promise<string[]>;
  /** @returns null when there is no such topic */
  offsets(topic: string): Promise<PartitionOffsets[] | null>;
  /** Records between what the group has committed and the end, by partition; the whole log where it never committed. */
  lag(groupId: string, topic: string): Promise<Map<number, bigint>>;
  /** Deletes the topic and all its records; does nothing when it is not there. */
  deleteTopic(topic: string): Promise<void>;
  close(): Promise<void>;
}

/** How to reach a cluster. */
export interface KafkaConnection {
  /** `host:port` of one or more brokers to begin with. */
  brokers: readonly string[];
  /** Names this process in the broker's logs and quotas. */
  clientId: string;
  sasl?: { mechanism: 'scram-sha-256' | 'scram-sha-512'; username: string; password: string };
  /** `true`: the authorities that Node trusts. PEM texts otherwise. */
  tls?: boolean | { ca?: string; certificate?: string; key?: string };
}

/** One cluster, seen by one user. Closing the client closes everything made from it. */
export interface KafkaClient {
  producer(): Producer;
  consumer(options: ConsumerOptions): BatchConsumer;
  admin(): TopicAdmin;
  close(): Promise<void>;
}
