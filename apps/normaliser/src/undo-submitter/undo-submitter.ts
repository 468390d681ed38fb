import type { DataSource } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { changeState, query } from '#libs/persistence';
import { jobsSelected, type UndoSelection } from './undo-selection.js';

/** What would be undone, or still is to be: it is nothing once all is done. */
export interface UndoPreview {
  submissions: number;
  /** Of those, how many still work or wait for a person. */
  unsettled: number;
  advisories: number;
  /** Assertions that they made and that stand. */
  assertions: number;
  /** Rows on which these stand, by channel. */
  channels: { channel: string; rows: number }[];
}

/** What is told of a submission that was undone. */
const UNDONE = 'TOC_SUBMISSION_UNDONE';
const DETAIL = 'two operators undid what its submitter said';

/** Assertions of the newest reading that the selected submissions made. */
const STANDING = `
  normaliser.job j
  JOIN normaliser.advisory_reading r ON r.submission_id = j.submission_id
  JOIN normaliser.assertion a ON a.advisory_id = r.advisory_id AND a.revision = r.revision`;

export async function previewUndo(
  database: DataSource,
  principal: Principal,
  selection: UndoSelection,
): Promise<UndoPreview> {
  authorise(principal, 'undo:preview');
  const { condition, parameters } = jobsSelected(selection, 1);
  const [counted] = await query<{ submissions: number; unsettled: number }>(
    database,
    `SELECT count(*)::integer AS submissions, count(*) FILTER (WHERE j.state IN ('accepted', 'working', 'held'))::integer AS unsettled
       FROM normaliser.job j WHERE ${condition} AND j.problem->>'code' IS DISTINCT FROM '${UNDONE}'`,
    parameters,
  );
  const [said] = await query<{ advisories: number; assertions: number }>(
    database,
    `SELECT count(DISTINCT a.advisory_id)::integer AS advisories, count(*)::integer AS assertions FROM ${STANDING} WHERE ${condition}`,
    parameters,
  );
  const channels = await query<{ channel: string; rows: number }>(
    database,
    `SELECT c.channel, count(DISTINCT a.row_id)::integer AS rows
       FROM ${STANDING} JOIN normaliser.statement s ON s.id = a.statement_id, unnest(s.channels) AS c(channel)
      WHERE ${condition} GROUP BY c.channel ORDER BY c.channel COLLATE "C"`,
    parameters,
  );
  const { submissions = 0, unsettled = 0 } = counted ?? {};
  return { submissions, unsettled, advisories: said?.advisories ?? 0, assertions: said?.assertions ?? 0, channels };
}

/**
 * Has everything undone that the selected submissions said, which two operators decided. From this moment on none of them
 * publishes anything: what works stops, what waits for a person ends; then each takes back what it said, chunk by chunk, as
 * work of its own. Asking again under the same proposal changes nothing.
 * @returns how many submissions are undone by it
 */
export async function orderUndo(
  database: DataSource,
  principal: Principal,
  selection: UndoSelection,
  { proposalId, reason }: { proposalId: string; reason: string },
): Promise<{ submissions: number }> {
  authorise(principal, 'proposal:confirm');
  const { condition, parameters } = jobsSelected(selection, 3);
  return changeState(database, 'normaliser', async (manager) => {
    const problem = { code: UNDONE, detail: DETAIL, facts: { proposal: proposalId } };
    const checkpoint = { at: 'take-back', because: 'compromised-submitter' };
    // The count of chunks is what a worker compares before it commits: one that is under way gives up.
    const ordered = await manager.query<{ submission_id: string }[]>(
      `WITH ordered AS (
         UPDATE normaliser.job j
            SET state = 'working', checkpoint = $1, problem = $2, chunks = chunks + 1, bytes_left = 0, attempts = 0,
                next_try_at = now(), settled_at = NULL
          WHERE ${condition} AND j.state <> 'refused' AND j.problem->>'code' IS DISTINCT FROM '${UNDONE}'
         RETURNING submission_id)
       SELECT submission_id FROM ordered`,
      [JSON.stringify(checkpoint), JSON.stringify(problem), ...parameters],
    );
    await manager.query(
      `UPDATE normaliser.hold SET state = 'refused', decided_by = $2, decided_at = now(), decision_reason = $3, candidate = NULL
        WHERE submission_id = ANY($1) AND state = 'open'`,
      [ordered.map(({ submission_id }) => submission_id), principal.personId, reason],
    );
    const undone = jobsSelected(selection, 2);
    const [row] = await manager.query<{ submissions: number }[]>(
      `SELECT count(*)::integer AS submissions FROM normaliser.job j
        WHERE ${undone.condition} AND j.problem #>> '{facts,proposal}' = $1`,
      [proposalId, ...undone.parameters],
    );
    const audit = {
      actor: principal.personId,
      action: 'undo-submitter',
      subject: `organisation/${selection.agency}`,
      reason,
      detail: { ...selection, proposal: proposalId, submissions: ordered.length },
    };
    return { result: { submissions: row?.submissions ?? 0 }, audit: ordered.length > 0 ? audit : undefined };
  });
}
