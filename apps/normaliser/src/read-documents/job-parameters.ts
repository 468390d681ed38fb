import type { PeerClient } from '#libs/access';
import type { Job } from '../job.js';

/**
 * What is said beside the document of a job. Of a submission, intake keeps it under the submission's own key, and it is
 * asked for each time: what is destroyed there is not left here.
 */
export class JobParameters {
  constructor(private readonly intake: PeerClient) {}

  /**
   * @returns parameters as intake validated them, with what people completed since
   * @throws rejections `TOC_SUBMISSION_PURGED`, `TOC_ACCESS_NOT_FOUND`; a transient `TOC_PEER_UNAVAILABLE`
   */
  async of(job: Pick<Job, 'submissionId' | 'parameters' | 'completion'>): Promise<Record<string, unknown>> {
    const said =
      job.parameters ??
      (await this.intake.request<Record<string, unknown>>(
        'GET',
        `/internal/submissions/${job.submissionId}/parameters`,
      ));
    return completed(said, job.completion ?? {});
  }
}

/** Parameters with a patch as JSON merge patch has it (RFC 7396, one level deep): null takes one away. */
export function completed(said: Record<string, unknown>, patch: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries({ ...said, ...patch }).filter(([, value]) => value !== null));
}
