/** An answer of an outside server, bounded in time and size by the port. */
export interface HttpAnswer {
  status: number;
  headers: Record<string, string>;
  /** At most the number of bytes asked for. */
  body: Buffer;
  durationMs: number;
}

/** Bounds of one exchange. */
export interface ExchangeLimits {
  deadlineMs: number;
  maxAnswerBytes: number;
  /** The body leaves within this time, in milliseconds, or not at all: whether it may leave was decided before. */
  startWithinMs?: number;
  /** On whose behalf: parties that are served by one origin share no connections. */
  party?: string;
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
    limits: ExchangeLimits,
  ): Promise<HttpAnswer>;
  /** The same by another method. @param body empty for none @throws as `post` */
  request(
    method: 'GET' | 'PUT' | 'DELETE',
    url: string,
    headers: Record<string, string>,
    body: Buffer | string,
    limits: ExchangeLimits,
  ): Promise<HttpAnswer>;
}

/** Records written to a topic of the platform's own; resolves when all replicas have them. */
export interface TopicPort {
  produce(topic: string, records: { key: string; value: string; headers: Record<string, string> }[]): Promise<void>;
}

/** A file that is in its place. */
export interface FileFound {
  name: string;
  /** When it was put there, by the clock of the place. */
  at: Date;
}

/** Folders in one place: below a directory, or in a bucket. */
export interface FilePort {
  /**
   * Puts a file into its place, whole or not at all and to stay; what had the name before is replaced.
   * @param folder its parts, each a plain name
   * @param startWithinMs the bytes leave within this time or not at all, where they have to wait for a connection
   * @throws a transient `TOC_FILES_UNAVAILABLE`, a rejection `TOC_FILES_GONE` where the place is gone for good
   */
  put(folder: readonly string[], name: string, bytes: Buffer, startWithinMs?: number): Promise<void>;
  /** What is in a folder, in no order; nothing where there is no folder. Others may have put files there too. @throws as `put` */
  list(folder: readonly string[]): AsyncIterable<FileFound>;
  /** Removes a file, if it is there. @throws as `put` */
  remove(folder: readonly string[], name: string): Promise<void>;
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
