import { readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join, relative, resolve } from 'node:path';
import { TocsinError } from '#libs/domain';
import { detectFormat, type ReadItem } from '../src/index.js';

/** Real documents that nobody of this project wrote; not part of the repository. */
export const SAMPLES = resolve('../shared/samples');

/** What reading one document gave: nothing of its content. */
export interface Counts {
  /** Id of the format, or the code of the refusal. */
  read: string;
  signals?: Record<string, number>;
  rejected?: Record<string, number>;
  ignored?: Record<string, number>;
  other?: Record<string, number>;
}

/** Folders of documents in the formats that are read; of the others only the outcome is counted. */
const COUNTED = ['stix', 'misp', 'cap', 'csv', 'text', 'hashlists', 'hostile'];

/** What hostile files are declared to be as well, by the end of their name. */
const DECLARED: Readonly<Record<string, readonly string[]>> = {
  '.json': ['stix21', 'misp', 'ndjson-list', 'tat-hash-list', 'guard'],
  '.xml': ['cap12', 'ncmec-hash-list'],
  '.txt': ['value-list', 'csv-list', 'text', 'cap12'],
};

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesIn(join(folder, entry.name)) : [join(folder, entry.name)]));
}

function add(counts: Counts, group: 'signals' | 'rejected' | 'ignored' | 'other', word: string): void {
  const words = (counts[group] ??= {});
  words[word] = (words[word] ?? 0) + 1;
}

function count(counts: Counts, item: ReadItem): void {
  if (item.kind === 'candidate') for (const { type } of item.signals) add(counts, 'signals', type);
  else if (item.kind === 'rejected') add(counts, 'rejected', item.code);
  else if (item.kind === 'ignored') add(counts, 'ignored', item.what);
  else add(counts, 'other', item.kind === 'forbidden' ? item.code : item.kind);
}

/** Reads one file as detected, or as declared. */
export async function countFile(file: string, id?: string): Promise<Counts> {
  const bytes = readFileSync(file);
  const counts: Counts = { read: '' };
  try {
    const { format } = detectFormat(bytes.subarray(0, 64 * 1024), { id, fileName: basename(file) });
    counts.read = format.id;
    const source = {
      size: bytes.length,

      async *open(fromByte = 0) {
        if (fromByte < bytes.length) yield bytes.subarray(fromByte);
      },
    };
    for await (const { items } of format.read(source, { batchSize: 1000 }))
      for (const item of items) count(counts, item);
  } catch (thrown) {
    if (!(thrown instanceof TocsinError) || thrown.family !== 'rejection') throw thrown;
    return { read: thrown.code };
  }
  return counts;
}

/** Counts of all samples, by path; hostile files also as what they could be declared to be. */
export async function countSamples(): Promise<Record<string, Counts>> {
  const all: Record<string, Counts> = {};
  for (const file of filesIn(SAMPLES)) {
    const name = relative(SAMPLES, file);
    const folder = name.split('/')[0] ?? '';
    if (COUNTED.includes(folder)) {
      all[name] = await countFile(file);
      if (folder !== 'hostile') continue;
      for (const id of DECLARED[extname(name)] ?? []) all[`${name} as ${id}`] = await countFile(file, id);
    } else {
      const counts = (all[`${folder}/…`] ??= { read: 'as detected' });
      add(counts, 'other', (await countFile(file)).read);
    }
  }
  return all;
}
