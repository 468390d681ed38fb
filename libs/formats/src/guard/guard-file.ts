import { rejection, type TocsinError } from '#libs/domain';
import type { ByteSource } from '../format.js';
import { checkedText, refuseEmpty } from '../text/checked-text.js';
import { LineSplitter, type Line } from '../text/line-splitter.js';
import { GUARD_LINE_LIMIT, readGuardLine, type GuardHead } from './guard-records.js';

/** What a file is, once all of it was looked at. */
export interface CheckedGuardFile {
  head: GuardHead;
  items: number;
  retractions: number;
  /** Number of the last line, which is the end. */
  end: number;
}

function wrong(what: string, { number, start }: Line): TocsinError {
  return rejection('TOC_SUBMISSION_MALFORMED', `line ${number} is none of a guard file: ${what}`, {
    byte: start,
    line: number,
  });
}

/**
 * Looks at a whole file as a guard between two networks does: every line is known, the first is the head, the last the end, and
 * it tells how many there are. Memory is that of one line.
 * @throws a rejection of the file, with the line
 */
export async function checkGuardFile(source: ByteSource): Promise<CheckedGuardFile> {
  refuseEmpty(source);
  const splitter = new LineSplitter(0, 1, GUARD_LINE_LIMIT);
  const seen = { items: 0, retractions: 0 };
  let head: GuardHead | undefined;
  let end = 0;
  const take = (line: Line): void => {
    if (end > 0) throw wrong('something follows the end', line);
    if (line.tooLong) throw wrong(`longer than ${GUARD_LINE_LIMIT} bytes`, line);
    const read = readGuardLine(line.text);
    if ('problem' in read) throw wrong(read.problem, line);
    const { record } = read;
    if ((record.record === 'head') !== (line.number === 1))
      throw wrong('the head is the first line, and no other', line);
    if (record.record === 'head') head = record;
    else if (record.record === 'item') seen.items += 1;
    else if (record.record === 'retraction') seen.retractions += 1;
    else {
      if (record.records !== seen.items + seen.retractions)
        throw wrong('another number of records than there are', line);
      end = line.number;
    }
  };
  for await (const chunk of checkedText(source.open())) for (const line of splitter.push(chunk)) take(line);
  for (const line of splitter.end()) take(line);
  if (!head || end === 0)
    throw rejection('TOC_SUBMISSION_MALFORMED', 'the file ends before its last line', { byte: source.size });
  return { head, ...seen, end };
}
