import { readFileSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';

/** Reads a port or a number of milliseconds from an argument. */
export function readWhole(text: string): number {
  const number = Number(text);
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError('It has to be a whole number.');
  return number;
}

/** Reads a JSON file named by an argument: keys and passwords come from files, never from arguments. */
export function readJsonFile(path: string): object {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // The sentence below says it for every way in which a file can be wrong, and repeats nothing of it.
  }
  throw new InvalidArgumentError('It has to name a readable file with a JSON object.');
}

/** Says on standard output that a process is ready, as one line of JSON or as words. */
export function announce(facts: Record<string, string>, asJson = false): void {
  const words = Object.entries(facts).map(([name, value]) => `${name} ${value}`);
  process.stdout.write(`${asJson ? JSON.stringify(facts) : words.join(', ')}\n`);
}

/** What went wrong at the start, as one sentence. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Resolves when the process is asked to stop. */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
}
