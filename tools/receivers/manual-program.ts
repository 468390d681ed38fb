import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** A program printed in the receivers' manual, running. */
export interface ManualProgram {
  /** Lines it has printed. */
  readonly lines: readonly string[];
  /** Resolves when a line was printed so many times, past ones included. @throws when the program ends or the time is over */
  says(line: string, ms: number, times?: number): Promise<void>;
  /** Gives it a line to read. */
  tell(line: string): void;
  stop(): Promise<void>;
}

const COMMANDS = { typescript: process.execPath, python: 'python3' };
const FILES = { typescript: 'program.ts', python: 'program.py' };

/** Languages whose programs run here; those in Python only where its interpreter takes these arguments. */
export function manualLanguages(probe: readonly string[] = ['--version']): (keyof typeof COMMANDS)[] {
  try {
    execFileSync(COMMANDS.python, probe, { stdio: 'ignore' });
    return ['typescript', 'python'];
  } catch {
    process.stderr.write(`skipped: ${[COMMANDS.python, ...probe].join(' ')} does not run here\n`);
    return ['typescript'];
  }
}

/** The program in this language of a page of `docs/receivers`; `sh` for its first commands. */
export async function manualText(page: string, language: keyof typeof COMMANDS | 'sh'): Promise<string> {
  const manual = await readFile(resolve('docs/receivers', page), 'utf8');
  const text = new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(manual)?.[1];
  if (text === undefined) throw new Error(`${page} has no program in ${language}`);
  return text;
}

/** Starts a program as printed; `files` are written beside it, and it finds this repository's packages. */
export async function startManualProgram(
  text: string,
  language: keyof typeof COMMANDS,
  environment: Record<string, string>,
  files: Record<string, string> = {},
): Promise<ManualProgram> {
  // TypeScript below the repository, so that it finds the packages; the rest wherever temporary files go.
  const parent = language === 'typescript' ? resolve('var') : tmpdir();
  const folder = await mkdtemp(join(parent, 'manual-'));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  await writeFile(join(folder, FILES[language]), text);
  const child = spawn(COMMANDS[language], [FILES[language]], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      PYENV_VERSION: process.env['PYENV_VERSION'],
      ...environment,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  let rest = '';
  let complaint = '';
  const watchers = new Set<() => void>();
  const look = (): void => watchers.forEach((watcher) => watcher());
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    const parts = `${rest}${piece}`.split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
    look();
  });
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (complaint += piece));
  const ended = new Promise<void>((done) => child.once('close', () => done()).once('error', () => done()));
  void ended.then(look);
  return {
    lines,
    says: (line, ms, times = 1) =>
      new Promise((done, fail) => {
        const end = (act: () => void): void => {
          clearTimeout(timer);
          watchers.delete(watcher);
          act();
        };
        const timer = setTimeout(() => end(() => fail(new Error(`no line ${line} in ${ms} ms\n${complaint}`))), ms);
        const watcher = (): void => {
          if (lines.filter((printed) => printed === line).length >= times) end(done);
          else if (child.exitCode !== null) end(() => fail(new Error(`the program ended\n${complaint}`)));
        };
        watchers.add(watcher);
        watcher();
      }),
    tell: (line) => {
      child.stdin.write(`${line}\n`);
    },
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
