import { strictestTlp, type StatementDraft } from '#libs/domain';
import type { Format, ByteSource, ReadBatch, ReadItem, ReadOptions } from '../format.js';
import type { Line } from '../text/line-splitter.js';
import { readByLine } from '../text/read-by-line.js';
import { EXAMPLES } from './examples.js';
import { checkGuardFile } from './guard-file.js';
import { limitsOf } from './limits-of-statement.js';
import { readGuardLine, type GuardHead } from './guard-records.js';

const HEAD = /^(?:\u00ef\u00bb\u00bf)?\{"record":"head","version":\d/;

function itemOf(
  { text, number: position }: Line,
  sender: string,
  draft: StatementDraft | undefined,
): ReadItem | undefined {
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
  return { kind: 'candidate', position, signals: record.signals, ...version, ...(draft && { draft }) };
}

/** What every item of the file says: its marking, and that it is abuse material; the stricter where the head says it twice. */
function draftOf({ tlp, statement = {} }: Pick<GuardHead, 'tlp' | 'statement'>): StatementDraft | undefined {
  const limits = limitsOf(statement);
  // The file was checked as a whole before.
  const draft = 'draft' in limits ? limits.draft : {};
  const said = draft.marking?.tlp;
  const strictest = tlp && said ? strictestTlp(tlp, said) : (tlp ?? said);
  const marking = { ...draft.marking, ...(strictest && { tlp: strictest }) };
  if (Object.keys(marking).length > 0) return { ...draft, marking };
  return Object.keys(draft).length > 0 ? draft : undefined;
}

async function* readDocument(source: ByteSource, options: ReadOptions): AsyncIterable<ReadBatch> {
  const { head } = await checkGuardFile(source);
  const draft = draftOf(head);
  yield* readByLine(source, options, (line) => itemOf(line, head.sender, draft));
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
