import { fault } from '#libs/domain';
import type { Format } from './format.js';
import { cap12 } from './cap12/cap12.js';
import { csvList } from './csv-list/csv-list.js';
import { guard } from './guard/guard.js';
import { misp } from './misp/misp.js';
import { ncmecHashList } from './ncmec-hash-list/ncmec-hash-list.js';
import { ndjsonList } from './ndjson-list/ndjson-list.js';
import { openedContainer } from './opened-container/opened-container.js';
import { stix21 } from './stix21/stix21.js';
import { tatHashList } from './tat-hash-list/tat-hash-list.js';
import { textAdvisory } from './text-advisory/text-advisory.js';
import { threatexchange } from './threatexchange/threatexchange.js';
import { valueList } from './value-list/value-list.js';

const ID = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/**
 * Makes a registry of formats. Ids are storage keys: they never change and are never used twice.
 * @throws a fault, so that a program with a wrong registry does not start
 */
export function defineRegistry(formats: readonly Format[]): ReadonlyMap<string, Format> {
  const registry = new Map<string, Format>();
  for (const format of formats) {
    if (!ID.test(format.id)) throw fault(`the format id ${JSON.stringify(format.id)} is not kebab-case`);
    if (registry.has(format.id)) throw fault(`two formats have the id ${format.id}`);
    registry.set(format.id, format);
  }
  return registry;
}

/** The formats that a document can be in. A new format is one folder and one entry here. */
const DOCUMENT_FORMATS = [
  stix21,
  guard,
  misp,
  cap12,
  ncmecHashList,
  tatHashList,
  threatexchange,
  valueList,
  csvList,
  ndjsonList,
  textAdvisory,
];

/** All formats that can be read, by id; the last holds documents in the others. */
export const FORMATS = defineRegistry([...DOCUMENT_FORMATS, openedContainer(defineRegistry(DOCUMENT_FORMATS))]);
