import { isReceivedRow, RowTable, type ReceivedRow } from './row-table.js';

function row(version: number, type = 'row', given: Partial<ReceivedRow> = {}): ReceivedRow {
  return { id: `${type}-${version}`, type, channel: 'everyone', row_id: 'r1', version, ...given };
}

function ended(rows: string): ReceivedRow {
  return row(0, 'membership-ended', { row_id: '00000000-0000-0000-0000-000000000000', rows });
}

describe('the version rule', () => {
  it.each<[string, [ReceivedRow, number][], string, number]>([
    [
      'a higher version replaces',
      [
        [row(1), 1],
        [row(2), 1],
      ],
      'live',
      2,
    ],
    [
      'an older copy changes nothing',
      [
        [row(2), 1],
        [row(1), 1],
      ],
      'live',
      2,
    ],
    [
      'a withdrawal ends',
      [
        [row(1), 1],
        [row(2, 'withdrawal'), 1],
      ],
      'withdrawn',
      2,
    ],
    [
      'a late older copy does not undo a withdrawal',
      [
        [row(2, 'withdrawal'), 1],
        [row(1), 1],
      ],
      'withdrawn',
      2,
    ],
    [
      'a withdrawal of something never seen is kept',
      [
        [row(5, 'withdrawal'), 1],
        [row(4), 1],
      ],
      'withdrawn',
      5,
    ],
    [
      'at equality a withdrawal beats content',
      [
        [row(1), 1],
        [row(1, 'withdrawal'), 1],
      ],
      'withdrawn',
      1,
    ],
    [
      'and content does not beat a withdrawal',
      [
        [row(1, 'withdrawal'), 1],
        [row(1), 1],
      ],
      'withdrawn',
      1,
    ],
    [
      'a new generation comes alive again',
      [
        [row(2, 'withdrawal'), 1],
        [row(3), 1],
      ],
      'live',
      3,
    ],
    [
      'a new filter may end the same version',
      [
        [row(4), 1],
        [row(4, 'withdrawal'), 2],
      ],
      'withdrawn',
      4,
    ],
    [
      'a newer filter may bring it again',
      [
        [row(4, 'withdrawal'), 2],
        [row(4), 3],
      ],
      'live',
      4,
    ],
    [
      'a higher version wins over a newer filter',
      [
        [row(5), 1],
        [row(4, 'withdrawal'), 9],
      ],
      'live',
      5,
    ],
  ])('%s', (_what, heard, state, version) => {
    const table = new RowTable();
    for (const [record, revision] of heard) table.apply(record, revision);
    expect(table.get('everyone', 'r1')).toMatchObject({ state, version });
  });

  it('tells repeats', () => {
    const table = new RowTable();
    expect(table.apply(row(1), 1)).toBe('applied');
    expect(table.apply(row(1), 1)).toBe('stale');
    expect(table.rows()).toHaveLength(1);
  });

  it('keeps the channels apart', () => {
    const table = new RowTable();
    table.apply(row(1), 1);
    table.apply(row(2, 'withdrawal', { channel: 'germany' }), 1);
    expect(table.get('everyone', 'r1')?.state).toBe('live');
  });

  it('keeps rows when a membership ends, or deletes them all when asked', () => {
    const table = new RowTable();
    table.apply(row(1), 1);
    table.apply(row(1, 'row', { row_id: 'r2', channel: 'germany' }), 1);
    expect(table.apply(ended('keep-until-expiry'), 2)).toBe('applied');
    expect(table.count('live')).toBe(2);
    expect(table.apply(ended('delete-all'), 3)).toBe('applied');
    expect(table.apply(ended('delete-all'), 3)).toBe('stale');
    expect(table.get('everyone', 'r1')?.state).toBe('withdrawn');
    expect(table.get('germany', 'r2')?.state).toBe('live');
    // Neither a repeat of a higher version nor a row never seen comes in after the end.
    expect(table.apply(row(2), 3)).toBe('stale');
    expect(table.apply(row(1, 'row', { row_id: 'r3' }), 3)).toBe('stale');
    table.apply(row(1), 1);
    expect(table.get('everyone', 'r1')?.state).toBe('withdrawn');
    table.apply(row(1), 4);
    expect(table.get('everyone', 'r1')?.state).toBe('live');
  });

  it.each([null, 'x', {}, { ...row(1), version: '1' }, { ...row(1), row_id: 5 }, { ...row(1), version: 1.5 }])(
    'does not take %j for a record',
    (value) => expect(isReceivedRow(value)).toBe(false),
  );
});
