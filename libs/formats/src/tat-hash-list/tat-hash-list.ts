import type { Format } from '../format.js';
import { readJsonList } from '../json/read-json-list.js';
import { EXAMPLES } from './examples.js';
import { isEntry, itemOfEntry } from './read-entry.js';

/** Longest entry, in bytes. */
const ENTRY_LIMIT = 64 * 1024;
const OF_THE_LIST = /^(?:\u00ef\u00bb\u00bf)?\s*\[\s*\{[^[\]]*"hash_digest"\s*:/;

/** The hash list of Tech Against Terrorism: a list of objects. */
export const tatHashList: Format = {
  id: 'tat-hash-list',
  title: 'Tech Against Terrorism hash list (JSON)',
  mediaTypes: ['application/vnd.tat.hash-list+json'],
  fileExtensions: ['.json'],
  positionUnit: 'object',

  detect(head) {
    const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1');
    if (!OF_THE_LIST.test(text)) return 0;
    return /"ideology"\s*:/.test(text) ? 1 : 0.9;
  },

  read: (source, options) =>
    readJsonList(source, options, {
      sliced: 'list',
      limit: ENTRY_LIMIT,
      notThis: 'this is no hash list of Tech Against Terrorism, which is a list of objects',
      isOne: isEntry,
      itemOf: itemOfEntry,
    }),

  examples: EXAMPLES,
};
