import { holds, taken, type ConformanceCase } from './conformance-case.js';
import { madeRow } from './made-records.js';

const MOST_RECORDS = 500;
const LOOKED_AT = 20;

/** Much at once. */
export const VOLUME_CASES: readonly ConformanceCase[] = [
  {
    ...{
      id: 'largest-delivery',
      rule: 'volume',
      level: 'MUST',
      says: 'A delivery of 500 records and nearly 5 MB is taken in its time.',
    },
    async run(bench) {
      const rows = Array.from({ length: MOST_RECORDS }, () => bench.newRow());
      const filler = 'x'.repeat(9_000);
      const records = rows.map((row) => madeRow(row, 1, { later: filler }));
      taken(await bench.deliver(records), 'the largest delivery');
      for (const row of rows.slice(-LOOKED_AT)) await holds(bench, row, 'live', 1);
    },
  },
  {
    ...{ id: 'emergency', rule: 'volume', level: 'MUST', says: 'A delivery of an emergency is taken as any other.' },
    async run(bench) {
      const row = bench.newRow();
      taken(await bench.deliver([madeRow(row)], { lane: 'emergency' }), 'a delivery of an emergency');
      await holds(bench, row, 'live', 1);
    },
  },
  {
    ...{
      id: 'burst',
      rule: 'volume',
      level: 'MUST',
      says: 'A burst of 10,000 rows is taken, delivery after delivery, and nothing is lost.',
    },
    async run(bench, { burst }) {
      const rows = Array.from({ length: burst }, () => bench.newRow());
      for (let at = 0; at < burst; at += MOST_RECORDS) {
        const some = rows.slice(at, at + MOST_RECORDS).map((row) => madeRow(row));
        taken(await bench.deliver(some), 'a delivery of the burst');
      }
      const step = Math.max(1, Math.floor(burst / LOOKED_AT));
      for (let at = 0; at < burst; at += step) await holds(bench, rows[at] ?? '', 'live', 1);
    },
  },
];
