import type { EntityManager } from 'typeorm';
import type { ItemCounts, SubmissionState } from '#libs/domain';
import type { ChunkTally } from '../assert-documents/chunk-tally.js';
import { JOB_COLUMNS, jobOfRow, type Job, type JobCheckpoint, type JobRow, type RoutingOutcome } from '../job.js';

/**
 * Locks a job for one chunk and checks that nobody moved it meanwhile.
 * @returns the job as it is now; undefined when it moved or ended: the caller looks again
 */
export async function lockJob(manager: EntityManager, job: Job): Promise<Job | undefined> {
  const rows = await manager.query<JobRow[]>(
    `SELECT ${JOB_COLUMNS} FROM normaliser.job WHERE submission_id = $1 AND state IN ('accepted', 'working') FOR UPDATE`,
    [job.submissionId],
  );
  const [row] = rows;
  return row?.pass === job.pass && row.chunks === job.chunks ? jobOfRow(row) : undefined;
}

/** Reads one job. */
export async function readJob(
  manager: EntityManager,
  submissionId: string,
  forUpdate = false,
): Promise<Job | undefined> {
  const rows = await manager.query<JobRow[]>(
    `SELECT ${JOB_COLUMNS} FROM normaliser.job WHERE submission_id = $1 ${forUpdate ? 'FOR UPDATE' : ''}`,
    [submissionId],
  );
  return rows[0] && jobOfRow(rows[0]);
}

/** What a chunk changes in its job. */
export interface JobProgress {
  state: SubmissionState;
  checkpoint: JobCheckpoint | null;
  counts: ItemCounts;
  bytesLeft: number;
  routing?: RoutingOutcome;
  problem?: { code: string; detail: string; facts?: object };
  /** How the items of the chunk ended, where it had any. */
  chunk?: Pick<ChunkTally, 'counts' | 'signals' | 'rejected' | 'ignored' | 'lowered' | 'leftOut'>;
}

/** Ended for good; a job that failed may be tried again. */
const ENDED: readonly SubmissionState[] = ['settled', 'refused'];

/** Moves a job on by one chunk and keeps how its items ended. */
export async function advanceJob(manager: EntityManager, job: Job, progress: JobProgress): Promise<void> {
  const { chunk, checkpoint, routing, problem } = progress;
  await manager.query(
    `WITH chunk AS (
       INSERT INTO normaliser.chunk (submission_id, pass, seq, counts, rejected, ignored, lowered, left_out)
       SELECT $1, $9, $10, $11, $12, $13, $14, $15 WHERE $11::jsonb IS NOT NULL)
     UPDATE normaliser.job
        SET state = $2, chunks = chunks + 1, checkpoint = $3, counts = $4, signals = signals + $16, bytes_left = $5, attempts = 0,
            routing = coalesce($6, routing), problem = coalesce($7, problem), settled_at = CASE WHEN $8 THEN now() ELSE settled_at END,
            completion = CASE WHEN $8 THEN NULL ELSE completion END
      WHERE submission_id = $1`,
    [
      job.submissionId,
      progress.state,
      checkpoint && JSON.stringify(checkpoint),
      JSON.stringify(progress.counts),
      progress.bytesLeft,
      routing ? JSON.stringify(routing) : null,
      problem ? JSON.stringify(problem) : null,
      ENDED.includes(progress.state),
      job.pass,
      job.chunks,
      chunk ? JSON.stringify(chunk.counts) : null,
      chunk && chunk.rejected.length > 0 ? JSON.stringify(chunk.rejected) : null,
      chunk && Object.keys(chunk.ignored).length > 0 ? JSON.stringify(chunk.ignored) : null,
      chunk && chunk.lowered.length > 0 ? JSON.stringify(chunk.lowered) : null,
      chunk && Object.keys(chunk.leftOut).length > 0 ? JSON.stringify(chunk.leftOut) : null,
      chunk?.signals ?? 0,
    ],
  );
}

/**
 * What still waits. `whole`: items of which nothing is kept wait with the submission; those that a stop withholds are
 * no such items, since what was said of them before is marked as said.
 */
export async function openHolds(
  manager: EntityManager,
  submissionId: string,
): Promise<{ any: boolean; whole: boolean }> {
  const [row] = await manager.query<{ any: boolean | null; whole: boolean | null }[]>(
    `SELECT bool_or(true) AS any, bool_or(scope = 'submission' AND reason <> 'publishing-stopped') AS whole
       FROM normaliser.hold WHERE submission_id = $1 AND state = 'open'`,
    [submissionId],
  );
  return { any: row?.any ?? false, whole: row?.whole ?? false };
}
