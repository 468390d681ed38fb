import type { DataSource } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { HOLD_REASONS, rejection, type HoldReason, type ItemCounts, type RejectionCode } from '#libs/domain';
import { query } from '#libs/persistence';
import type { LoweredRows } from '../assert-documents/chunk-tally.js';
import type { RoutingOutcome } from '../job.js';
import { WHOLE_SUBMISSION } from '../replay-dead-letters/failed-submissions.js';

/** Everything that happened to a submission, as told to its agency: never whether a row was new (I17). */
export interface Story {
  id: string;
  kind: string;
  format: string;
  state: string;
  received_at: string;
  settled_at?: string;
  counts: ItemCounts;
  progress: { bytes: number; bytes_left: number };
  advisories: { id: string; revision: number; state: string }[];
  channels: string[];
  channels_taken_away: { channel: string; because: string }[];
  holds: {
    id: string;
    scope: string;
    reason: string;
    releasable: boolean;
    detail: Record<string, unknown>;
    position?: number;
    state: string;
  }[];
  holds_more: boolean;
  rejected: { position: number; code: RejectionCode; detail: string }[];
  rejected_more: boolean;
  ignored: Record<string, number>;
  /** Ceilings that the safeguards lowered. */
  ceilings_lowered: LoweredRows[];
  /** Signals of items that went without them, by type: no channel may carry them. */
  signals_left_out: Record<string, number>;
  problem?: { code: string; detail: string };
  /** Of a failed submission: by which an operator has it tried again. */
  dead_letter?: string;
}

interface JobFacts {
  submission_id: string;
  kind: string;
  agency_id: string;
  person_id: string;
  format: string;
  state: string;
  received_at: Date;
  settled_at: Date | null;
  counts: ItemCounts;
  bytes: string;
  bytes_left: string;
  pass: number;
  advisory_id: string | null;
  routing: RoutingOutcome | null;
  problem: { code: string; detail: string } | null;
}

const MOST_REJECTED = 1000;
const MOST_HOLDS = 200;

/** Tells the story of one submission. */
export async function tellStory(database: DataSource, principal: Principal, submissionId: string): Promise<Story> {
  const [job] = await query<JobFacts>(
    database,
    `SELECT submission_id, kind, agency_id, person_id, format, state, received_at, settled_at, counts, bytes, bytes_left,
            pass, advisory_id, routing, problem FROM normaliser.job WHERE submission_id = $1`,
    [submissionId],
  );
  if (!job) throw rejection('TOC_ACCESS_NOT_FOUND', 'there is no such submission');
  authorise(principal, 'submission:read', { organisationId: job.agency_id, submittedBy: job.person_id });
  const rejected = await readRejected(database, job);
  const holds = await readHolds(database, submissionId);
  return {
    id: job.submission_id,
    kind: job.kind,
    format: job.format,
    state: job.state,
    received_at: job.received_at.toISOString(),
    settled_at: job.settled_at?.toISOString(),
    counts: job.counts,
    progress: { bytes: Number(job.bytes), bytes_left: Number(job.bytes_left) },
    advisories: await readAdvisories(database, job),
    ...(await readChannels(database, job)),
    holds: holds.slice(0, MOST_HOLDS),
    holds_more: holds.length > MOST_HOLDS,
    rejected: rejected.slice(0, MOST_REJECTED),
    rejected_more: job.counts.rejected > MOST_REJECTED,
    ignored: await readCounts(database, job, 'ignored'),
    ceilings_lowered: await readLowered(database, job),
    signals_left_out: await readCounts(database, job, 'left_out'),
    problem: job.problem ? { code: job.problem.code, detail: job.problem.detail } : undefined,
    dead_letter: job.state === 'failed' ? await readDeadLetter(database, submissionId) : undefined,
  };
}

async function readDeadLetter(database: DataSource, submissionId: string): Promise<string | undefined> {
  const [letter] = await query<{ id: string }>(
    database,
    'SELECT id FROM normaliser.dead_letter WHERE source = $1 AND position = $2',
    [`submission/${submissionId}`, WHOLE_SUBMISSION],
  );
  return letter?.id;
}

async function readAdvisories(database: DataSource, job: JobFacts): Promise<Story['advisories']> {
  return query(
    database,
    `SELECT id, revision, state FROM normaliser.advisory
      WHERE agency_id = $3 AND (id = $2 OR id IN (SELECT advisory_id FROM normaliser.advisory_reading WHERE submission_id = $1))
      ORDER BY created_at, id LIMIT 1000`,
    [job.submission_id, job.advisory_id, job.agency_id],
  );
}

/** Channels that the words of this submission went to. */
async function readChannels(
  database: DataSource,
  job: JobFacts,
): Promise<Pick<Story, 'channels' | 'channels_taken_away'>> {
  const rows = await query<{ channel: string }>(
    database,
    `SELECT DISTINCT unnest(s.channels) AS channel FROM normaliser.statement s JOIN normaliser.advisory v ON v.id = s.advisory_id
      WHERE v.agency_id = $3 AND (v.id = $2 OR v.id IN (SELECT advisory_id FROM normaliser.advisory_reading WHERE submission_id = $1))
      ORDER BY 1`,
    [job.submission_id, job.advisory_id, job.agency_id],
  );
  return { channels: rows.map((row) => row.channel), channels_taken_away: job.routing?.takenAway ?? [] };
}

async function readHolds(database: DataSource, submissionId: string): Promise<Story['holds']> {
  const rows = await query<{
    id: string;
    scope: string;
    reason: HoldReason;
    detail: Record<string, unknown>;
    position: string | null;
    state: string;
  }>(
    database,
    `SELECT id, scope, reason, detail, position, state FROM normaliser.hold
      WHERE submission_id = $1 AND state <> 'completed' ORDER BY position NULLS FIRST, id LIMIT ${MOST_HOLDS + 1}`,
    [submissionId],
  );
  return rows.map(({ position, reason, ...hold }) => ({
    ...hold,
    reason,
    releasable: HOLD_REASONS[reason].releasable,
    position: position === null ? undefined : Number(position),
  }));
}

async function readRejected(database: DataSource, job: JobFacts): Promise<Story['rejected']> {
  const rows = await query<{ entry: [number, RejectionCode, string] }>(
    database,
    `SELECT entry FROM normaliser.chunk c, jsonb_array_elements(c.rejected) WITH ORDINALITY AS e(entry, place)
      WHERE c.submission_id = $1 AND c.pass = $2 AND c.rejected IS NOT NULL ORDER BY c.seq, e.place LIMIT ${MOST_REJECTED}`,
    [job.submission_id, job.pass],
  );
  return rows.map(({ entry: [position, code, detail] }) => ({ position, code, detail }));
}

/** Sums of what chunks counted by a word. */
async function readCounts(
  database: DataSource,
  job: JobFacts,
  column: 'ignored' | 'left_out',
): Promise<Record<string, number>> {
  const rows = await query<{ what: string; items: string }>(
    database,
    `SELECT e.key AS what, sum(e.value::integer) AS items FROM normaliser.chunk c, jsonb_each_text(c.${column}) AS e(key, value)
      WHERE c.submission_id = $1 AND c.pass = $2 AND c.${column} IS NOT NULL GROUP BY e.key ORDER BY e.key LIMIT 200`,
    [job.submission_id, job.pass],
  );
  return Object.fromEntries(rows.map(({ what, items }) => [what, Number(items)]));
}

async function readLowered(database: DataSource, job: JobFacts): Promise<LoweredRows[]> {
  const rows = await query<Omit<LoweredRows, 'country'> & { country: string | null }>(
    database,
    `SELECT e.rule, e.rule_version, e."from", e."to", e.country, sum(e.rows)::integer AS rows
       FROM normaliser.chunk c, jsonb_to_recordset(c.lowered)
            AS e(rule text, rule_version integer, "from" text, "to" text, country text, rows integer)
      WHERE c.submission_id = $1 AND c.pass = $2 AND c.lowered IS NOT NULL GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5 LIMIT 200`,
    [job.submission_id, job.pass],
  );
  return rows.map(({ country, ...lowered }) => ({ ...lowered, ...(country === null ? {} : { country }) }));
}

/** An advisory, to those who may retract or revise it. */
export async function readAdvisory(
  database: DataSource,
  principal: Principal,
  advisoryId: string,
): Promise<{ id: string; agency_id: string; state: string; revision: number }> {
  const [row] = await query<{ id: string; agency_id: string; state: string; revision: number }>(
    database,
    'SELECT id, agency_id, state, revision FROM normaliser.advisory WHERE id = $1',
    [advisoryId],
  );
  if (!row) throw rejection('TOC_ACCESS_NOT_FOUND', 'there is no such advisory');
  authorise(principal, 'advisory:read', { organisationId: row.agency_id });
  return row;
}

/** States of submissions, for intake's retention of bytes. */
export async function readStates(
  database: DataSource,
  ids: readonly string[],
): Promise<{ id: string; state: string; settled_at: string | null }[]> {
  const rows = await query<{ id: string; state: string; settled_at: Date | null }>(
    database,
    'SELECT submission_id AS id, state, settled_at FROM normaliser.job WHERE submission_id = ANY($1)',
    [ids],
  );
  return rows.map(({ id, state, settled_at }) => ({ id, state, settled_at: settled_at?.toISOString() ?? null }));
}
