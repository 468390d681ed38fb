import type { Job } from '../job.js';

/** Settles, either way, when it is worth looking at the job again. */
export interface Awaited {
  until: Promise<unknown>;
}

/** One kind of job: works on it chunk by chunk, each chunk one transaction. */
export interface KindOfWork {
  /**
   * Works one chunk of a job that this process has claimed. A moved or ended job is left alone.
   * @returns what to wait for, when nothing could be worked on yet: others go first until then
   * @throws transient errors to be tried again, faults to be isolated
   */
  workChunk(job: Job): Promise<Awaited | undefined>;
  /** Lets go of what is kept in memory for a job. */
  forget(submissionId: string): void;
  /** A chunk failed by a fault again and again: sets the cause aside as a dead letter, if it can be told. */
  setAside?(job: Job, thrown: unknown): Promise<boolean>;
}
