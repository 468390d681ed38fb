import type { DataSource } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { readSubmissionParameters } from '#libs/events';
import { changeState, withoutAudit } from '#libs/persistence';
import { completed, type JobParameters } from '../read-documents/job-parameters.js';
import { readJob } from '../work-through-jobs/job-store.js';
import { readAgain } from './holds.js';

/** Most bytes of what people completed, as JSON. */
const LONGEST_COMPLETION = 512 * 1024;

/**
 * Adds to the parameters of a held submission and has it normalised again.
 * @param patch parameters to add or replace; null takes one away
 */
export async function completeSubmission(
  database: DataSource,
  parameters: JobParameters,
  principal: Principal,
  submissionId: string,
  patch: Record<string, unknown>,
): Promise<void> {
  const unlocked = await withoutAudit(database, (manager) => readJob(manager, submissionId));
  const isHeld = unlocked?.state === 'held' && unlocked.kind !== 'retraction';
  const said = isHeld ? await parameters.of(unlocked) : {};
  await changeState(database, 'normaliser', async (manager) => {
    const job = await readJob(manager, submissionId, true);
    if (!job) throw rejection('TOC_ACCESS_NOT_FOUND', 'there is no such submission');
    authorise(principal, 'submission:complete', { organisationId: job.agencyId, submittedBy: job.personId });
    if (job.state !== 'held' || job.kind === 'retraction') {
      throw rejection('TOC_REQUEST_CONFLICT', `only a held submission can be completed; this one is ${job.state}`);
    }
    if ('format' in patch) throw rejection('TOC_REQUEST_PARAMETER', 'the format of a submission cannot be changed');
    if (job.pass !== unlocked?.pass) throw rejection('TOC_REQUEST_CONFLICT', 'somebody else completed it meanwhile');
    readSubmissionParameters(completed(said, patch));
    // To take away what nobody said changes nothing.
    const before = { ...said, ...job.completion };
    const kept = Object.entries({ ...job.completion, ...patch }).filter(
      ([name, value]) => value !== null || Object.hasOwn(before, name),
    );
    const completion = JSON.stringify(Object.fromEntries(kept));
    if (completion.length > LONGEST_COMPLETION) {
      throw rejection('TOC_REQUEST_TOO_LARGE', `completions hold at most ${LONGEST_COMPLETION} bytes together`);
    }
    // What a second person released was released for the words as they were: edits void it. And who adds words is no
    // second person about them from now on.
    const added = `completion = $2, released = '{}', completed_by = array_append(array_remove(completed_by, $3::uuid), $3::uuid)`;
    await readAgain(manager, submissionId, 'every', added, [completion, principal.personId]);
    const audit = {
      actor: principal.personId,
      action: 'complete-submission',
      subject: `submission/${submissionId}`,
      detail: { parameters: Object.keys(patch) },
    };
    return { result: undefined, audit };
  });
}
