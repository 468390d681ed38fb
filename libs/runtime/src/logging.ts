import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';

export type Logger = PinoLogger;

/** Names under which a secret might be logged by a slip; they are never shown. */
const NEVER_SHOWN = ['authorization', 'password', 'secret', 'key', 'token', 'cookie', 'value', 'body'];

/**
 * A JSON logger: one event name a line with ids; no values of signals, no words of submissions, no secrets.
 * ERROR means that somebody has to look; what heals by itself is WARN; one INFO for each change of state.
 */
export function createLogger(app: string, level: string, destination: DestinationStream = pino.destination(1)): Logger {
  const options = {
    level,
    base: { app },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: NEVER_SHOWN.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
    serializers: { err: describeError, error: describeError },
  };
  return pino(options, destination);
}

const SQLSTATE = /^[0-9A-Z]{5}$/;
/** What PostgreSQL names that is ours: places, never what stood in them. */
const PLACES = ['schema', 'table', 'column', 'constraint', 'routine'] as const;

/**
 * An error as it is logged. What PostgreSQL says may quote what was written (`detail`, `where`, and its sentences:
 * "invalid input syntax for type uuid: …"), so of its errors only the state and the places are told.
 */
function describeError(thrown: unknown): object {
  if (!(thrown instanceof Error)) return { message: typeof thrown === 'string' ? thrown : 'unknown' };
  const code: unknown = 'code' in thrown ? thrown.code : undefined;
  const isOfDatabase = typeof code === 'string' && SQLSTATE.test(code) && 'severity' in thrown;
  const isOfQuery = 'driverError' in thrown;
  const quotes = isOfDatabase || isOfQuery;
  return {
    type: thrown.name,
    message: quotes ? 'a statement failed' : thrown.message.slice(0, 500),
    ...(typeof code === 'string' ? { code } : {}),
    ...(quotes ? placesOf(isOfQuery ? thrown.driverError : thrown) : {}),
    stack: stackOf(thrown, quotes),
    ...(thrown.cause instanceof Error ? { cause: describeError(thrown.cause) } : {}),
  };
}

function placesOf(error: unknown): Record<string, string> {
  if (typeof error !== 'object' || error === null) return {};
  const said = error as Record<string, unknown>;
  return Object.fromEntries(
    PLACES.flatMap((place) => (typeof said[place] === 'string' ? [[place, said[place].slice(0, 100)]] : [])),
  );
}

/** The stack begins with the message, which may have several lines. */
function stackOf({ message, stack = '' }: Error, quotes: boolean): string {
  const frames = quotes
    ? stack
        .slice(stack.indexOf(message) + message.length)
        .split('\n')
        .filter((line) => /^ {4}at /.test(line))
    : stack.split('\n');
  return frames.slice(0, 12).join('\n');
}
