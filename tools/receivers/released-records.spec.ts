import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isReceivedRow, RowTable, type ReceivedRow } from './row-table.js';

const CORPUS = join(import.meta.dirname, '../../libs/events/corpus/v1.ndjson');

const records = readFileSync(CORPUS, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line): ReceivedRow => {
    const record: unknown = JSON.parse(line);
    if (!isReceivedRow(record)) throw new Error('a released record is not taken for one any more');
    return record;
  });

describe('records as they were released', () => {
  it('are of every kind', () => {
    expect([...new Set(records.map(({ type }) => type))]).toEqual(['row', 'withdrawal', 'membership-ended']);
    expect(records.length).toBeGreaterThan(20);
  });

  it('are all applied, and at a second reading none is', () => {
    const table = new RowTable();
    expect(records.map((record) => table.apply(record, 1))).toEqual(records.map(() => 'applied'));
    expect(records.map((record) => table.apply(record, 1))).toEqual(records.map(() => 'stale'));
    expect(table.left()).toEqual(['left-channel', 'left-and-cleared']);
  });

  it('keep what this reader does not know', () => {
    const table = new RowTable();
    const strange = records.filter((record) => 'of_a_later_version' in record);
    expect(strange.map(({ type }) => type)).toEqual(['row', 'withdrawal']);
    for (const record of strange) table.apply(record, 1);
    expect(table.rows().map(({ state, record }) => [state, record])).toEqual([
      ['live', strange[0]],
      ['withdrawn', strange[1]],
    ]);
  });
});
