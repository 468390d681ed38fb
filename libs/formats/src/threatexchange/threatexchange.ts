import type { Format } from '../format.js';
import { readJsonList } from '../json/read-json-list.js';
import { EXAMPLES } from './examples.js';
import { isDescriptor, itemOfDescriptor } from './read-descriptor.js';

/** Longest descriptor, in bytes. */
const DESCRIPTOR_LIMIT = 64 * 1024;

/** Descriptors as ThreatExchange answers them: an object with `data`. */
export const threatexchange: Format = {
  id: 'threatexchange',
  title: 'ThreatExchange descriptors (JSON)',
  mediaTypes: ['application/vnd.threatexchange.descriptors+json'],
  fileExtensions: ['.json'],
  positionUnit: 'object',

  detect(head) {
    const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1');
    if (!/^(?:\u00ef\u00bb\u00bf)?\s*\{/.test(text) || !/"data"\s*:\s*\[/.test(text)) return 0;
    return /"raw_indicator"\s*:/.test(text) ? 1 : 0;
  },

  read: (source, options) =>
    readJsonList(source, options, {
      sliced: { array: 'data' },
      limit: DESCRIPTOR_LIMIT,
      notThis: 'this is no answer of ThreatExchange, which is an object with a list of descriptors as its data',
      isOne: isDescriptor,
      itemOf: itemOfDescriptor,
    }),

  examples: EXAMPLES,
};
