import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';

/** Adds the option to a command that submits something. */
export function withIdempotencyKey(command: Command): Command {
  return command.option(
    '--idempotency-key <word>',
    'the same word for the same document gives the same receipt: for trying again when no answer came',
  );
}

/** The header; without the option, of a key that nobody used before. */
export function idempotencyKeyOf(given: Record<string, unknown>): Record<string, string> {
  return { 'idempotency-key': typeof given.idempotencyKey === 'string' ? given.idempotencyKey : randomUUID() };
}
