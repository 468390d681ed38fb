import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * A Python with packages of PyPI, in a folder of its own.
 * @returns its path; undefined, and said aloud, where there is none
 */
export async function pythonIn(folder: string, packages: readonly string[]): Promise<string | undefined> {
  const python = join(folder, 'bin', 'python');
  try {
    await run('python3', ['-m', 'venv', folder]);
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages]);
    return python;
  } catch {
    process.stderr.write(`skipped: Python with ${packages.join(', ')} is not here\n`);
    return undefined;
  }
}
