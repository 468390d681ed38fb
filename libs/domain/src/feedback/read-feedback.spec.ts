import { isOnRow } from './feedback.js';
import { HIGHEST_COUNT, readFeedback, REPORT_TEXT_LIMIT } from './read-feedback.js';
import { FEEDBACK_KINDS } from './vocabulary.js';

const NOW = new Date('2026-12-05T10:20:00Z');
const ROW = { channel: 'everyone', row_id: '0b0d0f10-1112-8314-9516-171819202122' };
const HOURS = { from: '2026-12-01T00:00:00Z', until: '2026-12-02T00:00:00Z' };
const REPORT = {
  ...{ kind: 'exploitation-report', readers: ['agencies', 'researchers'], harm: 'tvec/recruitment' },
  ...{ feature: 'live-streaming', technique: 'link-obfuscation', scale: 'repeated', trend: 'growing' },
};

/** One of each kind. */
const WELL: Record<string, Record<string, unknown>> = {
  sighting: { kind: 'sighting', ...ROW, ...HOURS, count: 3 },
  opinion: { kind: 'opinion', ...ROW, opinion: 'strongly-disagree', reason: 'cannot-tell' },
  dispute: { kind: 'dispute', ...ROW, reason: 'documentation' },
  'action-taken': { kind: 'action-taken', ...ROW, ...HOURS, action: 'removed', count: 1 },
  confirmation: { kind: 'confirmation', ...ROW, version: 2, outcome: 'cannot', because: 'preservation-duty' },
  'exploitation-report': { ...REPORT, language: 'en', text: 'Links are cut in two and joined by viewers.' },
  'monthly-figures': { kind: 'monthly-figures', month: '2026-11', figures: { rows_matched: 0, appeals: 12 } },
};

const problemsOf = (item: unknown): string[] => {
  const read = readFeedback(item, NOW);
  return read.ok ? [] : read.problems;
};

describe('an item of feedback', () => {
  it.each(FEEDBACK_KINDS)('of the kind %s is read as it is', (kind) => {
    expect(readFeedback(WELL[kind], NOW)).toEqual({ ok: true, feedback: WELL[kind] });
  });

  it('is about a row or about none', () => {
    const onRow = FEEDBACK_KINDS.filter((kind) => {
      const read = readFeedback(WELL[kind], NOW);
      return read.ok && isOnRow(read.feedback);
    });
    expect(onRow).toEqual(['sighting', 'opinion', 'dispute', 'action-taken', 'confirmation']);
  });

  it.each(
    FEEDBACK_KINDS.flatMap((kind) => ['user', 'comment', 'ip', '__proto__x'].map((name) => [kind, name] as const)),
  )('%s has no place for %s', (kind, name) => {
    const problems = problemsOf({ ...WELL[kind], [name]: 'a-value-nobody-may-see' });
    expect(problems).toHaveLength(1);
    expect(problems.join()).not.toContain('a-value-nobody-may-see');
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a count of nothing', { ...WELL.sighting, count: 0 }, 'count'],
    ['a count without bounds', { ...WELL.sighting, count: HIGHEST_COUNT + 1 }, 'count'],
    ['a count that is no number', { ...WELL.sighting, count: '3' }, 'count'],
    ['a moment', { ...WELL.sighting, from: '2026-12-01T00:00:01Z' }, 'from'],
    ['an hour that does not exist', { ...WELL.sighting, from: '2026-12-01T24:00:00Z' }, 'from'],
    ['a day that does not exist', { ...WELL.sighting, from: '2026-11-31T10:00:00Z' }, 'from'],
    ['a month that does not exist', { ...WELL.sighting, from: '2026-13-01T10:00:00Z' }, 'from'],
    ['the future', { ...WELL.sighting, until: '2026-12-06T00:00:00Z' }, 'until'],
    ['no time at all', { ...WELL.sighting, until: HOURS.from }, 'until'],
    ['half a year', { ...WELL.sighting, from: '2026-06-01T00:00:00Z' }, 'until'],
    ['a word of nobody', { ...WELL.opinion, opinion: 'maybe' }, 'opinion'],
    ['an opinion’s reason for a dispute', { ...WELL.dispute, reason: 'useful' }, 'reason'],
    ['a dispute without a reason', { kind: 'dispute', ...ROW }, 'reason'],
    ['a row without an id', { ...WELL.dispute, row_id: 'x' }, 'row_id'],
    ['a reason without cannot', { ...WELL.confirmation, outcome: 'restored' }, 'because'],
    ['cannot without a reason', { ...WELL.confirmation, because: undefined }, 'because'],
    ['version nought', { ...WELL.confirmation, version: 0 }, 'version'],
    ['nobody to read it', { ...REPORT, readers: [] }, 'readers'],
    ['one reader twice', { ...REPORT, readers: ['agencies', 'agencies'] }, 'readers'],
    ['a text without end', { ...REPORT, text: 'x'.repeat(REPORT_TEXT_LIMIT + 1) }, 'text'],
    ['a text with control characters', { ...REPORT, text: 'a\u0000b' }, 'text'],
    ['the month that is under way', { ...WELL['monthly-figures'], month: '2026-12' }, 'month'],
    ['a figure of one’s own', { ...WELL['monthly-figures'], figures: { users: 3 } }, 'figures'],
    ['no figures', { ...WELL['monthly-figures'], figures: {} }, 'figures'],
  ])('is refused when it says %s', (_what, item, field) => {
    expect(problemsOf(item).map((problem) => problem.split(':')[0])).toEqual([field]);
  });

  it.each([null, 7, 'x', [], {}, { kind: 'note' }, { kind: 'toString' }])('is none of %j', (item) => {
    expect(problemsOf(item)).toHaveLength(1);
  });
});
