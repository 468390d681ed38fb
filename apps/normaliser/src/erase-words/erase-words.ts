import type { DataSource, EntityManager } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { changeState } from '#libs/persistence';

/**
 * Erases what a submission said in words or values here, and ends its holds: its bytes are destroyed. What its
 * advisories still say live stays, until it is taken back; of what they say no more the marking alone is kept.
 * @returns how many rows of what was published were erased
 */
export async function eraseWords(manager: EntityManager, submissionId: string): Promise<number> {
  await manager.query('UPDATE normaliser.job SET completion = NULL WHERE submission_id = $1', [submissionId]);
  await manager.query(
    `UPDATE normaliser.hold SET candidate = NULL, state = CASE WHEN state = 'open' THEN 'completed' ELSE state END
      WHERE submission_id = $1`,
    [submissionId],
  );
  return eraseUnsaid(manager, submissionId);
}

/**
 * Erases bulletins, statements and signals of a submission's advisories that no live assertion says any more.
 * @returns how many rows were erased
 */
export async function eraseUnsaid(manager: EntityManager, submissionId: string): Promise<number> {
  const bulletins = await changedRows(
    manager,
    `DELETE FROM normaliser.bulletin b
      WHERE b.advisory_id IN (SELECT advisory_id FROM normaliser.advisory_reading WHERE submission_id = $1)
        AND NOT EXISTS (SELECT FROM normaliser.assertion a WHERE a.row_id = b.row_id)`,
    [submissionId],
  );
  // Another digest, so that the same words are stored anew when somebody says them again.
  const statements = await changedRows(
    manager,
    `UPDATE normaliser.statement s
        SET body = jsonb_build_object('statement', jsonb_build_object('marking', s.body->'statement'->'marking')),
            digest = uuid_send(gen_random_uuid())
      WHERE s.advisory_id IN (SELECT advisory_id FROM normaliser.advisory_reading WHERE submission_id = $1)
        AND s.body <> jsonb_build_object('statement', jsonb_build_object('marking', s.body->'statement'->'marking'))
        AND NOT EXISTS (SELECT FROM normaliser.assertion a WHERE a.advisory_id = s.advisory_id AND a.statement_id = s.id)`,
    [submissionId],
  );
  return bulletins + statements + (await eraseSignals(manager, submissionId));
}

/** Runs an UPDATE or DELETE. @returns how many rows it changed */
async function changedRows(manager: EntityManager, sql: string, parameters: unknown[]): Promise<number> {
  const [counted] = await manager.query<{ rows: number }[]>(
    `WITH changed AS (${sql} RETURNING 1) SELECT count(*)::integer AS rows FROM changed`,
    parameters,
  );
  return counted?.rows ?? 0;
}

const SAID_BEFORE = `SELECT p.row_id FROM normaliser.past_marking p JOIN normaliser.statement s ON s.id = p.statement_id
  WHERE s.advisory_id IN (SELECT advisory_id FROM normaliser.advisory_reading WHERE submission_id = $1)`;

/** Locked before it is looked whether anybody asserts them, so that who asserts them now finds the value or brings it. */
async function eraseSignals(manager: EntityManager, submissionId: string): Promise<number> {
  await manager.query(
    `SELECT count(*) FROM (SELECT FROM normaliser.signal WHERE id IN (${SAID_BEFORE}) ORDER BY id FOR UPDATE) AS locked`,
    [submissionId],
  );
  return changedRows(
    manager,
    `UPDATE normaliser.signal g SET value = NULL
      WHERE g.value IS NOT NULL AND g.id IN (${SAID_BEFORE}) AND NOT EXISTS (SELECT FROM normaliser.assertion a WHERE a.row_id = g.id)`,
    [submissionId],
  );
}

/**
 * Two operators had the bytes of a submission destroyed: nothing more is read of it, so what waits or works ends.
 * What is being taken back goes on, since it needs no bytes.
 */
export async function purgeWords(database: DataSource, principal: Principal, submissionId: string): Promise<void> {
  authorise(principal, 'proposal:confirm');
  await changeState(database, 'normaliser', async (manager) => {
    // Asked again because the answer was lost, or because something was taken back since.
    const before = await manager.query<object[]>(
      `SELECT 1 FROM normaliser.audit WHERE subject = $1 AND action = 'purge-submission'`,
      [`submission/${submissionId}`],
    );
    await manager.query(
      `UPDATE normaliser.job SET state = 'refused', checkpoint = NULL, settled_at = now(), bytes_left = 0,
              problem = '{"code": "TOC_SUBMISSION_PURGED", "detail": "the bytes of this submission were destroyed"}'
        WHERE submission_id = $1 AND state IN ('accepted', 'working', 'held', 'failed')
          AND coalesce(checkpoint->>'at', '') NOT IN ('take-back', 'sweep')`,
      [submissionId],
    );
    const erased = await eraseWords(manager, submissionId);
    if (before.length > 0 && erased === 0) return { result: undefined, audit: undefined };
    const audit = { actor: principal.personId, action: 'purge-submission', subject: `submission/${submissionId}` };
    return { result: undefined, audit };
  });
}
