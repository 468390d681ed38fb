import type { Format, ReadBatch, ReadItem, ReadOptions } from '../format.js';
import { readValue, shapeOf, asLive } from '../list-values/read-value.js';
import { readByLine } from '../text/read-by-line.js';
import { markingOfList } from '../text/marking-of-head.js';
import { linesOfHead } from '../text/lines-of-head.js';
import type { Line } from '../text/line-splitter.js';
import { EXAMPLES } from './examples.js';

/** A line that is no item: nothing, or a comment. */
function isNoItem(text: string): boolean {
  return text === '' || text.startsWith('#');
}

function itemOf({ text, number: position }: Line, signalType: ReadOptions['signalType']): ReadItem | undefined {
  const value = text.trim();
  if (isNoItem(value)) return undefined;
  const reading = readValue(value, signalType);
  if (reading.outcome === 'signal') return { kind: 'candidate', position, signals: [reading.signal] };
  if (reading.outcome === 'ignored') return { kind: 'ignored', position, what: reading.what };
  return { kind: 'rejected', position, code: reading.code, detail: reading.detail };
}

/** One value a line: hashes, URLs with their scheme, domains. */
export const valueList: Format = {
  id: 'value-list',
  title: 'List of values, one a line',
  mediaTypes: ['text/plain'],
  fileExtensions: ['.txt', '.list', '.lst'],
  positionUnit: 'line',

  detect(head) {
    const values = linesOfHead(head)
      .map((line) => line.trim())
      .filter((line) => !isNoItem(line));
    const told = values.filter((value) => shapeOf(asLive(value))).length;
    return told * 2 > values.length ? 0.9 * (told / values.length) : 0;
  },

  read(source, options): AsyncIterable<ReadBatch> {
    return readByLine(source, options, (line) => itemOf(line, options.signalType));
  },

  markingOf: markingOfList,

  examples: EXAMPLES,
};
