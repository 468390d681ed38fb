import type { Bulletin, RejectionCode, RetractionReason, SignalType, StatementDraft } from '#libs/domain';

/** What a document says of the marking of all its items: a label of TLP, nothing, or one that is not known. */
export type HeadMarking = { draft?: StatementDraft } | 'unknown';

/** Bytes of a submission, which may be read more than once and from any place. */
export interface ByteSource {
  /** Length in bytes. */
  readonly size: number;
  /** Streams the bytes from an offset to the end, in pieces of any length. */
  open(fromByte?: number): AsyncIterable<Uint8Array>;
}

/** One matchable thing inside an item. `value` is canonical. */
export interface CandidateSignal {
  type: SignalType;
  value: string;
  /** Quality of a perceptual hash, 0–100, where the format says it. */
  quality?: number;
}

/** An item that names signals. Several signals of one item share its fate. */
export interface Candidate {
  kind: 'candidate';
  position: number;
  signals: CandidateSignal[];
  /** Producer's id of the object, where the format has such ids (I10). Never leaves. */
  objectRef?: string;
  /** Producer's time of this version of the object, ISO 8601. */
  objectModified?: string;
  /** Refs of declared advisories that contain the item; empty or absent: the submission's own advisory. */
  advisoryRefs?: string[];
  /** What the format itself says about this item. */
  draft?: StatementDraft;
}

/**
 * The version of a producer's object that says nothing which can be used. What an older version of it said is no longer
 * what the producer says, so it does not stay.
 */
export interface EmptiedVersion {
  objectRef?: string;
  objectModified?: string;
  /** The list of a third party that the object is of, as in `origin`: who may not submit the list may not end it either. */
  ofList?: string;
}

/** An item that cannot be used, with the reason. `detail` never repeats the value. */
export interface RejectedItem extends EmptiedVersion {
  kind: 'rejected';
  position: number;
  code: RejectionCode;
  detail: string;
}

/** A well-formed item of a kind that carries no signal, such as a relationship or an IP address. */
export interface IgnoredItem extends EmptiedVersion {
  kind: 'ignored';
  position: number;
  /** The kind, as a token: `relationship`, `ipv4-addr`, `blank-line`. */
  what: string;
  /** The producer now says that it is harmless. */
  harmless?: boolean;
}

/** The producer takes back an object for good (STIX `revoked`, MISP `deleted`). */
export interface Revocation {
  kind: 'revocation';
  position: number;
  objectRef: string;
  objectModified?: string;
  /** As in {@link EmptiedVersion}. */
  ofList?: string;
}

/** Declares an advisory inside the document (STIX report or grouping). Not an item: it is not counted. */
export interface DeclaredAdvisory {
  kind: 'advisory';
  ref: string;
  modified?: string;
  revoked?: boolean;
  /** Why it is revoked, where the format says it; otherwise it is no longer needed. */
  retractionReason?: RetractionReason;
  draft?: StatementDraft;
  bulletin?: Bulletin;
}

/** Something that must not be here at all: the whole submission is destroyed and reported as a spill. */
export interface ForbiddenMatter {
  kind: 'forbidden';
  position: number;
  code: 'TOC_SUBMISSION_MEDIA' | 'TOC_SUBMISSION_ABOVE_LEVEL';
  detail: string;
}

export type ReadItem = Candidate | RejectedItem | IgnoredItem | Revocation | DeclaredAdvisory | ForbiddenMatter;

/** Where reading may go on: after so many items, at a byte that the reader understands. */
export interface ReadCheckpoint {
  byte: number;
  /** Items emitted so far (advisories do not count). */
  items: number;
  /** Last position emitted. */
  position: number;
}

/** Up to `batchSize` items in document order, and where to go on after them. */
export interface ReadBatch {
  items: ReadItem[];
  next: ReadCheckpoint;
}

/** What the submission's parameters tell a reader. */
export interface ReadOptions {
  /** Most items of a batch. May be set anew while a document is read, and counts from the next item on. */
  batchSize: number;
  /** Go on after this place; the reader yields what it would have yielded, minus what came before. */
  from?: ReadCheckpoint;
  /** Type of bare values that could be several types, or of all the values of a list. */
  signalType?: SignalType;
  /** Names of the columns or keys that hold value, type and quality. */
  columns?: { value?: string; type?: string; quality?: string };
  /** Column delimiter, one character. */
  delimiter?: string;
}

/**
 * One format: bytes in, candidates out. Pure: it reads no clock, file or network and keeps no state between calls.
 * A document that is broken as a whole throws a rejection before the first batch; a broken item is a
 * {@link RejectedItem}. Memory stays bounded whatever the input.
 */
export interface Format {
  /** Storage key, kebab-case; never changes. */
  readonly id: string;
  readonly title: string;
  readonly mediaTypes: readonly string[];
  readonly fileExtensions: readonly string[];
  /** Written by this exchange only; nobody submits it. */
  readonly isInternal?: true;
  /** What `position` counts. */
  readonly positionUnit: 'line' | 'object';
  /**
   * How sure the format is that a document beginning with these bytes (up to 64 KiB) is its own: 0 no, 1 certain.
   */
  detect(head: Uint8Array): number;
  read(source: ByteSource, options: ReadOptions): AsyncIterable<ReadBatch>;
  /** What a document says of all of itself, where the format has such words; for documents that came together. */
  markingOf?(source: ByteSource): Promise<HeadMarking>;
  /** Small documents that read well, for tests, the demo and the manual. */
  readonly examples: readonly FormatExample[];
}

/** A document with what reading it must give. */
export interface FormatExample {
  name: string;
  document: string;
  options?: Partial<ReadOptions>;
  /** Counts by kind of item, and the canonical signals in order. */
  expect: { signals: string[]; rejected?: number; ignored?: number };
}
