import { type ErrorCode, TocsinError } from '#libs/domain';

const FRAMES = 5;

/** What an error says: to whoever opens the dead letter, and to the log. */
export interface ErrorReading {
  code: ErrorCode;
  /** One sentence; of an error that is not ours its own message, which may quote the record: for the sink only. */
  detail: string;
  /** Safe for logs: a foreign error is named by class, code and place, never by its message. */
  forLog: { code: ErrorCode; detail?: string; error?: string; frames?: string[] };
}

/** Reads whatever a handler threw. */
export function readError(thrown: unknown): ErrorReading {
  if (thrown instanceof TocsinError) {
    const { code, detail, cause } = thrown;
    return { code, detail, forLog: { code, detail, ...(cause === undefined ? {} : nameAndPlace(cause)) } };
  }
  const detail = thrown instanceof Error ? thrown.message : 'Something that is not an error was thrown.';
  return { code: 'TOC_FAULT', detail, forLog: { code: 'TOC_FAULT', ...nameAndPlace(thrown) } };
}

function nameAndPlace(thrown: unknown): { error: string; frames?: string[] } {
  if (!(thrown instanceof Error)) return { error: typeof thrown };
  const code = 'code' in thrown && typeof thrown.code === 'string' ? ` ${thrown.code}` : '';
  const frames = (thrown.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  return { error: `${thrown.name}${code}`, frames: frames.slice(0, FRAMES).map((frame) => frame.trim()) };
}
