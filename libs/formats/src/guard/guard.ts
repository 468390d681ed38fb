import type { Format, ByteSource, ReadBatch, ReadItem, ReadOptions } from '../format.js';
import type { Line } from '../text/line-splitter.js';
import { readByLine } from '../text/read-by-line.js';
import { EXAMPLES } from './examples.js';
import { checkGuardFile } from './guard-file.js';
import { readGuardLine, type GuardHead } from './guard-records.js';

const HEAD = /^(?:\u00ef\u00bb\u00bf)?\{"record":"head","version":\d/;

function itemOf({ text, number: position }: Line, { sender, tlp }: GuardHead): ReadItem | undefined {
  const line = readGuardLine(text);
  // The file was checked as a whole before.
  if ('problem' in line)
    return { kind: 'rejected', position, code: 'TOC_ITEM_MALFORMED', detail: `the line has ${line.problem}` };
  const { record } = line;
  if (record.record === 'head' || record.record === 'end') return undefined;
  const version = {
    objectRef: `guard-item--${sender}--${record.id}`,
    ...(record.modified === undefined ? {} : { objectModified: record.modified }),
  };
  if (record.record === 'retraction') return { kind: 'revocation', position, ...version };
  const draft = tlp ? { draft: { marking: { tlp } } } : {};
  return { kind: 'candidate', position, signals: record.signals, ...version, ...draft };
}

async function* readDocument(source: ByteSource, options: ReadOptions): AsyncIterable<ReadBatch> {
  const { head } = await checkGuardFile(source);
  yield* readByLine(source, options, (line) => itemOf(line, head));
}

/** Flat files for guards between networks: one ASCII JSON object a line, bounded, nothing attached. */
export const guard: Format = {
  id: 'guard',
  title: 'Guard file (flat records, one a line)',
  mediaTypes: ['application/vnd.tocsin.guard'],
  fileExtensions: ['.guard'],
  positionUnit: 'line',

  detect(head) {
    return HEAD.test(Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 200)).toString('latin1')) ? 1 : 0;
  },

  read: readDocument,

  examples: EXAMPLES,
};
