import { open, rename, stat } from 'node:fs/promises';

/** Moves a log file aside (to `<file>.1`) when it has outgrown `maxBytes`; called before a start, not while it is written. */
export async function rotateLogFile(file: string, maxBytes = 20 * 1024 * 1024): Promise<void> {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size > maxBytes) await rename(file, `${file}.1`);
}

/** The last lines of a log file, at most 4 KiB of it, for an error message; empty when there is no file. */
export async function lastLines(file: string, lines = 8): Promise<string> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return '';
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, 4096);
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } finally {
    await handle.close();
  }
}
