import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The command line of a process, arguments joined by blanks; undefined when there is no such process. */
export async function commandLineOf(pid: number): Promise<string | undefined> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return undefined;
  }
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
  } catch {
    const answer = await run('ps', ['-o', 'args=', '-p', String(pid)]).catch(() => undefined);
    return answer?.stdout.trim();
  }
}

/**
 * Waits for a process that an earlier run left behind and that is being stopped by its watchdog.
 * @param pidFile file whose first line is the process id; absent or unreadable means that nothing runs
 * @param marker part of the command line that tells our process from a stranger with a reused id
 * @returns the id of the process that still runs after `waitMs`, or undefined when the place is free
 */
export async function waitForEarlierProcess(
  pidFile: string,
  marker: string,
  waitMs: number,
  onWaiting: (pid: number) => void,
): Promise<number | undefined> {
  const deadline = Date.now() + waitMs;
  for (let told = false; ; told = true) {
    const content = await readFile(pidFile, 'utf8').catch(() => '');
    const pid = Number.parseInt(content, 10);
    if (!(pid > 0)) return undefined;
    const commandLine = await commandLineOf(pid);
    if (commandLine === undefined || !commandLine.includes(marker)) return undefined;
    if (Date.now() > deadline) return pid;
    if (!told) onWaiting(pid);
    await sleep(200);
  }
}
