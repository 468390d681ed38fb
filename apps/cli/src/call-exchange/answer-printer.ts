import { CommanderError } from 'commander';
import { failureOf } from './failure.js';

/** Prints answers: JSON when asked for, else a few lines for a person. */
export class AnswerPrinter {
  constructor(readonly json: boolean) {}

  /** @param lines what a person is shown */
  answer(value: unknown, lines: readonly string[]): void {
    process.stdout.write(this.json ? `${JSON.stringify(value, null, 2)}\n` : `${lines.join('\n')}\n`);
  }

  /** Progress, to the error stream and only for a person. */
  progress(line: string): void {
    if (!this.json) process.stderr.write(`${line}\n`);
  }

  /** Runs a command; see {@link fail}. */
  async guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      this.fail(thrown);
    }
  }

  /**
   * Tells of a failure, with `--json` as an object with `code` and `detail`, and sets the exit status: 1 for a refusal,
   * 64 for a command that is not understood, 78 for the configuration, 70 for anything else.
   */
  fail(thrown: unknown): void {
    const failure = failureOf(thrown);
    if (!failure) return;
    const { status, problem } = failure;
    process.exitCode = status;
    if (this.json) process.stdout.write(`${JSON.stringify(problem, null, 2)}\n`);
    // Commander has told the person itself, with the usage.
    else if (!(thrown instanceof CommanderError))
      process.stderr.write(
        `${[`${problem.code}: ${problem.detail}`, ...(problem.problems ?? []).map((one) => `  ${one}`)].join('\n')}\n`,
      );
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
