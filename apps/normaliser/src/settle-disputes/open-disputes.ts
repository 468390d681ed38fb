import type { EntityManager } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { DISPUTE_REASONS, type DisputeReason } from '#libs/domain';
import type { DirectorySnapshot } from '../read-directory/directory-snapshot.js';
import { deriveAfter, lockSubjects } from './derive-rows.js';

/** A platform says that a row is wrong; or a challenge does that somebody has looked at, which lowers it whatever its reason. */
export interface DisputeGiven {
  feedbackId: string;
  /** Null of a challenge. */
  platformId: string | null;
  receivedAt: Date;
  rowId: string;
  reason: DisputeReason;
}

const HOUR_MS = 3_600_000;
/** How long somebody has to decide. When nobody did, the ceiling stays where the dispute put it. */
const HOURS_TO_DECIDE = { 'of-public-interest': 24, 'of-words': 7 * 24 } as const;

interface Case {
  id: string;
  row_id: string;
  reason: string;
  state: 'open' | 'upheld' | 'dismissed';
  platforms: (string | null)[];
}

/**
 * Opens a case for each row and reason, or adds to the one that there is; what is about no row that is known is left out.
 * Who was heard about a row and a reason before is not heard again about the same: the decision stands.
 * @returns how many were heard, and how many rows were derived anew because of it
 */
export async function openDisputes(
  manager: EntityManager,
  directory: DirectorySnapshot,
  given: readonly DisputeGiven[],
  now: Date,
): Promise<{ heard: number; rows: number }> {
  const known = await lockSubjects(
    manager,
    given.map(({ rowId }) => rowId),
  );
  const before = await heardBefore(manager, given);
  const heard = given.filter(({ rowId, feedbackId }) => known.has(rowId) && !before.has(feedbackId));
  if (heard.length === 0) return { heard: 0, rows: 0 };
  const rowIds = [...new Set(heard.map(({ rowId }) => rowId))];
  const rows = await deriveAfter(manager, directory, rowIds, now, () => assign(manager, heard, rowIds));
  return { heard: heard.length, rows };
}

async function heardBefore(manager: EntityManager, given: readonly DisputeGiven[]): Promise<Set<string>> {
  const rows = await manager.query<{ feedback_id: string }[]>(
    'SELECT feedback_id FROM normaliser.dispute_voice WHERE feedback_id = ANY($1)',
    [given.map(({ feedbackId }) => feedbackId)],
  );
  return new Set(rows.map(({ feedback_id }) => feedback_id));
}

/** Writes the cases that are needed, and who is heard in which. */
async function assign(
  manager: EntityManager,
  heard: readonly DisputeGiven[],
  rowIds: readonly string[],
): Promise<void> {
  const cases = await manager.query<Case[]>(
    `SELECT d.id, d.row_id, d.reason, d.state,
            ARRAY(SELECT v.platform_id::text FROM normaliser.dispute_voice v WHERE v.dispute_id = d.id) AS platforms
       FROM normaliser.dispute d WHERE d.row_id = ANY($1)`,
    [rowIds],
  );
  const opened: (Case & { receivedAt: Date })[] = [];
  const voices: [feedbackId: string, disputeId: string, platformId: string | null][] = [];
  for (const { feedbackId, platformId, receivedAt, rowId, reason } of heard) {
    const alike = cases.filter((one) => one.row_id === rowId && one.reason === reason);
    let place =
      alike.find(({ state }) => state !== 'dismissed') ??
      alike.find(({ platforms }) => platformId !== null && platforms.includes(platformId));
    if (!place) {
      place = { id: uuid(), row_id: rowId, reason, state: 'open', platforms: [] };
      cases.push(place);
      opened.push({ ...place, receivedAt });
    }
    place.platforms.push(platformId);
    voices.push([feedbackId, place.id, platformId]);
  }
  await insertCases(manager, opened);
  await manager.query(
    `INSERT INTO normaliser.dispute_voice (feedback_id, dispute_id, platform_id)
     SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[])`,
    [0, 1, 2].map((column) => voices.map((voice) => voice[column])),
  );
  const looked = voices.filter(([, , platformId]) => platformId === null).map(([, disputeId]) => disputeId);
  if (looked.length > 0)
    await manager.query(
      `UPDATE normaliser.dispute SET of_public_interest = true,
         due_at = CASE WHEN state = 'open' THEN least(due_at, now() + interval '${HOURS_TO_DECIDE['of-public-interest']} hours') ELSE due_at END
        WHERE id = ANY($1)`,
      [looked],
    );
}

async function insertCases(manager: EntityManager, opened: readonly (Case & { receivedAt: Date })[]): Promise<void> {
  if (opened.length === 0) return;
  const rows = opened.map(({ receivedAt, platforms, ...one }) => {
    const about = platforms.includes(null) ? 'of-public-interest' : DISPUTE_REASONS[one.reason as DisputeReason];
    const due = new Date(receivedAt.getTime() + HOURS_TO_DECIDE[about] * HOUR_MS);
    return { ...one, public: about === 'of-public-interest', opened_at: receivedAt, due_at: due };
  });
  await manager.query(
    `INSERT INTO normaliser.dispute (id, row_id, reason, of_public_interest, opened_at, due_at, owners)
     SELECT d.id, d.row_id, d.reason, d.public, d.opened_at, d.due_at,
            ARRAY(SELECT DISTINCT v.agency_id FROM normaliser.assertion a JOIN normaliser.advisory v ON v.id = a.advisory_id
                   WHERE a.row_id = d.row_id)
       FROM jsonb_to_recordset($1)
         AS d(id uuid, row_id uuid, reason text, public boolean, opened_at timestamptz, due_at timestamptz)`,
    [JSON.stringify(rows)],
  );
}
