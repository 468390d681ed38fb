import type { ErrorFacts, RejectionCode, TransientCode } from '#libs/domain';
import type { Candidate, CandidateSignal, ReadBatch, ReadItem, ReadOptions } from '#libs/formats';

/** A signal with its id, which the reading thread computes. */
export interface IdentifiedSignal extends CandidateSignal {
  id: string;
}

export type IdentifiedCandidate = Omit<Candidate, 'signals'> & { signals: IdentifiedSignal[] };
export type IdentifiedItem = Exclude<ReadItem, Candidate> | IdentifiedCandidate;

export interface IdentifiedBatch {
  items: IdentifiedItem[];
  next: ReadBatch['next'];
  /** Nothing comes after it. A last batch need not say so; then the end follows by itself. */
  last?: boolean;
}

/** Where the bytes of a document are. */
export type DocumentBytes = { submissionId: string; size: number } | { inline: Uint8Array };

/** To the reading thread. */
export type ReaderRequest =
  /** Fetches the first bytes while nobody knows yet how they are to be read. */
  | { op: 'expect'; reader: number; bytes: DocumentBytes; fromByte: number }
  | { op: 'open'; reader: number; format: string; options: ReadOptions }
  /** For the next batch, of so many items at most. */
  | { op: 'pull'; reader: number; most: number }
  | { op: 'close'; reader: number };

/** From the reading thread. */
export type ReaderAnswer =
  | { reader: number; batch: IdentifiedBatch }
  | { reader: number; end: true }
  | { reader: number; failed: { code: RejectionCode | TransientCode; detail: string; facts: ErrorFacts } }
  | { reader: number; broken: string };

/** What a reading thread is given at its start. */
export interface ReadingThreadSettings {
  intakeUrl: string;
  keysDir: string;
}
