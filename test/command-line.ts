import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from '#libs/embedded';

/** How a program ended, and what it printed. */
export interface Ran {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end, with no environment but what is given and the path. */
export async function runToEnd(
  command: string,
  args: readonly string[],
  environment: Record<string, string> = {},
  folder = repositoryRoot(),
): Promise<Ran> {
  const child = spawn(command, args, {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (stdout += piece));
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (stderr += piece));
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (status) => resolve({ status, stdout, stderr }));
  });
}

/** Runs the built command line as a process of its own. */
export function runTocsin(args: readonly string[], environment: Record<string, string> = {}): Promise<Ran> {
  return runToEnd(process.execPath, [join(repositoryRoot(), 'dist/apps/cli/src/main.js'), ...args], environment);
}
