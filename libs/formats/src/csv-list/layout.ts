import { rejection, type SignalType } from '#libs/domain';
import type { ReadOptions } from '../format.js';
import { shapeOf } from '../list-values/read-value.js';
import { KNOWN_COLUMNS, meaningOfType, roleOf, shownName, wordOf } from '../list-values/words.js';
import { LineSplitter } from '../text/line-splitter.js';
import { RecordSplitter, type CsvRecord } from './record-splitter.js';

/** Bytes within which the header has to be. */
export const HEAD_LIMIT = 128 * 1024;

const DELIMITERS = [',', ';', '\t', '|'] as const;
const SEPARATOR_LINE = /^sep=(.)\r?$/i;

/** Which cells of a row mean what. */
export interface Layout {
  delimiter: string;
  values: { index: number; name: string; type?: SignalType }[];
  /** Column that says the type of the first value column without a type of its own. */
  type?: number;
  quality?: number;
  deleted?: number;
  toIds?: number;
  /** Columns of TLP labels, of tags, of other markings, and of distribution. */
  tlp: number[];
  tags: number[];
  marking: number[];
  distribution: number[];
  /** Columns that are passed over, but for a label of TLP that stands in them. */
  other: number[];
  /** Cells of a row, by the header. */
  width: number;
  /** Line that is the header; undefined when there is none. */
  headerLine?: number;
}

const EMPTY = { tlp: [], tags: [], marking: [], distribution: [], other: [] };
/** Roles that several columns may have. */
const MANY = new Set(['tlp', 'tags', 'marking', 'distribution'] as const);
type Many = 'tlp' | 'tags' | 'marking' | 'distribution';
const isMany = (role: string): role is Many => (MANY as ReadonlySet<string>).has(role);

type Wish = Pick<ReadOptions, 'columns' | 'delimiter'>;

function firstRecord(head: Uint8Array, delimiter: string): CsvRecord | undefined {
  const lines = new LineSplitter();
  const records = new RecordSplitter(delimiter);
  for (const line of [...lines.push(head), ...lines.end()]) {
    if (line.number === 1 && SEPARATOR_LINE.test(line.text)) continue;
    const record = records.push(line)[0];
    if (record) return record;
  }
  return records.end()[0];
}

function separatorLine(head: Uint8Array): string | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 16)).toString('latin1');
  return SEPARATOR_LINE.exec(text.split('\n', 1)[0] ?? '')?.[1];
}

function byHeader(record: CsvRecord, delimiter: string): Layout {
  const layout: Layout = { ...EMPTY, delimiter, values: [], width: record.cells.length, headerLine: record.line };
  record.cells.forEach((cell, index) => {
    const role = roleOf(cell);
    if (!role) layout.other = [...layout.other, index];
    else if (role.role === 'value') layout.values.push({ index, name: shownName(cell), type: role.type });
    else if (isMany(role.role)) layout[role.role] = [...layout[role.role], index];
    else if (role.role === 'to-ids') layout.toIds ??= index;
    else layout[role.role] ??= index;
  });
  return layout;
}

/** Columns that the submission names win over what their names mean; a number names a column of a file without header. */
function byWish(record: CsvRecord, delimiter: string, columns: NonNullable<Wish['columns']>): Layout {
  const named = (wish: string): number => record.cells.findIndex((cell) => wordOf(cell) === wordOf(wish));
  const { value, type, quality } = columns;
  const wishes = [value, type, quality].filter((wish) => wish !== undefined);
  const numbered = wishes.length > 0 && wishes.every((wish) => /^[1-9]\d{0,3}$/.test(wish) && named(wish) < 0);
  const layout: Layout = numbered
    ? { ...EMPTY, delimiter, values: [], width: record.cells.length, other: record.cells.map((_cell, index) => index) }
    : byHeader(record, delimiter);
  const find = (wish: string, name: string): number => {
    const index = numbered ? Number(wish) - 1 : named(wish);
    if (index >= 0 && index < record.cells.length) return index;
    throw rejection('TOC_REQUEST_PARAMETER', `columns.${name}: the file has no such column`, {
      problems: [`columns.${name}: the file has no such column`],
    });
  };
  if (value !== undefined) {
    const index = find(value, 'value');
    const role = numbered ? undefined : roleOf(record.cells[index] ?? '');
    layout.values = [{ index, name: 'value', type: role?.role === 'value' ? role.type : undefined }];
  }
  if (type !== undefined) {
    layout.type = find(type, 'type');
    layout.values = layout.values.map(({ index, name }) => ({ index, name }));
  }
  if (quality !== undefined) layout.quality = find(quality, 'quality');
  const isNamed = (index: number): boolean =>
    layout.values.some((column) => column.index === index) || index === layout.type || index === layout.quality;
  for (const role of [...MANY, 'other'] as const) layout[role] = layout[role].filter((index) => !isNamed(index));
  return layout;
}

function known({ values, type, quality, deleted }: Layout): number {
  return values.length + [type, quality, deleted].filter((index) => index !== undefined).length;
}

/** More columns that are known; of as many, the delimiter that splits the header further. */
function isBetter(layout: Layout, best: Layout): boolean {
  return known(layout) > known(best) || (known(layout) === known(best) && layout.width > best.width);
}

/** A file of one column may do without a header. */
function isBareColumn(record: CsvRecord): boolean {
  const cell = record.cells[0]?.trim() ?? '';
  return record.cells.length === 1 && shapeOf(cell) !== undefined && !meaningOfType(cell);
}

/**
 * Finds the delimiter and the columns in the first bytes of a file, at most {@link HEAD_LIMIT}.
 * @returns undefined when no column is known
 * @throws a rejection `TOC_REQUEST_PARAMETER` when a column that the submission names is not there
 */
export function findLayout(head: Uint8Array, wish: Wish = {}): Layout | undefined {
  const given = wish.delimiter ?? separatorLine(head);
  let best: Layout | undefined;
  let bare: Layout | undefined;
  let missing: Error | undefined;
  for (const delimiter of given ? [given] : DELIMITERS) {
    const record = firstRecord(head, delimiter);
    if (!record || record.problem) continue;
    let layout: Layout;
    try {
      layout = wish.columns ? byWish(record, delimiter, wish.columns) : byHeader(record, delimiter);
    } catch (thrown) {
      if (!(thrown instanceof Error)) throw thrown;
      missing = thrown;
      continue;
    }
    if (layout.values.length > 0 && (!best || isBetter(layout, best))) best = layout;
    if (isBareColumn(record)) bare ??= { ...EMPTY, delimiter, values: [{ index: 0, name: 'value' }], width: 1 };
  }
  if (!best && missing) throw missing;
  return best ?? bare;
}

/** The refusal of a file in which no column is known. */
export function noKnownColumn(): Error {
  return rejection(
    'TOC_SUBMISSION_FORMAT',
    'no column of the header is known; name the column of the values in the parameter columns, by its number if there is no header',
    { known: [...KNOWN_COLUMNS] },
  );
}
