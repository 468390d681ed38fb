import type { DataSource, EntityManager } from 'typeorm';
import { familyOf, NO_ITEMS, TocsinError, type ItemCounts, type RowIds, type SubmissionState } from '#libs/domain';
import { bulletinOfParameters, RETRACTION_FORMAT } from '#libs/events';
import { changeState, readDatabaseError, type AuditEntry } from '#libs/persistence';
import { crashPoint } from '#libs/runtime';
import type { ItemDecider } from '../decide-items/item-decider.js';
import type { DeclaredAdvisory } from '#libs/formats';
import type { Job, JobCheckpoint } from '../job.js';
import type { IdentifiedItem } from '../read-documents/reader-messages.js';
import { eraseWords } from '../erase-words/erase-words.js';
import { advanceJob, lockJob, openHolds } from '../work-through-jobs/job-store.js';
import { writeDeadItem } from '../replay-dead-letters/dead-items.js';
import type { Awaited, KindOfWork } from '../work-through-jobs/kind-of-work.js';
import { ChunkAsserter, ForbiddenMatterFound } from './assert-chunk.js';
import type { Floods } from '../notice-floods/floods.js';
import { isStopped } from '../withhold-revisions/stops.js';
import { declaredAdvisoryId } from '../write-rows/advisory-store.js';
import { findPoison } from './find-poison.js';
import type { OpenDocument, OpenDocuments } from './open-documents.js';

/** A revision whose every line was wrong must not take everything back. */
const NOTHING_SAID = {
  code: 'TOC_SUBMISSION_EMPTY',
  detail: 'the revision asserts nothing, so nothing was taken back; retract the advisory if that is meant',
};

/** So long a worker waits for a document to be read on before it turns to other work. */
const PATIENCE_MS = 25;

/** Works through the document of an advisory or a revision: reads, decides, asserts. */
export class DocumentWork implements KindOfWork {
  constructor(
    private readonly database: DataSource,
    private readonly documents: OpenDocuments,
    private readonly rowIds: RowIds,
    private readonly floods: Floods,
  ) {}

  async workChunk(job: Job): Promise<Awaited | undefined> {
    const ready = this.documents.at(job);
    let document: OpenDocument | undefined;
    try {
      document = await within(PATIENCE_MS, ready);
    } catch (thrown) {
      if (thrown instanceof TocsinError && thrown.family === 'rejection') {
        const { code, detail } = thrown;
        if (code === 'TOC_SUBMISSION_PURGED') await this.undo(job, 'take-back-destroyed', { code, detail }, job.counts);
        else await this.refuse(job, thrown);
        return undefined;
      }
      throw thrown;
    }
    if (!document) return { until: ready };
    await this.workBatch(job, document);
    return undefined;
  }

  private async workBatch(job: Job, document: OpenDocument): Promise<void> {
    const items = document.batch?.items ?? [];
    const decider = await this.deciderFor(job, document, items);
    try {
      await this.documents.pace(job).timed(async () => {
        await this.commitChunk(job, document, decider, items);
        return items.length;
      });
      crashPoint('after-chunk');
      this.documents.committed(job.submissionId);
      if (document.ended) this.documents.forget(job.submissionId);
    } catch (thrown) {
      if (!(thrown instanceof ForbiddenMatterFound)) throw thrown;
      const { code, detail } = thrown;
      await this.undo(job, 'report-spill', { code, detail }, NO_ITEMS, { spill: { code, detail } });
    }
  }

  forget(submissionId: string): void {
    this.documents.forget(submissionId);
  }

  /** Puts the items that cannot be worked on aside, each as a dead letter, so that the others go on (I9). */
  async setAside(job: Job, thrown: unknown): Promise<boolean> {
    const document = await this.documents.at(job);
    const items = document.batch?.items ?? [];
    const decider = await this.deciderFor(job, document, items);
    const poison = await findPoison(items, (some) => this.works(job, document, decider, some));
    if (poison.length === 0) return false;
    const others = items.filter((item) => !poison.includes(item));
    await this.commitChunk(job, document, decider, others, { items: poison, thrown });
    this.documents.committed(job.submissionId);
    if (document.ended) this.documents.forget(job.submissionId);
    return true;
  }

  /** Decides a chunk; what would go far beyond the agency's habit is held. */
  private deciderFor(job: Job, { parameters }: OpenDocument, items: readonly IdentifiedItem[]): Promise<ItemDecider> {
    const signals = items.reduce((sum, item) => sum + (item.kind === 'candidate' ? item.signals.length : 0), 0);
    return this.documents.decider(job, parameters, (agency) => this.floods.noticed(job, agency, signals));
  }

  /** Tries items in a transaction that is rolled back. */
  private async works(
    job: Job,
    document: OpenDocument,
    decider: ItemDecider,
    items: readonly IdentifiedItem[],
  ): Promise<boolean> {
    const rolledBack = new Error('rolled back on purpose');
    try {
      await this.database.transaction(async (manager) => {
        const asserter = new ChunkAsserter(manager, { job, decider, declared: document.declared, now: new Date() });
        await asserter.assert(items);
        await asserter.finish();
        throw rolledBack;
      });
    } catch (thrown) {
      const meant = readDatabaseError(thrown);
      // What passes by itself says nothing about the items.
      if (familyOf(meant) === 'transient') throw meant;
      return thrown === rolledBack || thrown instanceof ForbiddenMatterFound;
    }
    return true;
  }

  private commitChunk(
    job: Job,
    document: OpenDocument,
    decider: ItemDecider,
    items: readonly IdentifiedItem[],
    poison?: { items: readonly IdentifiedItem[]; thrown: unknown },
  ): Promise<void> {
    return changeState(this.database, 'normaliser', async (manager) => {
      const locked = await lockJob(manager, job);
      if (!locked) return { result: undefined, audit: undefined };
      const withholds = job.kind === 'revision' && (await isStopped(manager, job.agencyId));
      const { declared } = document;
      const asserter = new ChunkAsserter(manager, { job, decider, declared, now: new Date(), withholds });
      const tally = await asserter.assert(items);
      for (const item of poison?.items ?? []) {
        tally.end('dead_lettered');
        if ('position' in item) await writeDeadItem(manager, job.submissionId, item.position, poison?.thrown);
      }
      if (job.chunks === 0) await this.assertBulletin(asserter, document, decider);
      await this.assertDeclaredAdvisories(manager, job, asserter, items, decider);
      await asserter.finish();
      const counts = tally.addTo(locked.counts);
      const end = document.ended ? await this.endOf(manager, job, counts) : undefined;
      const next = document.batch?.next;
      const checkpoint: JobCheckpoint | null = end
        ? end.checkpoint
        : next
          ? { at: 'document', from: next }
          : job.checkpoint;
      const words = decider.decideWords();
      await advanceJob(manager, job, {
        state: end?.state ?? 'working',
        problem: end?.problem,
        checkpoint,
        counts,
        bytesLeft: next && !end ? Math.max(0, job.bytes - next.byte) : 0,
        chunk: tally,
        routing: 'routing' in words ? words.routing : undefined,
      });
      const audit: AuditEntry = {
        actor: job.personId,
        action: 'assert-document',
        subject: `submission/${job.submissionId}`,
        detail: { pass: job.pass, chunk: job.chunks, ...tally.counts },
      };
      return { result: undefined, audit };
    });
  }

  /** The submission's own bulletin, once in each reading. What its words lack is told by the hold of the submission. */
  private async assertBulletin(asserter: ChunkAsserter, document: OpenDocument, decider: ItemDecider): Promise<void> {
    const bulletin = bulletinOfParameters(document.parameters);
    if (!bulletin) return;
    const words = decider.decideBulletin(bulletin);
    if (words.verdict === 'assert') await asserter.assertBulletin(bulletin, this.rowIds, words);
    else if (words.verdict === 'hold') asserter.holdBulletin(words);
    else if (words.verdict === 'reject') asserter.tally.rejectBulletin(words.code, words.detail);
  }

  /** Bulletins of declared advisories; an advisory that its producer revoked is taken back as a whole instead. */
  private async assertDeclaredAdvisories(
    manager: EntityManager,
    job: Job,
    asserter: ChunkAsserter,
    items: readonly IdentifiedItem[],
    decider: ItemDecider,
  ): Promise<void> {
    for (const item of items) {
      if (item.kind === 'advisory' && item.revoked) await orderRetraction(manager, job, item);
      if (item.kind !== 'advisory' || !item.bulletin || item.revoked) continue;
      const words = decider.decideBulletin(item.bulletin, item.draft);
      if (words.verdict === 'assert') await asserter.assertBulletin(item.bulletin, this.rowIds, words, item);
      else if (words.verdict === 'hold') asserter.holdBulletin(words);
      else if (words.verdict === 'reject') asserter.tally.rejectBulletin(words.code, words.detail);
    }
  }

  /** What follows the last item: a revision sweeps what it no longer says; otherwise the submission settles or waits. */
  private async endOf(
    manager: EntityManager,
    job: Job,
    counts: ItemCounts,
  ): Promise<{ state: SubmissionState; checkpoint: JobCheckpoint | null; problem?: { code: string; detail: string } }> {
    const holds = await openHolds(manager, job.submissionId);
    if (job.kind === 'revision' && counts.asserted + counts.repeated === 0 && !holds.any)
      return { state: 'refused', checkpoint: null, problem: NOTHING_SAID };
    // A later reading takes back what an earlier one said and this one does not, held or not.
    if ((job.kind === 'revision' && !holds.whole) || (job.kind === 'advisory' && job.pass > 1)) {
      return { state: 'working', checkpoint: { at: 'sweep' } };
    }
    return { state: holds.any ? 'held' : 'settled', checkpoint: null };
  }

  private async refuse(job: Job, problem: TocsinError): Promise<void> {
    this.documents.forget(job.submissionId);
    await changeState(this.database, 'normaliser', async (manager) => {
      if (!(await lockJob(manager, job))) return { result: undefined, audit: undefined };
      const { code, detail, facts } = problem;
      await advanceJob(manager, job, {
        state: 'refused',
        checkpoint: null,
        counts: job.counts,
        bytesLeft: 0,
        problem: { code, detail, facts },
      });
      const audit = {
        actor: `service:normaliser`,
        action: 'refuse-document',
        subject: `submission/${job.submissionId}`,
        reason: code,
      };
      return { result: undefined, audit };
    });
  }

  /**
   * Nothing that the document said may stay: its words are erased here at once, and what was asserted is taken back. In
   * case of a spill this is noted before the bytes and their key are destroyed, so that a crash between forgets neither.
   */
  private async undo(
    job: Job,
    action: string,
    problem: { code: string; detail: string },
    counts: ItemCounts,
    found?: { spill: { code: string; detail: string } },
  ): Promise<void> {
    this.documents.forget(job.submissionId);
    await changeState(this.database, 'normaliser', async (manager) => {
      if (!(await lockJob(manager, job))) return { result: undefined, audit: undefined };
      await eraseWords(manager, job.submissionId);
      await advanceJob(manager, job, {
        state: 'working',
        checkpoint: { at: 'take-back', ...found },
        counts,
        bytesLeft: 0,
        problem,
      });
      const subject = `submission/${job.submissionId}`;
      return { result: undefined, audit: { actor: 'service:normaliser', action, subject, reason: problem.code } };
    });
  }
}

/** What a promise gives, or undefined when it does not within some milliseconds. */
async function within<Given>(milliseconds: number, promise: Promise<Given>): Promise<Given | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, milliseconds, undefined);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Orders the retraction of a declared advisory of the same agency, once for each document that revokes it. An advisory
 * that nobody declared before is kept as retracted, so that what comes late is not asserted.
 */
async function orderRetraction(
  manager: EntityManager,
  job: Job,
  { ref, modified, retractionReason: reason = 'no-longer-needed' }: DeclaredAdvisory,
): Promise<void> {
  await manager.query(
    `INSERT INTO normaliser.advisory AS v (id, agency_id, submission_id, ref, ref_modified, state, retraction_reason, retracted_at)
     VALUES ($1, $2, $3, $4, $5, 'retracted', $6, $7)
     ON CONFLICT (id) DO UPDATE SET ref_modified = greatest(v.ref_modified, excluded.ref_modified)
      WHERE v.agency_id = excluded.agency_id`,
    [declaredAdvisoryId(ref), job.agencyId, job.submissionId, ref, modified ?? null, reason, job.receivedAt],
  );
  await manager.query(
    `INSERT INTO normaliser.job (submission_id, kind, agency_id, person_id, format, parameters, advisory_id, bytes, bytes_left, lane, received_at, counts)
     SELECT $1, 'retraction', $2, $3, $4, $5, v.id, 0, 0, 0, $6, $7 FROM normaliser.advisory v WHERE v.ref = $8 AND v.agency_id = $2
     ON CONFLICT DO NOTHING`,
    [
      declaredAdvisoryId(`${job.submissionId}/${ref}`),
      job.agencyId,
      job.personId,
      RETRACTION_FORMAT,
      JSON.stringify({ reason }),
      job.receivedAt,
      JSON.stringify(NO_ITEMS),
      ref,
    ],
  );
}
