import { randomUUID } from 'node:crypto';
import type { DataSource, EntityManager } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { changeState, withoutAudit } from '#libs/persistence';
import { ChunkAsserter } from '../assert-documents/assert-chunk.js';
import type { OpenDocuments } from '../assert-documents/open-documents.js';
import type { Job } from '../job.js';
import { isStopped } from '../withhold-revisions/stops.js';
import { openHolds, readJob } from '../work-through-jobs/job-store.js';
import { describeFault } from './describe-fault.js';

/** A dead item is told by its place: its words are in the document, and are destroyed with it. */
export async function writeDeadItem(
  manager: EntityManager,
  submissionId: string,
  position: number,
  thrown: unknown,
): Promise<void> {
  await manager.query(
    `INSERT INTO normaliser.dead_letter AS l (id, source, position, code, detail) VALUES ($1, $2, $3, 'TOC_FAULT', $4)
     ON CONFLICT (source, position) DO UPDATE SET detail = excluded.detail, at = now(), replayed_at = NULL`,
    [randomUUID(), `submission/${submissionId}`, String(position), describeFault(thrown)],
  );
}

/**
 * Reads one dead item of a document again and ends it as what it is now, in the reading that the others were of.
 * @throws rejections `TOC_REQUEST_CONFLICT` when it has ended already, its submission is not at rest or
 *   publishing is stopped, and
 *   `TOC_SUBMISSION_PURGED`; whatever faults still stands in its way
 */
export async function retryItem(
  database: DataSource,
  documents: OpenDocuments,
  principal: Principal,
  letter: { id: string; position: number; submissionId: string },
): Promise<void> {
  authorise(principal, 'dead-letter:replay');
  const { submissionId } = letter;
  const read = await withoutAudit(database, (manager) => readJob(manager, submissionId));
  requireRest(read);
  const { item, declared, parameters } = await documents.itemAt(read, letter.position);
  const decider = await documents.decider(read, parameters);
  await changeState(database, 'normaliser', async (manager) => {
    const job = await readJob(manager, submissionId, true);
    requireRest(job);
    if (await isStopped(manager, job.agencyId)) {
      throw rejection('TOC_REQUEST_CONFLICT', 'publishing is stopped for the agency of the item');
    }
    if (job.pass !== read.pass) throw rejection('TOC_REQUEST_CONFLICT', 'the submission was read again meanwhile');
    const ended = await manager.query<{ id: string }[]>(
      `WITH ended AS (UPDATE normaliser.dead_letter SET replayed_at = now() WHERE id = $1 AND replayed_at IS NULL RETURNING id)
       SELECT id FROM ended`,
      [letter.id],
    );
    if (ended.length === 0) throw rejection('TOC_REQUEST_CONFLICT', 'the item has ended already');
    const asserter = new ChunkAsserter(manager, { job, decider, declared, now: new Date() });
    const { counts: end, signals, rejected } = await asserter.assert([item]);
    await asserter.finish();
    const counts = { ...job.counts, dead_lettered: job.counts.dead_lettered - 1 };
    for (const how of ['asserted', 'repeated', 'rejected', 'held', 'ignored'] as const) counts[how] += end[how];
    const holds = await openHolds(manager, submissionId);
    await manager.query(
      'UPDATE normaliser.job SET counts = $2, state = $3, signals = signals + $4 WHERE submission_id = $1',
      [submissionId, JSON.stringify(counts), holds.any ? 'held' : 'settled', signals],
    );
    const audit = {
      actor: principal.personId,
      action: 'retry-item',
      subject: `submission/${submissionId}`,
      reason: rejected[0]?.[1],
      detail: { dead_letter: letter.id, position: letter.position, ...end },
    };
    return { result: undefined, audit };
  });
}

/** What people completed is kept until a submission settles; without it the words would not be those of the others. */
function requireRest(job: Job | undefined): asserts job is Job {
  if (job?.state !== 'settled' && job?.state !== 'held') {
    throw rejection('TOC_REQUEST_CONFLICT', 'the submission of the item is not at rest');
  }
  if (job.state === 'settled' && job.pass > 1) {
    throw rejection(
      'TOC_REQUEST_CONFLICT',
      'the submission was read more than once and is settled; submit what it lacks again',
    );
  }
}
