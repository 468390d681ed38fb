import { holds, taken, type ConformanceCase } from './conformance-case.js';
import { madeEnd, madeRow, madeWithdrawal, type MadeRecord } from './made-records.js';

type Delivery = readonly [record: MadeRecord, revision?: number];

/** Records one by one, each of which is taken, and what is held of their row at the end. */
const sequence = (
  id: string,
  rule: ConformanceCase['rule'],
  says: string,
  make: (row: string) => readonly Delivery[],
  end: 'live' | 'withdrawn' | 'not-live',
  version?: number,
): ConformanceCase => ({
  ...{ id, rule, level: 'MUST', says, needsState: true },
  async run(bench) {
    const row = bench.newRow();
    for (const [record, revision] of make(row))
      taken(await bench.deliver([record], { revision }), `version ${record.version} of a ${record.type}`);
    await holds(bench, row, end, version);
  },
});

/** Orders in which versions and ends arrive. */
export const VERSION_CASES: readonly ConformanceCase[] = [
  sequence('row', 'versions', 'A row is taken.', (row) => [[madeRow(row)]], 'live', 1),
  {
    ...{ id: 'repeat', rule: 'versions', level: 'MUST', says: 'A delivery that comes again changes nothing.' },
    async run(bench) {
      const [row, id] = [bench.newRow(), bench.newRow()];
      const records = [madeRow(row)];
      for (let time = 0; time < 3; time += 1) taken(await bench.deliver(records, { id }), 'a repeated delivery');
      await holds(bench, row, 'live', 1);
    },
  },
  sequence(
    'newer',
    'versions',
    'A higher version takes the place of a lower one.',
    (row) => [[madeRow(row)], [madeRow(row, 5)]],
    'live',
    5,
  ),
  sequence(
    'older',
    'versions',
    'A lower version that comes late changes nothing.',
    (row) => [[madeRow(row, 5)], [madeRow(row, 4)]],
    'live',
    5,
  ),
  sequence(
    'withdrawal',
    'withdrawals',
    'A withdrawal ends the row.',
    (row) => [[madeRow(row)], [madeWithdrawal(row, 2)]],
    'withdrawn',
    2,
  ),
  sequence(
    'late-copy',
    'withdrawals',
    'A copy from before a withdrawal does not bring the row back.',
    (row) => [[madeRow(row)], [madeWithdrawal(row, 2)], [madeRow(row)], [madeRow(row, 2)]],
    'withdrawn',
    2,
  ),
  sequence(
    'withdrawal-first',
    'withdrawals',
    'A withdrawal of a row that was never seen leaves its mark.',
    (row) => [[madeWithdrawal(row, 3)], [madeRow(row, 2)]],
    'withdrawn',
    3,
  ),
  sequence(
    'next-generation',
    'withdrawals',
    'A row that is asserted again lives.',
    (row) => [[madeRow(row)], [madeWithdrawal(row, 2)], [madeRow(row, 3, { generation: 2 })]],
    'live',
    3,
  ),
  sequence(
    'revision-ends',
    'versions',
    'Under a later revision the same version may end.',
    (row) => [
      [madeRow(row, 4), 1],
      [madeWithdrawal(row, 4, { reason: 'out-of-filter', restore: false }), 2],
    ],
    'withdrawn',
  ),
  sequence(
    'revision-returns',
    'versions',
    'Under a revision after that it may come again.',
    (row) => [
      [madeRow(row, 4), 1],
      [madeWithdrawal(row, 4, { reason: 'out-of-filter', restore: false }), 2],
      [madeRow(row, 4), 3],
    ],
    'live',
    4,
  ),
  {
    ...sequence(
      'expired',
      'withdrawals',
      'A row whose validity is over does not hold, whatever arrives.',
      (row) => [[madeRow(row, 1, { valid_until: new Date(Date.now() - 60_000).toISOString() })]],
      'not-live',
    ),
    level: 'SHOULD',
  },
];

/** The last, since nothing of this channel is taken after it but under a later revision. */
export const MEMBERSHIP_CASES: readonly ConformanceCase[] = [
  {
    ...{ id: 'membership', rule: 'membership', level: 'MUST', needsState: true },
    says: 'The end of a membership with `delete-all` ends every row; content of that revision stays out, of a later one comes in.',
    async run(bench) {
      const row = bench.newRow();
      taken(await bench.deliver([madeRow(row)], { revision: 4 }), 'a row');
      taken(await bench.deliver([madeEnd('delete-all')], { revision: 5 }), 'the end of a membership');
      await holds(bench, row, 'not-live');
      taken(await bench.deliver([madeRow(row, 2)], { revision: 5 }), 'content of the ended membership');
      await holds(bench, row, 'not-live');
      taken(await bench.deliver([madeRow(row, 2)], { revision: 6 }), 'content of a later membership');
      await holds(bench, row, 'live', 2);
    },
  },
];
