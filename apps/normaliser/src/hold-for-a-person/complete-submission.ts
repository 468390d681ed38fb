import type { DataSource } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { readSubmissionParameters } from '#libs/events';
import { changeState } from '#libs/persistence';
import { readJob } from '../work-through-jobs/job-store.js';
import { readAgain } from './holds.js';

/**
 * Adds to the parameters of a held submission and has it normalised again.
 * @param patch parameters to add or replace; null takes one away
 */
export async function completeSubmission(
  database: DataSource,
  principal: Principal,
  submissionId: string,
  patch: Record<string, unknown>,
): Promise<void> {
  await changeState(database, 'normaliser', async (manager) => {
    const job = await readJob(manager, submissionId, true);
    if (!job) throw rejection('TOC_ACCESS_NOT_FOUND', 'there is no such submission');
    authorise(principal, 'submission:complete', { organisationId: job.agencyId, submittedBy: job.personId });
    if (job.state !== 'held' || job.kind === 'retraction') {
      throw rejection('TOC_REQUEST_CONFLICT', `only a held submission can be completed; this one is ${job.state}`);
    }
    if ('format' in patch) throw rejection('TOC_REQUEST_PARAMETER', 'the format of a submission cannot be changed');
    const merged = Object.fromEntries(
      Object.entries({ ...job.parameters, ...patch }).filter(([, value]) => value !== null),
    );
    readSubmissionParameters(merged);
    // What a second person released was released for the words as they were: edits void it.
    await readAgain(manager, submissionId, 'every', `parameters = $2, released = '{}', person_id = $3`, [
      JSON.stringify(merged),
      principal.personId,
    ]);
    const audit = {
      actor: principal.personId,
      action: 'complete-submission',
      subject: `submission/${submissionId}`,
      detail: { parameters: Object.keys(patch) },
    };
    return { result: undefined, audit };
  });
}
