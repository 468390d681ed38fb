import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The pom that names the broker's jars, by its place in the repository. */
export const POM_PATH = join('libs', 'embedded', 'kafka', 'pom.xml');

/**
 * The folder of the checkout, found upwards from this module, which runs from the sources and from `dist/`.
 * @throws Error when the module was copied out of its checkout.
 */
export function repositoryRoot(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, POM_PATH))) return folder;
    if (folder === dirname(folder)) throw new Error(`${POM_PATH} is missing from this checkout`);
  }
}

/**
 * Where the broker's jars are kept: below `cacheDir` (the variable TOCSIN_CACHE_DIR, which lets several clones share one
 * download) or in the checkout's own `var/`.
 */
export function kafkaJarsDir(cacheDir: string | undefined, root = repositoryRoot()): string {
  return cacheDir === undefined || cacheDir === '' ? join(root, 'var', 'kafka-jars') : join(cacheDir, 'kafka-jars');
}
