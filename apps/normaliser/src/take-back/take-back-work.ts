import type { DataSource, EntityManager } from 'typeorm';
import {
  hashUrl,
  NO_ITEMS,
  rejection,
  RETRACTION_REASONS,
  TocsinError,
  type ItemCounts,
  type RowIds,
} from '#libs/domain';
import { readRetractionRequest, type RetractionRequest } from '#libs/events';
import type { PeerClient } from '#libs/access';
import { changeState } from '#libs/persistence';
import { crashPoint } from '#libs/runtime';
import { ChunkTally } from '../assert-documents/chunk-tally.js';
import { takenAsError, type TakenAsError } from '../doubt-others/doubt-others.js';
import { eraseUnsaid } from '../erase-words/erase-words.js';
import type { Job, JobCheckpoint } from '../job.js';
import type { DirectorySnapshot, DirectoryReader } from '../read-directory/directory-snapshot.js';
import type { JobParameters } from '../read-documents/job-parameters.js';
import { advanceJob, lockJob, openHolds } from '../work-through-jobs/job-store.js';
import type { ChunkPace } from '../work-through-jobs/chunk-pace.js';
import type { KindOfWork } from '../work-through-jobs/kind-of-work.js';
import { RowWriter, type WithdrawalCause } from '../write-rows/row-writer.js';
import { removeAssertions, type AssertionKey } from './assertion-remover.js';
import { narrowAssertions } from './narrow-assertions.js';
import { rememberTakenBack } from './taken-back.js';

/** Assertions that one walk takes back. */
interface Walk {
  advisoryIds: string[];
  /** Newest revision of which assertions are taken back; later ones stay. */
  upTo: number;
  /** Only what the readings of this submission before this pass said last. */
  saidBy?: { submissionId: string; beforePass: number };
  /** Only these rows. */
  rowIds?: string[];
  /** Only what this object said; empty of what has no ids. */
  objectKey?: string;
  /** Only these channels: a narrowing. */
  channels?: string[];
  cause: WithdrawalCause;
  /** Set where the issuer says that the signals themselves were an error. */
  asError?: TakenAsError;
}

const MOST_REVISIONS = 2_147_483_647;
/** What is taken back in more than one chunk lets shorter work go first, as a long document does. */
const MANY_LEFT = 1_000_000_000;

/**
 * Takes assertions back, a chunk a transaction: a retraction or narrowing, the sweep at the end of a revision, and the
 * undoing of a submission that turned out to hold something forbidden.
 */
export class TakeBackWork implements KindOfWork {
  constructor(
    private readonly database: DataSource,
    private readonly directoryReader: DirectoryReader,
    private readonly rowIds: RowIds,
    private readonly parameters: JobParameters,
    private readonly pace: ChunkPace,
    private readonly intake: PeerClient,
  ) {}

  forget(): void {
    // Nothing is kept between chunks.
  }

  async workChunk(job: Job): Promise<undefined> {
    const directory = await this.directoryReader.read();
    const request = job.kind === 'retraction' ? await this.requestOf(job) : undefined;
    if (job.checkpoint && 'spill' in job.checkpoint) {
      const path = `/internal/submissions/${job.submissionId}/spill`;
      await this.intake.request('POST', path, { json: job.checkpoint.spill });
      crashPoint('after-destroy-before-take-back');
    }
    await this.pace.timed(() => this.takeBackChunk(job, directory, request));
    return undefined;
  }

  /** @returns how many assertions were looked at */
  private takeBackChunk(
    job: Job,
    directory: DirectorySnapshot,
    request: RetractionRequest | TocsinError | undefined,
  ): Promise<number> {
    return changeState(this.database, 'normaliser', async (manager) => {
      if (!(await lockJob(manager, job))) return { result: 0, audit: undefined };
      let walk: Walk;
      try {
        walk = await this.plan(manager, directory, job, request);
      } catch (thrown) {
        if (!(thrown instanceof TocsinError) || thrown.family !== 'rejection') throw thrown;
        await advanceJob(manager, job, {
          state: 'refused',
          checkpoint: null,
          counts: job.counts,
          bytesLeft: 0,
          problem: { code: thrown.code, detail: thrown.detail },
        });
        return { result: 0, audit: this.audit(job, 'refuse-document', NO_ITEMS, thrown.code) };
      }
      const { counts, walked } = await this.walkOn(manager, directory, job, walk);
      return { result: walked, audit: this.audit(job, 'take-back', counts, walk.cause.retractionReason) };
    });
  }

  private audit(job: Job, action: string, counts: ItemCounts, reason?: string) {
    const about = job.advisoryId ? `advisory/${job.advisoryId}` : `submission/${job.submissionId}`;
    return {
      actor: job.personId,
      action,
      subject: about,
      reason,
      detail: { submission: job.submissionId, chunk: job.chunks, ...counts },
    };
  }

  /** What a retraction asks for, or why that cannot be told. */
  private async requestOf(job: Job): Promise<RetractionRequest | TocsinError> {
    try {
      return readRetractionRequest(await this.parameters.of(job));
    } catch (thrown) {
      if (thrown instanceof TocsinError && thrown.family === 'rejection') return thrown;
      throw thrown;
    }
  }

  private async plan(
    manager: EntityManager,
    directory: DirectorySnapshot,
    job: Job,
    request: RetractionRequest | TocsinError | undefined,
  ): Promise<Walk> {
    if (job.checkpoint?.at === 'sweep') {
      const cause: WithdrawalCause = { reason: 'retracted', retractionReason: 'superseded', restore: false };
      if (job.kind !== 'revision') return { ...(await this.saidBefore(manager, job, job.pass)), cause };
      return {
        advisoryIds: job.advisoryId ? [job.advisoryId] : [],
        upTo: (await this.revisionWritten(manager, job)) - 1,
        cause,
      };
    }
    if (!request) {
      const why = becauseOf(job) ?? 'issued-in-error';
      const cause: WithdrawalCause = { reason: 'retracted', retractionReason: why, restore: true };
      return { ...(await this.saidBefore(manager, job, job.pass + 1)), cause };
    }
    if (request instanceof TocsinError) throw request;
    const unknown = request.channels?.filter((id) => !directory.channel(id)) ?? [];
    if (unknown.length > 0) throw rejection('TOC_CHANNEL_UNKNOWN', `there is no channel ${unknown.join(', ')}`);
    const cause: WithdrawalCause = {
      reason: 'retracted',
      retractionReason: request.reason,
      restore: RETRACTION_REASONS[request.reason].restore,
    };
    if (request.object) return { ...(await this.saidByObject(manager, job, request, request.object)), cause };
    return {
      advisoryIds: job.advisoryId ? [job.advisoryId] : [],
      upTo: await this.retractedUpTo(manager, job, request),
      rowIds: this.rowsNamed(request),
      channels: request.channels,
      cause: request.channels ? { ...cause, reason: 'narrowed' } : cause,
      // What stays on other channels is no error about the signal.
      asError: request.channels ? undefined : await takenAsError(manager, job, request.reason),
    };
  }

  /** What readings of this submission before a pass said, and nobody said anew since. */
  private async saidBefore(
    manager: EntityManager,
    job: Job,
    pass: number,
  ): Promise<Pick<Walk, 'advisoryIds' | 'upTo' | 'saidBy'>> {
    const rows = await manager.query<{ advisory_id: string }[]>(
      'SELECT DISTINCT advisory_id FROM normaliser.advisory_reading WHERE submission_id = $1 AND pass < $2',
      [job.submissionId, pass],
    );
    return {
      advisoryIds: rows.map((row) => row.advisory_id),
      upTo: MOST_REVISIONS,
      saidBy: { submissionId: job.submissionId, beforePass: pass },
    };
  }

  /**
   * What an object of an earlier submission of the same agency said: one with an id in whichever advisories, since it may have been
   * given more than once; another in those of that submission.
   */
  private async saidByObject(
    manager: EntityManager,
    job: Job,
    request: RetractionRequest,
    { submission, id = '' }: NonNullable<RetractionRequest['object']>,
  ): Promise<Omit<Walk, 'cause'>> {
    const ofId = `SELECT DISTINCT a.advisory_id FROM normaliser.assertion a WHERE a.object_key = $1`;
    const ofSubmission = `SELECT DISTINCT advisory_id FROM normaliser.advisory_reading WHERE submission_id = $1`;
    const rows = await manager.query<{ advisory_id: string }[]>(
      `SELECT s.advisory_id FROM (${id ? ofId : ofSubmission}) s JOIN normaliser.advisory v ON v.id = s.advisory_id
        WHERE v.agency_id = $2`,
      [id || submission, job.agencyId],
    );
    const advisoryIds = rows.map((row) => row.advisory_id);
    return { advisoryIds, upTo: MOST_REVISIONS, rowIds: this.rowsNamed(request) ?? [], objectKey: id };
  }

  private async revisionWritten(manager: EntityManager, job: Job): Promise<number> {
    const [row] = await manager.query<{ revision: number }[]>(
      'SELECT revision FROM normaliser.advisory_reading WHERE advisory_id = $1 AND submission_id = $2 AND pass = $3',
      [job.advisoryId, job.submissionId, job.pass],
    );
    return row?.revision ?? 0;
  }

  /**
   * What was said when the retraction was received; a revision that was received later stays. A whole retraction marks
   * the advisory at once, another what it takes back, so that no document received before says it any more.
   */
  private async retractedUpTo(manager: EntityManager, job: Job, request: RetractionRequest): Promise<number> {
    if (job.checkpoint && 'upTo' in job.checkpoint && job.checkpoint.upTo !== undefined) return job.checkpoint.upTo;
    const [row] = await manager.query<{ id: string; revision: number; last_received_at: Date | null }[]>(
      'SELECT id, revision, last_received_at FROM normaliser.advisory WHERE id = $1 FOR UPDATE',
      [job.advisoryId],
    );
    if (!row) return 0;
    const { signals, channels } = request;
    if (signals || channels) {
      const rowIds = this.rowsNamed(request);
      await rememberTakenBack(manager, { advisoryId: row.id, rowIds, channels, receivedAt: job.receivedAt });
    }
    if (row.last_received_at && row.last_received_at > job.receivedAt) return row.revision - 1;
    if (!signals && !channels) {
      await manager.query(
        `UPDATE normaliser.advisory SET state = 'retracted', retraction_reason = $2, retracted_at = $3 WHERE id = $1`,
        [job.advisoryId, request.reason, job.receivedAt],
      );
    }
    return row.revision;
  }

  private rowsNamed({ signals }: RetractionRequest): string[] | undefined {
    // An address of abuse material left as a hash: whoever names the address means that too.
    return signals?.flatMap(({ type, value }) => [
      this.rowIds.ofSignal(type, value),
      ...(type === 'url' ? [this.rowIds.ofSignal('url-sha256', hashUrl(value))] : []),
    ]);
  }

  /** Takes back one chunk and moves the job on. */
  private async walkOn(
    manager: EntityManager,
    directory: DirectorySnapshot,
    job: Job,
    walk: Walk,
  ): Promise<{ counts: ItemCounts; walked: number }> {
    const most = this.pace.items;
    const keys = await this.nextKeys(manager, job, walk, most);
    const rows = new RowWriter(manager, new Date());
    if (walk.channels) await narrowAssertions(manager, directory, rows, keys, walk.channels, walk.cause);
    else await removeAssertions(manager, directory, rows, keys, walk.cause, walk.upTo, walk.asError);
    await rows.records.writeTo(manager);
    await rows.words.writeTo(manager, job.submissionId);
    // What a retraction takes back are its items; a sweep or an undoing belongs to items already counted.
    const tally = new ChunkTally();
    if (job.kind === 'retraction' && keys.length > 0) tally.end('asserted', keys.length);
    if (job.chunks === 0 && job.advisoryId && walk.rowIds && !(await this.stillBeingRead(manager, job))) {
      await this.rejectUnsaid(manager, job, walk.rowIds, keys, tally);
    }
    const last = keys.at(-1);
    const counts = tally.addTo(job.counts);
    if (keys.length === most && last) {
      const because = becauseOf(job);
      const checkpoint: JobCheckpoint = {
        at: job.checkpoint?.at === 'sweep' ? 'sweep' : 'take-back',
        after: last,
        upTo: walk.upTo,
        ...(because && { because }),
      };
      await advanceJob(manager, job, { state: 'working', checkpoint, counts, bytesLeft: MANY_LEFT, chunk: tally });
    } else await this.finish(manager, job, counts, tally);
    return { counts: tally.counts, walked: keys.length };
  }

  /** Signals named that the advisory does not assert are rejected by their number, so that nobody believes them undone. */
  private async rejectUnsaid(
    manager: EntityManager,
    job: Job,
    named: readonly string[],
    taken: readonly AssertionKey[],
    tally: ChunkTally,
  ): Promise<void> {
    const rows = await manager.query<{ row_id: string }[]>(
      'SELECT DISTINCT row_id FROM normaliser.assertion WHERE advisory_id = $1 AND row_id = ANY($2)',
      [job.advisoryId, named],
    );
    const said = new Set([...rows.map((row) => row.row_id), ...taken.map((key) => key.rowId)]);
    named.forEach((rowId, index) => {
      if (!said.has(rowId)) tally.reject(index, 'TOC_ITEM_VALUE', 'the advisory does not assert this signal');
    });
  }

  /** Whether a document about this advisory that was received earlier is still at work. */
  private async stillBeingRead(manager: EntityManager, job: Job): Promise<boolean> {
    const rows = await manager.query<object[]>(
      `SELECT 1 FROM normaliser.advisory_reading r JOIN normaliser.job j ON j.submission_id = r.submission_id
        WHERE r.advisory_id = $1 AND j.state IN ('accepted', 'working') AND j.received_at <= $2 AND j.kind <> 'retraction' LIMIT 1`,
      [job.advisoryId, job.receivedAt],
    );
    return rows.length > 0;
  }

  private async nextKeys(manager: EntityManager, job: Job, walk: Walk, most: number): Promise<AssertionKey[]> {
    const after = job.checkpoint && 'after' in job.checkpoint ? job.checkpoint.after : undefined;
    const rows = await manager.query<{ advisory_id: string; row_id: string; object_key: string }[]>(
      `SELECT a.advisory_id, a.row_id, a.object_key FROM normaliser.assertion a
        WHERE a.advisory_id = ANY($1)
          AND ($2::uuid IS NULL OR (a.advisory_id, a.row_id, a.object_key) > ($2::uuid, $3::uuid, $4::text))
          AND a.revision <= $5
          AND ($7::uuid IS NULL OR EXISTS (
                SELECT FROM normaliser.advisory_reading r
                 WHERE r.advisory_id = a.advisory_id AND r.submission_id = $7 AND r.pass < $8 AND r.revision = a.revision))
          AND ($6::uuid[] IS NULL OR a.row_id = ANY($6))
          AND ($10::text IS NULL OR a.object_key = $10)
        ORDER BY a.advisory_id, a.row_id, a.object_key LIMIT $9`,
      [
        walk.advisoryIds,
        after?.advisoryId ?? null,
        after?.rowId ?? null,
        after?.objectKey ?? null,
        walk.upTo,
        walk.rowIds ?? null,
        walk.saidBy?.submissionId ?? null,
        walk.saidBy?.beforePass ?? null,
        most,
        walk.objectKey ?? null,
      ],
    );
    return rows.map((row) => ({ advisoryId: row.advisory_id, rowId: row.row_id, objectKey: row.object_key }));
  }

  private async finish(manager: EntityManager, job: Job, counts: ItemCounts, chunk: ChunkTally): Promise<void> {
    const [row] = await manager.query<{ problem: { code: string; detail: string } | null }[]>(
      'SELECT problem FROM normaliser.job WHERE submission_id = $1',
      [job.submissionId],
    );
    const spilled = job.kind !== 'retraction' && job.checkpoint?.at === 'take-back';
    if (spilled) await eraseUnsaid(manager, job.submissionId);
    const holds = await openHolds(manager, job.submissionId);
    await advanceJob(manager, job, {
      state: spilled ? 'refused' : holds.any ? 'held' : 'settled',
      checkpoint: null,
      counts,
      bytesLeft: 0,
      problem: spilled ? (row?.problem ?? undefined) : undefined,
      chunk,
    });
  }
}

/** Why a submission is taken back that is no error itself. */
function becauseOf({ checkpoint }: Job): 'compromised-submitter' | undefined {
  return checkpoint && 'because' in checkpoint ? checkpoint.because : undefined;
}
