import { pino, type Logger as PinoLogger } from 'pino';

export type Logger = PinoLogger;

/** Names under which a secret might be logged by a slip; they are never shown. */
const NEVER_SHOWN = ['authorization', 'password', 'secret', 'key', 'token', 'cookie', 'value', 'body'];

/**
 * A JSON logger: one event name a line with ids; no values of signals, no words of submissions, no secrets.
 * ERROR means that somebody has to look; what heals by itself is WARN; one INFO for each change of state.
 */
export function createLogger(app: string, level: string): Logger {
  return pino({
    level,
    base: { app },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: NEVER_SHOWN.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
    serializers: { err: describeError, error: describeError },
  });
}

/** An error as it is logged: PostgreSQL's `detail` and `where` may hold values, so they are left out. */
function describeError(thrown: unknown): object {
  if (!(thrown instanceof Error)) return { message: typeof thrown === 'string' ? thrown : 'unknown' };
  const code: unknown = 'code' in thrown ? thrown.code : undefined;
  return {
    type: thrown.name,
    message: thrown.message.slice(0, 500),
    ...(typeof code === 'string' ? { code } : {}),
    stack: thrown.stack?.split('\n').slice(0, 12).join('\n'),
    ...(thrown.cause instanceof Error ? { cause: describeError(thrown.cause) } : {}),
  };
}
