import type { RejectionCode } from '#libs/domain';

/** Bytes around the place that is being scanned: enough before and after it to judge what begins there. */
export interface ScanView {
  bytes: Buffer;
  /** Whether the document ends with these bytes. */
  isEnd: boolean;
}

/** How far a judgement may look back and ahead, in bytes; parts overlap by this much. */
export const REACH = 8192;

/** How a piece of text begins: a line, a string in quotes, or a cell between separators or tags. */
export type PieceKind = 'line' | 'string' | 'cell';

/** Something that must not be in a submission. `what` is a token, never the words that were found. */
export interface Finding {
  code: Extract<RejectionCode, 'TOC_SUBMISSION_MEDIA' | 'TOC_SUBMISSION_ABOVE_LEVEL' | 'TOC_SUBMISSION_FORMAT'>;
  what: string;
  detail: string;
  /** Where it begins in the view, when that is not where the look began. */
  at?: number;
}

export function media(what: string, detail: string): Finding {
  return { code: 'TOC_SUBMISSION_MEDIA', what, detail };
}

export function aboveLevel(what: string): Finding {
  return {
    code: 'TOC_SUBMISSION_ABOVE_LEVEL',
    what,
    detail: `the document carries a ${what} above the level of this deployment`,
  };
}

/** Text of the bytes from a place on, one character a byte, so that offsets stay what they are. */
export function textAt({ bytes }: ScanView, at: number, most: number): string {
  return bytes.toString('latin1', at, Math.min(bytes.length, at + most));
}

/** Text of the bytes before a place. */
export function textBefore({ bytes }: ScanView, at: number, most: number): string {
  return bytes.toString('latin1', Math.max(0, at - most), at);
}
