import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { In, type EntityManager } from 'typeorm';
import { fault } from '#libs/domain';
import { ProtectedList } from '#libs/persistence';
import { readProtectedList } from '#libs/safeguards';
import type { ProtectedListRow } from '../plain.js';

/** The committed file, relative to the folder that holds both the sources and what is built from them. */
const FILE = join('apps', 'console', 'src', 'keep-protected-lists', 'default-lists.json');

/** Found upwards from this module, which runs from the sources and from `dist/`, where no JSON file is copied. */
function defaultListsFile(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const candidate = join(folder, FILE);
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) throw fault(`${FILE} is missing from this installation`);
  }
}

/** The lists that an exchange begins with. */
export function readDefaultLists(): ProtectedListRow[] {
  const content: unknown = JSON.parse(readFileSync(defaultListsFile(), 'utf8'));
  if (!Array.isArray(content)) throw fault(`${FILE} is not a list of lists`);
  return content.map((given: unknown) => {
    if (typeof given !== 'object' || given === null || !('id' in given) || typeof given.id !== 'string') {
      throw fault(`a list of ${FILE} has no id`);
    }
    const { id, ...list } = given;
    return { id, version: 1, ...readProtectedList(list) };
  });
}

/**
 * Loads those default lists that are not there; what operators made of the others stays.
 * @returns ids of the lists that were loaded
 */
export async function loadDefaultLists(manager: EntityManager): Promise<string[]> {
  const lists = readDefaultLists();
  const present = await manager.findBy(ProtectedList, { id: In(lists.map(({ id }) => id)) });
  const missing = lists.filter(({ id }) => !present.some((list) => list.id === id));
  await manager.insert(ProtectedList, missing);
  return missing.map(({ id }) => id);
}
