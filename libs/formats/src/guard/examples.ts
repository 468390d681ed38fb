import type { FormatExample } from '../format.js';
import { writeGuardLine, type GuardRecord } from './guard-records.js';

const SHA256 = 'd7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592';
const MD5 = '9e107d9d372bb6826bd81d3542a419d6';

/** A file of these records, with its first and last line. */
export function guardFile(records: readonly GuardRecord[], head: object = {}): string {
  const first: GuardRecord = {
    record: 'head',
    version: 1,
    sender: 'agency.example',
    id: 'file-1',
    made_at: '2026-01-05T10:00:00Z',
    ...head,
  };
  return [first, ...records, { record: 'end' as const, records: records.length }].map(writeGuardLine).join('');
}

export const EXAMPLES: readonly FormatExample[] = [
  {
    name: 'a file with two items and one that is taken back',
    document: guardFile(
      [
        {
          ...{ record: 'item', id: 'item-1', modified: '2026-01-05T10:00:00Z' },
          signals: [
            { type: 'sha256', value: SHA256 },
            { type: 'md5', value: MD5 },
          ],
        },
        { record: 'item', id: 'item-2', signals: [{ type: 'url', value: 'https://video.example/watch/1' }] },
        { record: 'retraction', id: 'item-0' },
      ],
      { tlp: 'green', statement: { harm: 'tvec', context: 'manifesto' } },
    ),
    expect: { signals: [SHA256, MD5, 'https://video.example/watch/1'] },
  },
];
