import { open, rename, rm } from 'node:fs/promises';

/**
 * Writes a new file that only its owner can read, and flushes it, since what it holds is shown nowhere else.
 * @throws Error with one sentence when there is a file already
 */
export async function writePrivateFile(path: string, content: object): Promise<void> {
  const file = await open(path, 'wx', 0o600).catch((thrown: unknown) => {
    const exists = thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST';
    throw exists ? new Error(`${path} exists; it is not overwritten: name another file.`) : thrown;
  });
  try {
    await file.writeFile(`${JSON.stringify(content, undefined, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The same for a file that may be there; a reader sees the old content or the new one, whole. */
export async function replacePrivateFile(path: string, content: object): Promise<void> {
  const fresh = `${path}.new`;
  await dropFile(fresh);
  await writePrivateFile(fresh, content);
  await rename(fresh, path);
}

/** Removes a file that turned out to be of no use. */
export async function dropFile(path: string): Promise<void> {
  await rm(path, { force: true });
}
