import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** How a child ended: an exit status, or the signal that ended it. */
export interface ProcessEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** What to start and how it wants to be stopped. */
export interface TetheredProcessOptions {
  command: string;
  args: readonly string[];
  cwd?: string;
  /** The child's whole environment; the parent's own when absent. */
  environment?: NodeJS.ProcessEnv;
  uid?: number;
  gid?: number;
  /** Where stdout and stderr go, appended; /dev/null when absent. */
  logFile?: string;
  /** The signal that asks the child to finish in good order. Default SIGTERM. */
  stopSignal?: 'SIGTERM' | 'SIGINT';
  /** Milliseconds between that signal and SIGKILL. Default 15,000. */
  graceMs?: number;
}

/** A child process that does not outlive its parent. */
export interface TetheredProcess {
  readonly pid: number;
  /** Settles when the child has ended, whatever the reason; never rejects. */
  readonly ended: Promise<ProcessEnd>;
  /** How it ended, or undefined while it runs. */
  end(): ProcessEnd | undefined;
  /**
   * Asks the child to finish, waits for its grace, then kills it. Repeated calls wait for the same end.
   * @throws Error when even a killed child stays (the kernel holds it), after 5 s more
   */
  stop(): Promise<ProcessEnd>;
  /** SIGKILL, at once; resolves when the child is gone. Throws like `stop`. */
  kill(): Promise<ProcessEnd>;
}

// Reads one word from the parent. A word means "all is well, the child has ended"; end of input means that the parent is gone.
const WATCHDOG = `
if read -r word; then exit 0; fi
kill -s "$1" "$2" 2>/dev/null || exit 0
waited=0
while [ "$waited" -lt "$3" ]; do
  sleep 1
  kill -0 "$2" 2>/dev/null || exit 0
  waited=$((waited + 1))
done
kill -s KILL "$2" 2>/dev/null
`;

/**
 * Starts a child in a session of its own, so that Ctrl-C in a terminal reaches the parent alone and the parent decides the order
 * of stopping. Beside it runs a shell of a few hundred kilobytes that holds a pipe from the parent: when the parent
 * disappears, SIGKILL included, the shell stops the child in the same way as {@link TetheredProcess.stop}.
 * @throws the spawn error (for instance ENOENT) when the command cannot be started.
 */
export async function startTethered(options: TetheredProcessOptions): Promise<TetheredProcess> {
  const stopSignal = options.stopSignal ?? 'SIGTERM';
  const graceMs = options.graceMs ?? 15_000;
  const child = await spawnChild(options);
  const pid = child.pid ?? 0;
  const watchdog = startWatchdog(pid, stopSignal, graceMs);

  let end: ProcessEnd | undefined;
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('exit', (code, signal) => {
      end = { code, signal };
      watchdog.stdin?.end('ended\n');
      resolve(end);
    });
  });

  const kill = async (): Promise<ProcessEnd> => {
    if (end === undefined) child.kill('SIGKILL');
    const killed = await within(ended, 5000);
    if (killed === undefined) throw new Error(`Process ${pid} (${options.command}) could not be killed`);
    return killed;
  };
  const stop = async (): Promise<ProcessEnd> => {
    if (end === undefined) child.kill(stopSignal);
    return (await within(ended, graceMs)) ?? kill();
  };
  return { pid, ended, end: () => end, stop, kill };
}

/** What `promise` brings, or undefined when that takes longer than `ms`. */
async function within<Value>(promise: Promise<Value>, ms: number): Promise<Value | undefined> {
  const timer = new AbortController();
  const late = sleep(ms, undefined, { signal: timer.signal }).catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
  }
}

async function spawnChild(options: TetheredProcessOptions): Promise<ChildProcess> {
  const output = options.logFile === undefined ? undefined : openSync(options.logFile, 'a', 0o600);
  try {
    const child = spawn(options.command, options.args, {
      cwd: options.cwd,
      env: options.environment,
      uid: options.uid,
      gid: options.gid,
      detached: true,
      stdio: ['ignore', output ?? 'ignore', output ?? 'ignore'],
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    return child;
  } finally {
    if (output !== undefined) closeSync(output);
  }
}

function startWatchdog(pid: number, stopSignal: NodeJS.Signals, graceMs: number): ChildProcess {
  const seconds = String(Math.ceil(graceMs / 1000));
  const watchdog = spawn('/bin/sh', ['-c', WATCHDOG, 'watchdog', stopSignal.slice(3), String(pid), seconds], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // The child is what keeps the parent's event loop alive, never its watchdog; a watchdog that ended early breaks nothing.
  watchdog.on('error', () => undefined);
  watchdog.stdin.on('error', () => undefined);
  watchdog.unref();
  const pipe: unknown = watchdog.stdin;
  if (hasUnref(pipe)) pipe.unref();
  return watchdog;
}

function hasUnref(pipe: unknown): pipe is { unref(): void } {
  return typeof pipe === 'object' && pipe !== null && 'unref' in pipe && typeof pipe.unref === 'function';
}
