import type { EntityManager } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { RETRACTION_REASONS, type RetractionReason } from '#libs/domain';
import type { Job } from '../job.js';

/** Hours that the owner of a lowered assertion is given to look at it; after that it stays lowered. */
const HOURS_TO_LOOK = 24;

/** A retraction by which an agency says that the signals were an error. */
export interface TakenAsError {
  retractionId: string;
  agencyId: string;
  reason: RetractionReason;
}

/**
 * Has what other agencies assert of these rows count as review at most, until they have looked: one case for each agency
 * and retraction, however many rows. What waits for its agency already stays in the case that it is in.
 * @returns rows that are to be derived anew, each with the channels that others assert it on
 */
export async function doubtOthers(
  manager: EntityManager,
  { retractionId, agencyId, reason }: TakenAsError,
  rowIds: readonly string[],
): Promise<{ rowId: string; channels: string[] }[]> {
  if (rowIds.length === 0) return [];
  const others = await manager.query<{ row_id: string; agency_id: string; channels: string[] }[]>(
    `SELECT a.row_id, v.agency_id, s.channels
       FROM normaliser.assertion a
       JOIN normaliser.advisory v ON v.id = a.advisory_id JOIN normaliser.statement s ON s.id = a.statement_id
       LEFT JOIN normaliser.doubt d ON d.row_id = a.row_id AND d.agency_id = v.agency_id
      WHERE a.row_id = ANY($1) AND v.agency_id <> $2 AND d.row_id IS NULL AND s.valid_until > now()
      ORDER BY a.row_id, v.agency_id`,
    [rowIds, agencyId],
  );
  const agencies = [...new Set(others.map(({ agency_id }) => agency_id))].sort();
  if (agencies.length === 0) return [];
  await manager.query(
    `INSERT INTO normaliser.doubt_case (id, agency_id, retraction_id, reason, due_at)
     SELECT c.id, c.agency_id, $3, $4, now() + make_interval(hours => ${HOURS_TO_LOOK})
       FROM unnest($1::uuid[], $2::uuid[]) AS c(id, agency_id)
     ON CONFLICT DO NOTHING`,
    [agencies.map(() => uuid()), agencies, retractionId, reason],
  );
  await manager.query(
    `INSERT INTO normaliser.doubt (row_id, agency_id, case_id)
     SELECT DISTINCT o.row_id, o.agency_id, c.id
       FROM unnest($1::uuid[], $2::uuid[]) AS o(row_id, agency_id)
       JOIN normaliser.doubt_case c ON c.retraction_id = $3 AND c.agency_id = o.agency_id
      ORDER BY 1, 2
     ON CONFLICT DO NOTHING`,
    [others.map(({ row_id }) => row_id), others.map(({ agency_id }) => agency_id), retractionId],
  );
  return others.map(({ row_id, channels }) => ({ rowId: row_id, channels }));
}

/** Who says in this retraction that its signals were an error; undefined for a reason that is none. */
export async function takenAsError(
  manager: EntityManager,
  job: Job,
  reason: RetractionReason,
): Promise<TakenAsError | undefined> {
  if (!RETRACTION_REASONS[reason].error) return undefined;
  const [advisory] = await manager.query<{ agency_id: string }[]>(
    'SELECT agency_id FROM normaliser.advisory WHERE id = $1',
    [job.advisoryId],
  );
  return advisory && { retractionId: job.submissionId, agencyId: advisory.agency_id, reason };
}
