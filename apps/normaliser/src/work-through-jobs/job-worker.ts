import { familyOf } from '#libs/domain';
import { LANE_NAMES, changeState, query, type Lane } from '#libs/persistence';
import type { Logger, Telemetry } from '#libs/runtime';
import type { DataSource } from 'typeorm';
import type { Job } from '../job.js';
import { failSubmission } from '../replay-dead-letters/failed-submissions.js';
import type { ClaimedJobs } from './claimed-jobs.js';
import { lockJob } from './job-store.js';
import type { Awaited, KindOfWork } from './kind-of-work.js';
import type { UrgentWork } from './urgent-work.js';
import type { Wakers } from './wakers.js';

/** Which work a job asks for now. */
export type WorkFor = (job: Job) => KindOfWork;

const IDLE_MS = 500;
/** Most jobs of a lane whose documents are read at once; while so many are, only such as are soon read are begun. */
const MOST_WAITING = 2;
const SOON_READ_BYTES = 1024 * 1024;
const TRIES_BEFORE_SETTING_ASIDE = 3;
const LONGEST_PAUSE_MS = 60_000;

/**
 * Works through the jobs of one lane: claims the most urgent, works one chunk of it, looks again. So a list of a
 * million lines delays an urgent one by no more than one chunk.
 */
export class JobWorker {
  private readonly claimed = new Set<string>();
  /** Claimed jobs whose documents are still being read: others go first. */
  private readonly waiting = new Set<string>();
  private readonly lane: Lane;
  private readonly logger: Logger;
  private readonly telemetry: Telemetry;

  constructor(
    private readonly database: DataSource,
    private readonly claims: ClaimedJobs,
    private readonly workFor: WorkFor,
    private readonly wakers: Wakers,
    private readonly urgent: UrgentWork,
    parts: { logger: Logger; telemetry: Telemetry },
  ) {
    this.lane = claims.lane;
    this.logger = parts.logger;
    this.telemetry = parts.telemetry;
  }

  /** One chunk of one job. @returns what the loop does next: again at once, or milliseconds to wait */
  async step(): Promise<'again' | number> {
    const { claimed, waiting, urgent, lane } = this;
    if (lane === 1) await urgent.letPass();
    const mostBytes = waiting.size < MOST_WAITING ? undefined : SOON_READ_BYTES;
    const job = await this.claims.next({ claimed, waiting, mostBytes });
    if (lane === 0) urgent.isThere = job !== undefined || waiting.size > 0;
    await this.letGoBut(job?.submissionId);
    if (!job) return IDLE_MS;
    claimed.add(job.submissionId);
    const started = performance.now();
    try {
      const awaited = await this.workFor(job).workChunk(job);
      if (awaited) {
        this.waitFor(job.submissionId, awaited);
        return 'again';
      }
      this.telemetry
        .histogram('normaliser_chunk_seconds', 'Time to work one chunk', ['lane'])
        .observe({ lane: LANE_NAMES[lane] }, (performance.now() - started) / 1000);
    } catch (thrown) {
      await this.failed(job, thrown);
    }
    return 'again';
  }

  async letGo(): Promise<void> {
    this.waiting.clear();
    await this.letGoBut(undefined);
  }

  private waitFor(submissionId: string, { until }: Awaited): void {
    this.waiting.add(submissionId);
    const lookAgain = (): void => {
      this.waiting.delete(submissionId);
      this.wakers.wake();
    };
    until.then(lookAgain, lookAgain);
  }

  /** Gives up the claims that are not needed for the next chunk. */
  private async letGoBut(kept: string | undefined): Promise<void> {
    for (const submissionId of this.claimed) {
      if (submissionId === kept || this.waiting.has(submissionId)) continue;
      this.claimed.delete(submissionId);
      await this.claims.release(submissionId);
    }
  }

  /** Transient: later, for as long as it lasts. Fault: a few tries, then the one item is set aside, or the job fails. */
  private async failed(job: Job, thrown: unknown): Promise<void> {
    const work = this.workFor(job);
    work.forget(job.submissionId);
    const fault = familyOf(thrown) === 'fault';
    // Only faults are counted: what passes by itself is waited out for as long as it lasts.
    const attempts = fault ? job.attempts + 1 : job.attempts;
    this.logger[fault ? 'error' : 'warn']({ submission_id: job.submissionId, attempts, err: thrown }, 'chunk-failed');
    if (fault && attempts >= TRIES_BEFORE_SETTING_ASIDE) {
      const outcome = await this.setAside(work, job, thrown);
      if (outcome === 'done') return;
      if (outcome === 'impossible') {
        await this.giveUp(job, attempts, thrown);
        this.telemetry.counter('normaliser_jobs_failed_total', 'Submissions that a fault of ours ended', []).inc();
        return;
      }
    }
    const pause = Math.min(LONGEST_PAUSE_MS, 200 * 2 ** Math.min(attempts, 12)) * (0.5 + Math.random() / 2);
    await query(
      this.database,
      `UPDATE normaliser.job SET attempts = $2, next_try_at = now() + $3 * interval '1 millisecond' WHERE submission_id = $1`,
      [job.submissionId, attempts, pause],
    );
  }

  private giveUp(job: Job, attempts: number, thrown: unknown): Promise<void> {
    return changeState(this.database, 'normaliser', async (manager) => {
      if (!(await lockJob(manager, job))) return { result: undefined, audit: undefined };
      await failSubmission(manager, job.submissionId, attempts, thrown);
      const audit = {
        actor: 'service:normaliser',
        action: 'fail-submission',
        subject: `submission/${job.submissionId}`,
        reason: 'TOC_FAULT',
      };
      return { result: undefined, audit };
    });
  }

  /** What passes by itself while the cause is looked for fails no submission: it is looked for again. */
  private async setAside(work: KindOfWork, job: Job, thrown: unknown): Promise<'done' | 'impossible' | 'later'> {
    try {
      return (await work.setAside?.(job, thrown)) ? 'done' : 'impossible';
    } catch (again) {
      const passes = familyOf(again) === 'transient';
      this.logger[passes ? 'warn' : 'error']({ submission_id: job.submissionId, err: again }, 'setting-aside-failed');
      work.forget(job.submissionId);
      return passes ? 'later' : 'impossible';
    }
  }
}
