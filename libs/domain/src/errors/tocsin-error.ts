import { ERROR_CODES, type ErrorCode, type ErrorFamily } from './error-codes.js';

/** Structured, safe-to-show facts about an error: never a value of a signal, a secret or a person's name. */
export type ErrorFacts = Record<string, string | number | boolean | string[] | undefined>;

/**
 * An error with a code of the closed list. `detail` is one sentence that may be shown to the sender;
 * `facts` are machine-readable extensions of the problem document (RFC 9457, section 3.2).
 */
export class TocsinError extends Error {
  readonly family: ErrorFamily;
  readonly status: number;
  readonly title: string;

  constructor(
    readonly code: ErrorCode,
    readonly detail: string,
    readonly facts: ErrorFacts = {},
    options?: { cause?: unknown },
  ) {
    super(`${code}: ${detail}`, options);
    const { family, status, title } = ERROR_CODES[code];
    this.name = 'TocsinError';
    this.family = family;
    this.status = status;
    this.title = title;
  }

  /** Whether the same call may succeed later without a change by the caller. */
  get retryable(): boolean {
    return this.family === 'transient';
  }
}

type CodeOf<Family extends ErrorFamily> = {
  [Code in ErrorCode]: (typeof ERROR_CODES)[Code]['family'] extends Family ? Code : never;
}[ErrorCode];

/** Codes of the rejection family. */
export type RejectionCode = CodeOf<'rejection'>;
/** Codes of the transient family. */
export type TransientCode = CodeOf<'transient'>;

/** The input is wrong: the sender is told where and why, and nothing is retried. */
export function rejection(code: RejectionCode, detail: string, facts?: ErrorFacts): TocsinError {
  return new TocsinError(code, detail, facts);
}

/** Something outside is missing for now: pause and try again for as long as it lasts. */
export function transient(code: TransientCode, detail: string, cause?: unknown): TocsinError {
  return new TocsinError(code, detail, {}, { cause });
}

/** Ours: loud, and nothing committed. The detail stays inside; callers see only the error's id. */
export function fault(detail: string, cause?: unknown): TocsinError {
  return new TocsinError('TOC_FAULT', detail, {}, { cause });
}

/** The family of anything that was thrown; what is not a {@link TocsinError} is a fault. */
export function familyOf(thrown: unknown): ErrorFamily {
  return thrown instanceof TocsinError ? thrown.family : 'fault';
}
