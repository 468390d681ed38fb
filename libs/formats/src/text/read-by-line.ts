import type { ByteSource, ReadBatch, ReadItem, ReadOptions } from '../format.js';
import { checkText } from './checked-text.js';
import { markingOfHead, RememberedHead, underHead } from './marking-of-head.js';
import { LINE_LIMIT, LineSplitter, type Line } from './line-splitter.js';

/**
 * Reads a document in which each line is an item by itself, or no item at all.
 * @param itemOf what a line is; undefined for a line that is no item
 * @throws a rejection when the document is empty or not UTF-8, before the first batch
 */
export async function* readByLine(
  document: ByteSource,
  options: ReadOptions,
  itemOf: (line: Line) => ReadItem | undefined,
): AsyncIterable<ReadBatch> {
  const { from } = options;
  const source = new RememberedHead(document);
  if (!from?.byte) await checkText(source);
  const marking = markingOfHead(await source.firstBytes());
  const splitter = new LineSplitter(from?.byte, (from?.position ?? 0) + 1);
  let items: ReadItem[] = [];
  let read = from?.items ?? 0;
  let last: Line | undefined;

  const take = (line: Line): ReadBatch | undefined => {
    const item = line.tooLong ? tooLong(line) : itemOf(line);
    if (!item) return undefined;
    items.push(underHead(item, marking));
    last = line;
    return items.length >= options.batchSize ? flush(line) : undefined;
  };
  const flush = (line: Line): ReadBatch => {
    read += items.length;
    const batch = { items, next: { byte: line.end, items: read, position: line.number } };
    items = [];
    return batch;
  };

  for await (const chunk of source.open(from?.byte)) {
    for (const line of splitter.push(chunk)) {
      const batch = take(line);
      if (batch) yield batch;
    }
  }
  for (const line of splitter.end()) {
    const batch = take(line);
    if (batch) yield batch;
  }
  if (items.length > 0 && last) yield flush(last);
}

/** The rejection of a line that is longer than its bound. */
export function tooLong(line: Line): ReadItem {
  return {
    kind: 'rejected',
    position: line.number,
    code: 'TOC_ITEM_TOO_LONG',
    detail: `the line is longer than ${LINE_LIMIT} bytes`,
  };
}
