import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, opendir, realpath, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FilePort } from '#libs/connectors';
import { fault, transient, type TocsinError } from '#libs/domain';

/** A name that stays where it is put: no way up, none that is hidden, no separators. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;
const NEW_FILE = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW;

/** Folders of platforms below one root. A platform may write to its own, so what is there is not trusted to lead nowhere else. */
export function fileFolders(root: string): FilePort {
  return {
    async put(folder, name, bytes) {
      requirePlain([...folder, name]);
      try {
        await putWhole(await openFolder(root, folder), name, bytes);
      } catch (thrown) {
        throw unavailable(thrown);
      }
    },
    async *list(folder) {
      requirePlain(folder);
      try {
        const at = await openFolder(root, folder);
        for await (const entry of await opendir(at)) {
          if (!entry.isFile() || !PLAIN.test(entry.name)) continue;
          // The platform takes its files away whenever it likes.
          const found = await stat(join(at, entry.name)).catch(() => undefined);
          if (found) yield { name: entry.name, at: found.mtime };
        }
      } catch (thrown) {
        throw unavailable(thrown);
      }
    },
    async remove(folder, name) {
      requirePlain([...folder, name]);
      try {
        await rm(join(await openFolder(root, folder), name), { force: true });
      } catch (thrown) {
        throw unavailable(thrown);
      }
    },
  };
}

function requirePlain(parts: readonly string[]): void {
  if (!parts.every((part) => PLAIN.test(part))) throw fault('a file is to be put nowhere plain');
}

function unavailable(thrown: unknown): TocsinError {
  return transient('TOC_FILES_UNAVAILABLE', 'the folder for files cannot be written', thrown);
}

/** The folder itself, made where it is missing. The root has to be there: a share that is not mounted is no empty folder. */
async function openFolder(root: string, folder: readonly string[]): Promise<string> {
  let at = await realpath(root);
  for (const part of folder) {
    at = join(at, part);
    // Its parent is there: `recursive` only keeps it from minding that it is there itself.
    await mkdir(at, { recursive: true, mode: 0o750 });
    if ((await realpath(at)) !== at) throw new Error('a folder leads elsewhere');
  }
  return at;
}

/** Under another name until all of it is on the disk. */
async function putWhole(folder: string, name: string, bytes: Buffer): Promise<void> {
  const unfinished = join(folder, `.${randomUUID()}`);
  try {
    const file = await open(unfinished, NEW_FILE, 0o640);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, join(folder, name));
  } catch (thrown) {
    await rm(unfinished, { force: true });
    throw thrown;
  }
  const entries = await open(folder, constants.O_RDONLY);
  try {
    await entries.sync();
  } finally {
    await entries.close();
  }
}
