/** Why a pattern was not read: it is not one, or it is larger or deeper than its bounds. */
export type PatternProblemCode = 'syntax' | 'too-complex';

/** Ends the reading of a pattern; it does not leave this folder. Its message names constructs, never what they hold. */
export class PatternProblem extends Error {
  constructor(
    readonly code: PatternProblemCode,
    detail: string,
    readonly at: number,
  ) {
    super(detail);
  }
}
