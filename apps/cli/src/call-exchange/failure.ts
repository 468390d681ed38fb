import { CommanderError } from 'commander';
import { TocsinError } from '#libs/domain';
import { ConfigError } from '#libs/runtime';
import { Refusal } from './exchange-api.js';

/** How a command failed: what is told, and the exit status (BSD's sysexits for all that no service refused). */
export interface Failure {
  status: number;
  /** Printed whole with `--json`. */
  problem: { code: string; detail: string; problems?: string[]; [fact: string]: unknown };
}

const REFUSED = 1;
const USAGE = 64;
const SOFTWARE = 70;
const CONFIG = 78;

/** What to tell of anything that was thrown; nothing for a call for help, which commander ends in the same way. */
export function failureOf(thrown: unknown): Failure | undefined {
  if (thrown instanceof Refusal)
    return { status: REFUSED, problem: { ...thrown.problem, code: thrown.code, detail: thrown.message } };
  if (thrown instanceof TocsinError && thrown.family !== 'fault')
    return { status: REFUSED, problem: { ...thrown.facts, code: thrown.code, detail: thrown.detail } };
  if (thrown instanceof ConfigError) {
    const problem = { code: 'TOC_REQUEST_PARAMETER', detail: 'The configuration is not valid.' };
    return { status: CONFIG, problem: { ...problem, problems: [...thrown.problems] } };
  }
  if (thrown instanceof CommanderError) {
    if (thrown.exitCode === 0) return undefined;
    const detail =
      thrown.code === 'commander.help' ? 'No command was given: see --help.' : thrown.message.replace(/^error: /, '');
    return { status: USAGE, problem: { code: 'TOC_REQUEST_PARAMETER', detail } };
  }
  const detail = thrown instanceof Error ? thrown.message : 'it failed';
  return { status: SOFTWARE, problem: { code: 'TOC_FAULT', detail } };
}
