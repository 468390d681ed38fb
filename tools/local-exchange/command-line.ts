import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { repositoryRoot } from '#libs/embedded';
import type { LocalExchangeOptions } from './local-exchange.js';

/** Options that every tool with a local exchange takes. */
export interface ExchangeFlags {
  dir: string;
  reset?: boolean;
  portBase: number | 'free';
}

function readPortBase(text: string): number | 'free' {
  if (text === 'free') return 'free';
  const base = Number(text);
  if (!Number.isInteger(base) || base < 1024 || base > 65_000)
    throw new InvalidArgumentError('a port base is `free` or a number from 1024 to 65000.');
  return base;
}

/** A command with the options that every tool with a local exchange takes. */
export function exchangeCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--dir <folder>', 'folder of all data', join(repositoryRoot(), 'var', 'exchange'))
    .option('--reset', 'start afresh, forgetting everything')
    .option('--port-base <number>', 'ports are counted from here; `free` takes any that are free', readPortBase, 7000);
}

/** Progress goes to the error stream, so that the output stays for what was asked. */
export function say(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}

/** Where downloaded programs are kept, shared by checkouts when TOCSIN_CACHE_DIR says so. */
export function cacheDir(): string {
  return process.env.TOCSIN_CACHE_DIR ?? join(repositoryRoot(), 'var');
}

export function exchangeOptions(flags: ExchangeFlags): LocalExchangeOptions {
  return {
    dir: flags.dir,
    cacheDir: cacheDir(),
    reset: flags.reset,
    portBase: flags.portBase,
    say,
    onUnexpectedEnd: (what, logFile) =>
      say(`${what} ended by itself; the rest goes on without it. Its log is ${logFile}; to have it back, start again.`),
  };
}
