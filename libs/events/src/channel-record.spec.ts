import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ASSERTIONS_LISTED,
  RETRACTION_REASONS,
  WITHDRAWAL_REASONS,
  type LiveAssertion,
  type RetractionReason,
  type RowDisputes,
  type Statement,
  type WithdrawalReason,
} from '#libs/domain';
import { assertedPart, rowRecord, withdrawalRecord, type RowSubject, type RowVersion } from './channel-record.js';

/** Records as they were released, one a line; never changed, only added to. */
const CORPUS = readFileSync(join(import.meta.dirname, '../corpus/v1.ndjson'), 'utf8')
  .trimEnd()
  .split('\n');

const TERRORIST: Statement = {
  harms: ['tvec/recruitment'],
  context: 'entity-produced',
  entity: { name: 'An Entity', designations: [{ list: 'UN', country: 'NZ', date: '2020-01-02' }] },
  unlawfulIn: [{ country: 'NZ', provision: 'Act, section 4' }],
  confidence: 90,
  severity: 'severe',
  ceiling: 'block',
  ceilingByCountry: { FR: 'limit' },
  legalBasis: 'Act, section 9',
  nature: 'information',
  origin: 'own-finding',
  surface: 'public',
  validFrom: '2026-11-01T00:00:00.000Z',
  validUntil: '2026-12-01T00:00:00.000Z',
  lastSeenLiveAt: '2026-10-31T12:00:00.000Z',
  jurisdiction: 'NZ',
  language: 'en',
  contact: { id: 'night', name: 'Night desk', email: 'night@agency.example', phone: '+64 4 000 0000' },
  marking: { tlp: 'amber', releasableTo: ['FR', 'NZ'], caveats: ['no-public-mention'], audience: 'reviewers' },
};
const BARE: Statement = {
  harms: ['tvec'],
  context: 'unknown',
  unlawfulIn: [],
  ceiling: 'review',
  ceilingByCountry: {},
  legalBasis: 'Act 2',
  nature: 'referral',
  origin: 'third-party-list:example',
  validFrom: '2026-11-02T00:00:00.000Z',
  validUntil: '2027-01-01T00:00:00.000Z',
  contact: { id: 'day', name: 'Day desk' },
  marking: { tlp: 'clear', releasableTo: 'all', caveats: [] },
};
const ABUSE: Statement = {
  ...BARE,
  harms: ['csea'],
  context: undefined,
  cseaClass: 'A1',
  cseaVerification: 'verified-twice',
  ceiling: 'limit',
  nature: 'information',
};

function assertion(number: number, statement: Statement, quality?: number): LiveAssertion {
  const country = number % 2 ? 'NZ' : 'FR';
  const [id, advisoryId] = ['a', 'b'].map((first) => `${first}0000000-0000-4000-8000-${`${number}`.padStart(12, '0')}`);
  if (!id || !advisoryId) throw new Error('an assertion has two ids');
  return { id, advisoryId, agency: { id: `agency-${number}`, name: `Agency ${number}`, country }, quality, statement };
}

function version(row: number, number = 1): RowVersion {
  return {
    channel: 'everyone',
    rowId: `c0000000-0000-4000-8000-${`${row}`.padStart(12, '0')}`,
    version: number,
    generation: 1,
    publishedAt: '2026-11-03T00:00:00.000Z',
    drill: row === 5,
  };
}

const DIGEST: RowSubject = { signal: { type: 'sha256', value: '5e'.repeat(32) } };
const row = (id: number, subject: RowSubject, said: LiveAssertion[], number = 1): string =>
  rowRecord(version(id, number), subject, assertedPart(said)).text;
function disputedRow(id: number, said: LiveAssertion[], disputes: RowDisputes): string {
  return rowRecord(version(id, 4), DIGEST, assertedPart(said, disputes)).text;
}
const end = (id: number, reason: WithdrawalReason, retractionReason?: RetractionReason): string =>
  withdrawalRecord(version(id, 3), {
    reason,
    retractionReason,
    restore: retractionReason !== undefined && RETRACTION_REASONS[retractionReason].restore,
  }).text;

const bulletin = { title: 'A livestream', whatIsHappening: 'An attack.', howToRecognise: 'A logo.', whatToDo: 'Look.' };
const retractions = Object.keys(RETRACTION_REASONS) as RetractionReason[];

/** What the writer makes today of what the corpus was made of, in the order of its lines. */
const WRITTEN = [
  row(1, DIGEST, [assertion(1, TERRORIST)]),
  row(1, DIGEST, [assertion(2, BARE, 80), assertion(1, TERRORIST)], 2),
  row(2, { signal: { type: 'pdq', value: '0f'.repeat(32) } }, [assertion(1, ABUSE, 99)]),
  row(3, DIGEST, [assertion(1, ABUSE), assertion(2, BARE)]),
  row(4, { bulletin }, [assertion(1, TERRORIST)]),
  row(5, { bulletin: { title: 'A drill' } }, [assertion(2, BARE)]),
  ...WITHDRAWAL_REASONS.filter((reason) => reason !== 'retracted').map((reason, index) => end(10 + index, reason)),
  ...retractions.map((reason, index) => end(20 + index, 'retracted', reason)),
];

/** The same of what was released later: the lines between were made by no writer. */
const FIRST_LATER_LINE = 24;
const WRITTEN_LATER = [
  disputedRow(1, [assertion(1, TERRORIST)], { lowered: true, disputed: true }),
  disputedRow(3, [assertion(1, ABUSE), assertion(2, BARE)], { lowered: true, disputed: false }),
];

describe('records of v1', () => {
  it.each([
    ...WRITTEN.map((text, index) => [index + 1, text] as const),
    ...WRITTEN_LATER.map((text, index) => [FIRST_LATER_LINE + index, text] as const),
  ])('line %i of the corpus is written as it was released, byte for byte', (line, text) =>
    expect(text).toBe(CORPUS[line - 1]),
  );

  it('of a row that nobody disputes say nothing of it', () => {
    expect(assertedPart([assertion(1, TERRORIST)], { lowered: false, disputed: false })).toBe(
      assertedPart([assertion(1, TERRORIST)]),
    );
    expect(assertedPart([assertion(1, TERRORIST)])).not.toContain('disputed');
  });

  it('do not depend on the order in which assertions were read', () => {
    const said = [assertion(1, TERRORIST), assertion(2, BARE), assertion(3, ABUSE)];
    expect(assertedPart([...said].reverse())).toBe(assertedPart(said));
  });

  it('list so many assertions at most, and derive the row from all', () => {
    const many = Array.from({ length: ASSERTIONS_LISTED + 1 }, (_, index) => assertion(index, BARE));
    many.push(assertion(900, { ...TERRORIST, ceiling: 'log' }));
    const record = JSON.parse(`{${assertedPart(many)}`) as Record<string, unknown>;
    expect(record).toMatchObject({ ceiling: 'log', assertions_total: ASSERTIONS_LISTED + 2 });
    expect(record.assertions).toHaveLength(ASSERTIONS_LISTED);
  });
});
