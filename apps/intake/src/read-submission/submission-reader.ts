import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { authorise, PeerClient, type Principal } from '#libs/access';
import { rejection, TocsinError } from '#libs/domain';
import { query } from '#libs/persistence';
import { ByteKeeper } from '../serve-parts/byte-keeper.js';
import { receiptOf, SUBMISSION_COLUMNS, type Receipt, type SubmissionRow } from '../accept-submission/receipt.js';

/** The story as the normaliser tells it to this person; at least a state. */
export interface Story {
  state: string;
  [fact: string]: unknown;
}

/** The receipt, whether the bytes are still kept, and what became of the submission. */
export type SubmissionTold = Omit<Receipt, 'state'> & Story & { bytes_state: SubmissionRow['bytes_state'] };

/** A submission in a list: its state is missing while the normaliser does not answer. */
export type SubmissionListed = Omit<Receipt, 'state'> & { state?: string; bytes_state: SubmissionRow['bytes_state'] };

const NOBODY = '00000000-0000-0000-0000-000000000000';

/** Tells agencies about their own submissions. */
@Injectable()
export class SubmissionReader {
  constructor(
    private readonly database: DataSource,
    private readonly normaliser: PeerClient,
    private readonly keeper: ByteKeeper,
  ) {}

  /**
   * @throws rejections `TOC_ACCESS_NOT_FOUND`, `TOC_ACCESS_FORBIDDEN`; a transient `TOC_PEER_UNAVAILABLE` whose facts are
   *   the receipt when nobody can say what became of the submission
   */
  async read(principal: Principal, id: string): Promise<SubmissionTold> {
    const row = await this.row(principal, id);
    const contents = row.bytes_state === 'kept' ? await this.keeper.readContents(id) : undefined;
    const { state, ...receipt } = receiptOf(row, contents);
    try {
      const story = await this.normaliser.request<Story>('GET', `/internal/submissions/${id}`, { principal });
      return { ...receipt, ...story, bytes_state: row.bytes_state };
    } catch (thrown) {
      if (!(thrown instanceof TocsinError)) throw thrown;
      // Committed here and not yet on its way there.
      if (thrown.code === 'TOC_ACCESS_NOT_FOUND') return { ...receipt, state, bytes_state: row.bytes_state };
      if (thrown.family !== 'transient') throw thrown;
      const { id: submission_id, contents: _contents, ...facts } = receipt;
      const sentence = 'the submission is kept; what became of it cannot be told at the moment';
      throw new TocsinError('TOC_PEER_UNAVAILABLE', sentence, { submission_id, ...facts }, { cause: thrown });
    }
  }

  /** The row of a submission that this person may read. @throws as {@link read} */
  async row(principal: Principal, id: string): Promise<SubmissionRow> {
    const [row] = await query<SubmissionRow>(
      this.database,
      `SELECT ${SUBMISSION_COLUMNS} FROM intake.submission WHERE id = $1`,
      [id],
    );
    // What is not there belongs to nobody: the answer is the one for another agency's, whoever asks (I17).
    const organisationId = row?.agency_id ?? NOBODY;
    authorise(principal, 'submission:read', { organisationId, submittedBy: row?.person_id });
    if (!row) throw rejection('TOC_ACCESS_NOT_FOUND', 'there is no such object for this key');
    return row;
  }

  /**
   * Submissions of the person's agency, newest first.
   * @param after the last one of the page before
   */
  async list(
    principal: Principal,
    limit: number,
    after?: string,
  ): Promise<{ submissions: SubmissionListed[]; more: boolean }> {
    authorise(principal, 'submission:list');
    const rows = await query<SubmissionRow>(
      this.database,
      `SELECT ${SUBMISSION_COLUMNS} FROM intake.submission
        WHERE agency_id = $1 AND ($2::uuid IS NULL OR
              (received_at, id) < (SELECT received_at, id FROM intake.submission WHERE id = $2 AND agency_id = $1))
        ORDER BY received_at DESC, id DESC LIMIT $3`,
      [principal.organisationId, after ?? null, limit + 1],
    );
    const page = rows.slice(0, limit);
    const stateOf = await this.states(page.map(({ id }) => id));
    const submissions = page.map((row) => ({
      ...receiptOf(row),
      state: stateOf(row.id),
      bytes_state: row.bytes_state,
    }));
    return { submissions, more: rows.length > limit };
  }

  /** What the normaliser does not know yet is accepted; what it cannot tell is left open. */
  private async states(ids: readonly string[]): Promise<(id: string) => string | undefined> {
    if (ids.length === 0) return () => undefined;
    try {
      const known = await this.normaliser.request<{ id: string; state: string }[]>('GET', '/internal/submissions', {
        query: { ids: ids.join(',') },
      });
      const states = new Map(known.map(({ id, state }) => [id, state]));
      return (id) => states.get(id) ?? 'accepted';
    } catch (thrown) {
      if (thrown instanceof TocsinError && thrown.family === 'transient') return () => undefined;
      throw thrown;
    }
  }
}
