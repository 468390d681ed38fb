import { mkdir, readdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SourceProblem, type SourceKind } from './source.js';

/** Where files go that were handed over. */
const DONE = 'handed-over';
/** A file that changed less than this ago may still be being written. */
const SETTLED_MS = 2_000;
const MOST_BYTES = 256 * 1024 * 1024;

/** Files of a folder, in the order of their names; each is moved away once the exchange has it. */
export const folderSource: SourceKind = {
  kind: 'folder',
  needs: ['folder'],

  async *collect({ folder = '' }) {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => {
      throw new SourceProblem('the folder cannot be read');
    });
    const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.')).map(({ name }) => name);
    for (const name of files.sort()) {
      const path = join(folder, name);
      const { mtimeMs, size } = await stat(path);
      if (Date.now() - mtimeMs < SETTLED_MS) continue;
      if (size > MOST_BYTES) throw new SourceProblem('a file is larger than what is read at once: submit it by hand');
      yield {
        name,
        bytes: await readFile(path),
        checkpoint: null,
        handedOver: async () => {
          await mkdir(join(folder, DONE), { recursive: true });
          await rename(path, join(folder, DONE, `${Date.now()}-${name}`));
        },
      };
    }
  },
};
