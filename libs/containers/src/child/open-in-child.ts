import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fault, rejection, TocsinError } from '#libs/domain';
import { OPENING_LIMITS, type OpeningLimits } from '../limits.js';
import type { OpenedContainer, SaidBeside } from '../open-container.js';
import type { OpeningAnswer, OpeningOrder } from './child-messages.js';

/** The program, which is what the child may read. */
const ROOT = resolve(import.meta.dirname, '../../../../..');
/** In a test this file runs from its source, and the child is the one that was built. */
const PROGRAM = import.meta.dirname.startsWith(resolve(ROOT, 'dist'))
  ? ROOT
  : resolve(import.meta.dirname, '../../../..');
const ENTRY = resolve(PROGRAM, 'dist/libs/containers/src/child/opening-child.js');
const LOOK_AT_MEMORY_MS = 50;
const MIB = 1024 * 1024;

/** What the child may do: nothing but to read its program. */
const CHILD_OPTIONS: readonly string[] = [
  '--permission',
  `--allow-fs-read=${PROGRAM}/*`,
  '--max-old-space-size=224',
  '--max-semi-space-size=8',
  '--disallow-code-generation-from-strings',
  '--no-warnings',
];

/**
 * The program and the arguments of a child. A shell sets what Node cannot: when the child dies, nothing of its memory is
 * written to a disk, and should this process die first, the child ends by the processor time that it used.
 * @param args what it runs
 */
export function childCommand(args: readonly string[]): [command: string, args: string[]] {
  const script = 'ulimit -c 0 && ulimit -t 120 && exec "$0" "$@"';
  return ['/bin/sh', ['-c', script, process.execPath, ...CHILD_OPTIONS, ...args]];
}

type Ended = { answer: Buffer } | { ended: 'time' | 'memory' | 'output' | 'died' };

/**
 * Opens a container in a process of its own, which may read nothing but its program, write nothing, start nothing, and
 * has the limits of memory and time. It is killed when it goes beyond them.
 * @throws the rejections of {@link openContainer}; `TOC_SUBMISSION_CONTAINER` with the fact `why` = `time` or `memory`
 */
export async function openInChild(
  bytes: Buffer,
  said: SaidBeside = {},
  limits: OpeningLimits = OPENING_LIMITS,
): Promise<OpenedContainer> {
  const [command, args] = childCommand([ENTRY]);
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {},
    cwd: PROGRAM,
  });
  const order: OpeningOrder = { said, limits };
  // It may end before it has read everything; then its answer says why.
  child.stdin.on('error', () => undefined);
  child.stdin.write(`${JSON.stringify(order)}\n`);
  child.stdin.end(bytes);
  const ended = await endOf(child, limits);
  if ('ended' in ended) throw refusalOf(ended.ended, limits);
  return readAnswer(ended.answer);
}

function refusalOf(why: string, { milliseconds, memoryBytes }: OpeningLimits): TocsinError {
  const sentence =
    why === 'time'
      ? `it takes longer than ${milliseconds / 1000} s`
      : why === 'memory'
        ? `it needs more than ${Math.floor(memoryBytes / MIB)} MiB of memory`
        : 'the process that opened it ended';
  return rejection('TOC_SUBMISSION_CONTAINER', `the container cannot be opened: ${sentence}`, { why });
}

/** Waits until the child has ended, and kills it when it goes beyond its limits. */
function endOf(child: ChildProcess, limits: OpeningLimits): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let size = 0;
    let killedFor: 'time' | 'memory' | 'output' | undefined;
    const kill = (why: typeof killedFor): void => {
      killedFor ??= why;
      child.kill('SIGKILL');
    };
    const late = setTimeout(() => kill('time'), limits.milliseconds);
    const watch = setInterval(() => {
      void residentBytes(child.pid).then((resident) => {
        if (resident > limits.memoryBytes) kill('memory');
      });
    }, LOOK_AT_MEMORY_MS);
    child.stdout?.on('data', (piece: Buffer) => {
      pieces.push(piece);
      size += piece.length;
      // What it may keep, what is looked at, and what it tells of it.
      if (size > limits.textBytes + limits.insideBytes) kill('output');
    });
    child.on('error', (error) => {
      clearTimeout(late);
      clearInterval(watch);
      reject(fault('the process that opens containers does not start', error));
    });
    child.on('close', (status, signal) => {
      clearTimeout(late);
      clearInterval(watch);
      if (killedFor !== undefined) resolve({ ended: killedFor });
      else if (status === 0) resolve({ answer: Buffer.concat(pieces) });
      // V8 gives up with SIGABRT, or the status of it, when its memory is full.
      else resolve({ ended: signal === 'SIGABRT' || status === 134 || status === 133 ? 'memory' : 'died' });
    });
  });
}

/** Memory that a process holds, in bytes; 0 where the system does not tell, and V8's own bound is the only one. */
async function residentBytes(pid: number | undefined): Promise<number> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'latin1');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

function readAnswer(output: Buffer): OpenedContainer {
  const end = output.indexOf(10);
  const answer = JSON.parse(output.toString('utf8', 0, end)) as OpeningAnswer;
  if ('rejected' in answer) {
    const { code, detail, facts } = answer.rejected;
    throw rejection(code, detail, facts);
  }
  if ('broken' in answer) throw refusalOf('broken', OPENING_LIMITS);
  const { container, dropped, droppedMore, asideBytes } = answer.opened;
  let at = end + 1 + asideBytes;
  const documents = answer.opened.documents.map(({ bytes, ...told }) => {
    const document = output.subarray(at, at + bytes);
    at += bytes;
    return { ...told, bytes: document };
  });
  return { container, documents, dropped, droppedMore, aside: output.subarray(end + 1, end + 1 + asideBytes) };
}
