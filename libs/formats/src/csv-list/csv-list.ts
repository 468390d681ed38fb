import type { ByteSource, Format, ReadBatch, ReadItem, ReadOptions } from '../format.js';
import { itemOfValues, type NamedValue } from '../list-values/item-of-values.js';
import { asLive, shapeOf } from '../list-values/read-value.js';
import { isNotForDetection, isWidestDistribution } from '../list-values/words.js';
import { markingOfTags, tagsIn, tlpWithin } from '../marking-tags/marking-tags.js';
import { checkText } from '../text/checked-text.js';
import { markingOfHead, markingOfList, underHead } from '../text/marking-of-head.js';
import { LineSplitter } from '../text/line-splitter.js';
import { linesOfHead } from '../text/lines-of-head.js';
import { EXAMPLES } from './examples.js';
import { findLayout, HEAD_LIMIT, noKnownColumn, type Layout } from './layout.js';
import { RecordSplitter, type CsvRecord } from './record-splitter.js';

const DELETED = /^(true|yes|1|deleted|revoked|withdrawn)$/i;

async function headOf(source: ByteSource): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of source.open()) {
    pieces.push(chunk);
    length += chunk.length;
    if (length >= HEAD_LIMIT) break;
  }
  return Buffer.concat(pieces).subarray(0, HEAD_LIMIT);
}

/** Cells past the header mean that columns have shifted, and a value might be half of one. */
function isTooWide({ cells }: CsvRecord, width: number): boolean {
  return cells.length > width && cells.slice(width).some((cell) => cell.trim() !== '');
}

function itemOf(record: CsvRecord, layout: Layout, signalType: ReadOptions['signalType']): ReadItem {
  const position = record.line;
  if (record.problem) return { kind: 'rejected', position, ...record.problem };
  if (isTooWide(record, layout.width)) {
    const detail = `the row has ${record.cells.length} cells, the header ${layout.width}`;
    return { kind: 'rejected', position, code: 'TOC_ITEM_MALFORMED', detail };
  }
  const cell = (index: number | undefined): string => (index === undefined ? '' : (record.cells[index] ?? '').trim());
  const typeWord = cell(layout.type) || undefined;
  const spokenOf = layout.values.find(({ type }) => type === undefined);
  const values: NamedValue[] = [];
  for (const column of layout.values) {
    const raw = cell(column.index);
    if (raw === '') continue;
    const { name, type = signalType } = column;
    values.push(column === spokenOf && typeWord ? { name, raw, typeWord } : { name, raw, type });
  }
  const deleted = layout.deleted !== undefined && DELETED.test(cell(layout.deleted));
  const said = (columns: readonly number[]): string[] => columns.map(cell).filter((text) => text !== '');
  const tags = markingOfTags(said(layout.tags).flatMap(tagsIn));
  const isMarkedOtherwise =
    tags.isMarkedOtherwise ||
    said(layout.marking).length > 0 ||
    said(layout.distribution).some((word) => !isWidestDistribution(word));
  return itemOfValues({
    position,
    values,
    quality: cell(layout.quality) || undefined,
    deleted,
    isNotForDetection: isNotForDetection(cell(layout.toIds)),
    tlp: [...said(layout.tlp), ...tags.tlp, ...said(layout.other).flatMap(tlpWithin)],
    isMarkedOtherwise,
  });
}

/**
 * Reads the rows. A checkpoint is the first byte of the last row that was read: reading on reads that row again to know
 * how many lines it has, so that the numbers of the lines after it are right.
 */
async function* readRows(source: ByteSource, options: ReadOptions): AsyncIterable<ReadBatch> {
  const { from, signalType } = options;
  const goesOn = from !== undefined && from.position > 0;
  if (!goesOn) await checkText(source);
  const head = await headOf(source);
  const layout = findLayout(head, options);
  if (!layout) throw noKnownColumn();
  const marking = markingOfHead(head);
  const lines = new LineSplitter(from?.byte, goesOn ? from.position : 1);
  const records = new RecordSplitter(layout.delimiter);
  const readBefore = goesOn ? from.position : (layout.headerLine ?? 0);
  let items: ReadItem[] = [];
  let read = from?.items ?? 0;
  let last: CsvRecord | undefined;

  const flush = (record: CsvRecord): ReadBatch => {
    read += items.length;
    const batch = { items, next: { byte: record.start, items: read, position: record.line } };
    items = [];
    return batch;
  };
  const take = function* (found: readonly CsvRecord[]): Iterable<ReadBatch> {
    for (const record of found) {
      if (record.line <= readBefore) continue;
      items.push(underHead(itemOf(record, layout, signalType), marking));
      last = record;
      if (items.length >= options.batchSize) yield flush(record);
    }
  };

  for await (const chunk of source.open(from?.byte)) {
    for (const line of lines.push(chunk)) yield* take(records.push(line));
  }
  for (const line of lines.end()) yield* take(records.push(line));
  yield* take(records.end());
  if (items.length > 0 && last) yield flush(last);
}

/** Delimited columns with a header. */
export const csvList: Format = {
  id: 'csv-list',
  title: 'List of values in columns (CSV)',
  mediaTypes: ['text/csv', 'text/tab-separated-values'],
  fileExtensions: ['.csv', '.tsv'],
  positionUnit: 'line',

  detect(head) {
    const layout = findLayout(head.subarray(0, HEAD_LIMIT));
    if (layout?.headerLine === undefined) return 0;
    const records = new RecordSplitter(layout.delimiter);
    const lines = linesOfHead(head).map((text, index) => ({
      text,
      number: index + 1,
      start: 0,
      end: 0,
      tooLong: false,
    }));
    const rows = lines.flatMap((line) => records.push(line)).filter(({ line }) => line > (layout.headerLine ?? 0));
    const told = rows.some(({ cells }) =>
      layout.values.some(({ index }) => shapeOf(asLive(cells[index]?.trim() ?? '')) !== undefined),
    );
    return told || rows.length === 0 ? 0.95 : 0;
  },

  read: readRows,

  markingOf: markingOfList,

  examples: EXAMPLES,
};
