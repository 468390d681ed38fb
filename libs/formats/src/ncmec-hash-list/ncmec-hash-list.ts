import type { ByteSource, Format, ReadBatch, ReadOptions } from '../format.js';
import { readElements } from '../xml/read-elements.js';
import { checkXml } from '../xml/xml-cutter.js';
import { EXAMPLES } from './examples.js';
import { itemsOfEntry } from './read-entry.js';

const NAMESPACE = 'https://hashsharing.ncmec.org/hashsharing/v2';
const ENTRIES = new Set(['image', 'video', 'deletedImage', 'deletedVideo']);
const LISTS = new Set(['images', 'videos']);

async function* readDocument(source: ByteSource, options: ReadOptions): AsyncIterable<ReadBatch> {
  const isPage = ({ name, uri }: { name: string; uri: string }): boolean => name === 'queryResult' && uri === NAMESPACE;
  await checkXml(source, isPage, 'page of entries of the NCMEC hash sharing interface, version 2');
  yield* readElements(source, options, {
    isCut: (name, parents) => parents.length === 2 && LISTS.has(parents[1] ?? '') && ENTRIES.has(name),
    itemsOf: itemsOfEntry,
  });
}

/** A page of entries of the hash sharing interface of NCMEC, version 2. */
export const ncmecHashList: Format = {
  id: 'ncmec-hash-list',
  title: 'NCMEC hash sharing entries (XML, version 2)',
  mediaTypes: ['application/vnd.ncmec.hash-sharing+xml'],
  fileExtensions: ['.xml'],
  positionUnit: 'object',

  detect(head) {
    const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1');
    return text.includes(NAMESPACE) && /<(?:\w+:)?queryResult[\s>]/.test(text) ? 1 : 0;
  },

  read: readDocument,

  examples: EXAMPLES,
};
