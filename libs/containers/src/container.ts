import type { Opening } from './opening.js';

/** The beginning of what may be a container, and what was said about it. */
export interface Sample {
  /** At least the first 64 KiB, or all there is. */
  head: Uint8Array;
  /** Media type without parameters, in small letters; empty when nobody said one. */
  mediaType: string;
  /** Names of the entries when the bytes are a zip archive that could be listed. */
  entries?: readonly string[];
}

/**
 * One kind of file that holds documents. It is opened in memory: text is handed to the {@link Opening}, everything else
 * is handed over to be dropped.
 */
export interface Container {
  /** Kebab-case; what a submitter may say as the format. */
  readonly id: string;
  readonly title: string;
  readonly mediaTypes: readonly string[];
  readonly fileExtensions: readonly string[];
  /** Whether the bytes are such a container. */
  recognises(sample: Sample): boolean;
  /**
   * Hands what is inside to the opening.
   * @throws rejections `TOC_SUBMISSION_CONTAINER`, `TOC_SUBMISSION_TOO_LARGE`, `TOC_SUBMISSION_NESTING`
   */
  open(bytes: Buffer, opening: Opening): Promise<void>;
}
