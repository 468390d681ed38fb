import { holds, taken, type ConformanceCase } from './conformance-case.js';
import { madeRow, madeWithdrawal } from './made-records.js';

/** A row that says something that no receiver knows yet is taken as any other. */
const takenWith = (id: string, what: string, more: Record<string, unknown>): ConformanceCase => ({
  ...{ id, rule: 'unknown-words', level: 'MUST', says: `A row with ${what} is taken.` },
  async run(bench) {
    const row = bench.newRow();
    taken(await bench.deliver([madeRow(row, 1, more)]), `a row with ${what}`);
    await holds(bench, row, 'live', 1);
  },
});

/** What is added to the records in later years: fields and words that are not known yet. */
export const WORD_CASES: readonly ConformanceCase[] = [
  takenWith('unknown-field', 'fields that are not known', { later: { deep: [1, { er: null }] }, another: 'word' }),
  takenWith('unknown-ceiling', 'a ceiling that is not known', { ceiling: 'later-word' }),
  takenWith('unknown-type', 'a signal of a type that is not known', { signal: { type: 'later-type', value: '1' } }),
  takenWith('unknown-harm', 'a harm that is not known', { harms: ['tvec/later', 'later'] }),
  takenWith('bulletin', 'words for people in the place of a signal', {
    signal: undefined,
    bulletin: { title: 'An example' },
  }),
  takenWith('odd-text', 'text beyond ASCII', {
    signal: { type: 'url', value: 'https://ü.example/\u2028\u{1F514}"\\' },
  }),
  {
    ...{ id: 'drill', rule: 'unknown-words', level: 'MUST', says: 'An exercise is taken; nothing is acted on.' },
    async run(bench) {
      taken(await bench.deliver([madeRow(bench.newRow(), 1, { drill: true })]), 'a row of an exercise');
    },
  },
  {
    ...{
      id: 'unknown-reason',
      rule: 'unknown-words',
      level: 'MUST',
      says: 'A withdrawal for a reason that is not known withdraws.',
    },
    async run(bench) {
      const row = bench.newRow();
      taken(await bench.deliver([madeRow(row)]), 'a row');
      const withdrawal = madeWithdrawal(row, 2, { reason: 'later-reason', retraction_reason: 'later-too' });
      taken(await bench.deliver([withdrawal]), 'a withdrawal for an unknown reason');
      await holds(bench, row, 'withdrawn', 2);
    },
  },
];
