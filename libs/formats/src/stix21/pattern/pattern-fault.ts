/** Why a text is not a pattern, or why the meaning of a pattern is not "any one of these values". A closed list. */
export type PatternFaultCode =
  // The text.
  | 'pattern-too-long'
  | 'pattern-too-deep'
  | 'pattern-too-costly'
  | 'pattern-syntax'
  | 'pattern-string'
  | 'pattern-constant'
  | 'pattern-qualifier-twice'
  // The meaning.
  | 'observations-and'
  | 'observations-followedby'
  | 'qualifier-within'
  | 'qualifier-repeats'
  | 'qualifier-start-stop'
  | 'comparison-not'
  | 'comparison-exists'
  | 'comparison-unequal'
  | 'comparison-ordered'
  | 'comparison-like'
  | 'comparison-matches'
  | 'comparison-issubset'
  | 'comparison-issuperset'
  | 'comparison-empty-set'
  | 'comparison-not-text'
  | 'comparisons-and'
  | 'comparisons-and-alternatives'
  | 'comparisons-and-contradiction'
  | 'comparisons-and-objects'
  | 'unsupported-object'
  | 'unsupported-property';

/** A fault with its place. No part of the pattern is in it. */
export interface PatternFault {
  readonly ok: false;
  readonly code: PatternFaultCode;
  /** Place in the text, in UTF-16 code units counted from 1. */
  readonly at: number;
  /** One sentence that names the construct. */
  readonly detail: string;
  /** With `unsupported-*`: the kind of thing the pattern is about, as a token such as `ipv4-addr`. */
  readonly about?: string;
}

/** Makes a fault; `detail` must be a sentence of the program. */
export function patternFault(code: PatternFaultCode, at: number, detail: string, about?: string): PatternFault {
  return { ok: false, code, at, detail, ...(about !== undefined && { about }) };
}

/** Carries a fault out of the depth of the parser; never leaves this folder. */
export class PatternFaultSignal extends Error {
  constructor(readonly fault: PatternFault) {
    super(fault.code);
  }
}
