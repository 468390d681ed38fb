/** A document of a source, and the checkpoint that is reached once it was handed over. */
export interface CollectedDocument {
  /** For people: which document of the source it is. */
  name: string;
  bytes: Buffer;
  /** Format of the exchange, where the source knows it; otherwise the bytes tell it. */
  format?: string;
  checkpoint: unknown;
  /** Called once the exchange has the document, or refused it for good. */
  handedOver?(): Promise<void>;
}

/** What reading a source may use. */
export interface SourceTools {
  /** Asks for an address. @throws SourceProblem when it does not answer, or with a status that is none of these */
  get: (url: string, headers: Record<string, string>, allowed?: readonly number[]) => Promise<SourceAnswer>;
}

/** An answer, read whole within its bound. */
export interface SourceAnswer {
  status: number;
  headers: Headers;
  body: Buffer;
}

/** A source as its owner wrote it down. */
export interface SourceSettings {
  name: string;
  kind: string;
  /** Seconds between two looks. */
  every_seconds: number;
  /** What is said beside each document, in the words of the submission parameters. */
  parameters: Record<string, string>;
  /** Kind by kind: `folder`, or `url` with `authorization` (value of the header, from a file). */
  folder?: string;
  url?: string;
  authorization?: string;
}

/** One kind of source. One file and one line in the registry. */
export interface SourceKind {
  readonly kind: string;
  /** What it needs of the settings. */
  readonly needs: readonly ('folder' | 'url')[];
  /**
   * What came since the checkpoint, oldest first.
   * @param checkpoint as the last document left it; undefined at first
   */
  collect(settings: SourceSettings, checkpoint: unknown, tools: SourceTools): AsyncIterable<CollectedDocument>;
}

/** A source that cannot be read now; it is tried again. */
export class SourceProblem extends Error {}
