import type { ByteSource, Format, ReadBatch, ReadItem, ReadOptions } from '../format.js';
import { checkedText, refuseEmpty } from '../text/checked-text.js';
import { LineSplitter, type Line } from '../text/line-splitter.js';
import { tooLong } from '../text/read-by-line.js';
import { certaintyOfText } from './certainty-of-text.js';
import { EXAMPLES } from './examples.js';
import { findValues } from './find-values.js';
import { bannerOf, draftOf, HEAD_BYTES, strictestSaid, type SaidMarking } from './markings-of-text.js';
import { LineReader } from './read-lines.js';
import { undoMarks } from './undo-marks.js';
import { continued } from './wrapped-lines.js';

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Line> {
  const splitter = new LineSplitter();
  for await (const chunk of chunks) yield* splitter.push(chunk);
  yield* splitter.end();
}

/**
 * Reads a document once to know that it is text, and how it says that all of it is marked.
 * @throws a rejection `TOC_SUBMISSION_EMPTY` or `TOC_SUBMISSION_ENCODING`
 */
async function surveyMarking(source: ByteSource): Promise<SaidMarking> {
  refuseEmpty(source);
  let said: SaidMarking;
  let isBeforeValues = true;
  for await (const { text, start } of linesOf(checkedText(source.open()))) {
    if (isBeforeValues && start < HEAD_BYTES) {
      isBeforeValues = !findValues(undoMarks(text)).some(({ marked, kind }) => marked || kind === 'hash');
    }
    said = strictestSaid(said, bannerOf(text, isBeforeValues && start < HEAD_BYTES));
  }
  return said;
}

/** Most lines on which one line goes on. */
const MOST_CONTINUATIONS = 8;

/** A line that waits for the one after it, which may finish what it leaves unfinished. */
interface Waiting {
  line: Line;
  text: string;
  /** Byte after the last line that is part of it. */
  end: number;
  continuations: number;
}

/**
 * Reads a document in two passes: the first learns how the whole is marked, the second reads its lines. What a line
 * means depends on those before it, so going on reads the lines before again, and drops their items.
 */
async function* readText(source: ByteSource, options: ReadOptions): AsyncIterable<ReadBatch> {
  const { from } = options;
  const reader = new LineReader(options, await surveyMarking(source));
  const before = from?.items ?? 0;
  let items: ReadItem[] = [];
  let read = 0;
  let next = { byte: 0, items: before, position: from?.position ?? 0 };
  let waiting: Waiting | undefined;

  const take = ({ line, text, end }: Waiting, after: string | undefined): ReadBatch | undefined => {
    const item = line.tooLong ? tooLong(line) : reader.read(text, line.number, after);
    if (!item) return undefined;
    read += 1;
    if (read <= before) return undefined;
    items.push(item);
    next = { byte: end, items: read, position: item.kind === 'advisory' ? next.position : item.position };
    if (items.length < options.batchSize) return undefined;
    const batch = { items, next };
    items = [];
    return batch;
  };

  for await (const line of linesOf(source.open())) {
    const text = line.tooLong ? '' : undoMarks(line.text);
    const mayGoOn = waiting && !waiting.line.tooLong && waiting.continuations < MOST_CONTINUATIONS;
    const joined = waiting && mayGoOn ? continued(waiting.text, text) : undefined;
    if (waiting && joined) {
      const continuations = waiting.continuations + 1;
      waiting = { line: waiting.line, text: joined.text, end: line.end, continuations };
      if (joined.rest.trim() === '') continue;
    }
    const rest = joined ? joined.rest : text;
    const batch = waiting && take(waiting, rest);
    waiting = { line, text: rest, end: line.end, continuations: 0 };
    if (batch) yield batch;
  }
  const batch = waiting && take(waiting, undefined);
  if (batch) yield batch;
  if (items.length > 0) yield { items, next };
}

/** Prose with indicators in it: an advisory as an officer writes it. */
export const textAdvisory: Format = {
  id: 'text',
  title: 'Advisory in plain text or Markdown',
  mediaTypes: ['text/markdown', 'text/x-markdown', 'text/asciidoc'],
  fileExtensions: ['.md', '.markdown', '.adoc', '.asciidoc', '.text'],
  positionUnit: 'line',

  detect: certaintyOfText,

  read: readText,

  async markingOf(source) {
    const said = await surveyMarking(source);
    return said === 'unknown' ? said : draftOf(said);
  },

  examples: EXAMPLES,
};
