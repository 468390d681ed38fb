import type { Command } from 'commander';
import { Refusal } from './exchange-api.js';

/** Prints answers: JSON when asked for, else a few lines for a person. */
export class AnswerPrinter {
  constructor(private readonly program: Command) {}

  private get json(): boolean {
    return this.program.opts<{ json?: boolean }>().json ?? false;
  }

  /** @param lines what a person is shown */
  answer(value: unknown, lines: readonly string[]): void {
    process.stdout.write(this.json ? `${JSON.stringify(value, null, 2)}\n` : `${lines.join('\n')}\n`);
  }

  /** Progress, to the error stream and only for a person. */
  progress(line: string): void {
    if (!this.json) process.stderr.write(`${line}\n`);
  }

  /** Runs a command; a refusal is printed and sets the exit status 1, anything else 70. */
  async guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      process.exitCode = thrown instanceof Refusal ? 1 : 70;
      if (!(thrown instanceof Refusal)) {
        process.stderr.write(`${thrown instanceof Error ? thrown.message : 'it failed'}\n`);
        return;
      }
      const { problem } = thrown;
      if (this.json) process.stdout.write(`${JSON.stringify(problem, null, 2)}\n`);
      else {
        process.stderr.write(`${problem.code ? `${problem.code}: ` : ''}${thrown.message}\n`);
        for (const one of problem.problems ?? []) process.stderr.write(`  ${one}\n`);
      }
    }
  }
}

/** Columns padded to their widest cell. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
