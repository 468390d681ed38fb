import { randomUUID } from 'node:crypto';
import type { DataSource, EntityManager } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { changeState } from '#libs/persistence';
import { describeFault } from './describe-fault.js';

/** Place of the dead letter that stands for a submission as a whole. */
export const WHOLE_SUBMISSION = 'document';

const PROBLEM = {
  code: 'TOC_FAULT',
  detail: 'a fault of ours ended the work; it goes on when operators have mended it and try again',
};

/**
 * Ends a submission by a fault of ours, in a dead letter by which an operator has it tried again. What is taken back
 * for a problem of its own keeps that.
 */
export async function failSubmission(
  manager: EntityManager,
  submissionId: string,
  attempts: number,
  thrown: unknown,
): Promise<void> {
  await manager.query(
    `UPDATE normaliser.job SET state = 'failed', attempts = $2, settled_at = now(), problem = coalesce(problem, $3) WHERE submission_id = $1`,
    [submissionId, attempts, JSON.stringify(PROBLEM)],
  );
  await manager.query(
    `INSERT INTO normaliser.dead_letter AS l (id, source, position, code, detail) VALUES ($1, $2, $3, 'TOC_FAULT', $4)
     ON CONFLICT (source, position) DO UPDATE SET detail = excluded.detail, at = now(), replayed_at = NULL`,
    [randomUUID(), `submission/${submissionId}`, WHOLE_SUBMISSION, describeFault(thrown)],
  );
}

/**
 * Has a failed submission worked on again, from where it stood.
 * @throws a rejection `TOC_REQUEST_CONFLICT` when it is not failed any more
 */
export async function retrySubmission(
  database: DataSource,
  principal: Principal,
  letterId: string,
  submissionId: string,
): Promise<void> {
  authorise(principal, 'dead-letter:replay');
  await changeState(database, 'normaliser', async (manager) => {
    const retried = await manager.query<object[]>(
      `WITH retried AS (
         UPDATE normaliser.job
            SET state = CASE WHEN chunks = 0 THEN 'accepted' ELSE 'working' END,
                attempts = 0, next_try_at = now(), settled_at = NULL,
                problem = CASE WHEN problem->>'code' = 'TOC_FAULT' THEN NULL ELSE problem END
          WHERE submission_id = $1 AND state = 'failed' RETURNING submission_id)
       SELECT submission_id FROM retried`,
      [submissionId],
    );
    if (retried.length === 0) throw rejection('TOC_REQUEST_CONFLICT', 'the submission is not failed any more');
    await manager.query('UPDATE normaliser.dead_letter SET replayed_at = now() WHERE id = $1', [letterId]);
    const audit = {
      actor: principal.personId,
      action: 'retry-submission',
      subject: `submission/${submissionId}`,
      detail: { dead_letter: letterId },
    };
    return { result: undefined, audit };
  });
}
