import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { repositoryRoot } from '../repository-root.js';
import { startTethered } from './tethered-process.js';

const STUBBORN = 'trap "" TERM INT HUP; echo ready; while :; do sleep 0.1; done';
const library = pathToFileURL(join(repositoryRoot(), 'dist/libs/embedded/src/index.js')).href;

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'tocsin tether '))));
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a tethered process', () => {
  it('ends at the signal it is asked with', async () => {
    const child = await startTethered({ command: 'sleep', args: ['60'] });
    expect(child.end()).toBeUndefined();
    expect(await child.stop()).toEqual({ code: null, signal: 'SIGTERM' });
    expect(await child.stop()).toEqual({ code: null, signal: 'SIGTERM' });
  });

  it('is killed when it does not end within its grace', async () => {
    const logFile = join(folder, 'stubborn.log');
    const child = await startTethered({ command: '/bin/sh', args: ['-c', STUBBORN], logFile, graceMs: 300 });
    await until(async () => (await readFile(logFile, 'utf8')).includes('ready'));
    expect(await child.stop()).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('says what could not be started', async () => {
    await expect(startTethered({ command: join(folder, 'absent'), args: [] })).rejects.toThrow('ENOENT');
  });

  it.each([
    ['at once when it listens', 'echo ready; exec sleep 60'],
    ['after its grace when it does not', STUBBORN],
  ])('does not outlive a parent that was killed: %s', async (_, script) => {
    const logFile = join(folder, 'child.log');
    const options = { command: '/bin/sh', args: ['-c', script], logFile, graceMs: 1000 };
    const program = `import { startTethered } from ${JSON.stringify(library)};
      const child = await startTethered(${JSON.stringify(options)});
      console.log(child.pid);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [output]: Buffer[] = await once(parent.stdout, 'data');
    const pid = Number(output?.toString());
    expect(pid).toBeGreaterThan(0);
    await until(async () => (await readFile(logFile, 'utf8')).includes('ready'));
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await until(async () => !lives(pid));
  });
});

describe('a process that is asked to end', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('stops its children in the order it was given and exits: %s', async (signal, status) => {
    const program = `import { startTethered, stopInOrder, stopOnTermination } from ${JSON.stringify(library)};
      const start = async (name) => {
        const child = await startTethered({ command: 'sleep', args: ['60'] });
        return { stop: () => child.stop().then((end) => console.log(name, end.signal)) };
      };
      const children = [await start('kafka'), await start('postgres')];
      stopOnTermination(() => stopInOrder(children));
      console.log('ready');`;
    const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit'];
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio });
    let output = '';
    parent.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const closed = once(parent, 'close');
    await until(async () => output.includes('ready'));
    parent.kill(signal);
    expect(await closed).toEqual([status, null]);
    expect(output.split('\n')).toEqual(['ready', 'kafka SIGTERM', 'postgres SIGTERM', '']);
  });
});

// An orphan that nobody has reaped yet no longer runs.
function lives(pid: number): boolean {
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z');
  } catch {
    return false;
  }
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('What was waited for did not happen within a minute');
    await sleep(20);
  }
}
