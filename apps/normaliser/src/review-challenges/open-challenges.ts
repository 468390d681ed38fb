import type { EntityManager } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { CHALLENGE_REASONS, CHALLENGE_ROLES, isSignalType, rejection, type Challenge, type RowIds } from '#libs/domain';

/** A challenge on its way from the public desk. */
export interface ChallengeGiven extends Challenge {
  receivedAt: Date;
}

const HOUR_MS = 3_600_000;
const HOURS_TO_LOOK = 24;
/** Who has had an answer about a row and a reason is not heard again about the same so soon. */
const DAYS_AFTER_DISMISSAL = 30;
const MOST_AT_ONCE = 100;

/** @throws a rejection `TOC_REQUEST_MALFORMED`: it comes from a service of ours */
export function readChallenges(body: unknown): ChallengeGiven[] {
  const list: unknown = typeof body === 'object' && body !== null && 'challenges' in body ? body.challenges : undefined;
  if (!Array.isArray(list) || list.length > MOST_AT_ONCE) throw malformed();
  return (list as Record<string, unknown>[]).map(({ received_at, said }) => {
    const { signals, role, reason, sentence } = (said ?? {}) as Partial<Challenge>;
    const time = new Date(String(received_at));
    if (Number.isNaN(time.getTime()) || !Array.isArray(signals)) throw malformed();
    if (!role || !reason || !CHALLENGE_ROLES.includes(role) || !CHALLENGE_REASONS.includes(reason)) throw malformed();
    if (!signals.every(({ type, value }) => isSignalType(type) && typeof value === 'string')) throw malformed();
    return { receivedAt: time, signals, role, reason, ...(sentence === undefined ? {} : { sentence }) };
  });
}

function malformed(): Error {
  return rejection('TOC_REQUEST_MALFORMED', 'the challenges cannot be read');
}

/**
 * Opens a case for each challenge of what is listed on any channel; of the others nothing is kept. One is open for each
 * row and reason, whoever challenges; a row that a dispute has lowered already needs none.
 * @returns how many were opened
 */
export async function openChallenges(
  manager: EntityManager,
  rowIds: RowIds,
  given: readonly ChallengeGiven[],
): Promise<number> {
  const cases = given.flatMap(({ signals, ...challenge }) =>
    signals.map(({ type, value }) => ({
      ...{ id: uuid(), row_id: rowIds.ofSignal(type, value), role: challenge.role, reason: challenge.reason },
      ...{ said: challenge.sentence ?? null, opened_at: challenge.receivedAt },
      due_at: new Date(challenge.receivedAt.getTime() + HOURS_TO_LOOK * HOUR_MS),
    })),
  );
  const [opened] = await manager.query<{ challenges: number }[]>(
    `WITH listed AS (
       SELECT c.*,
              ARRAY(SELECT DISTINCT v.agency_id FROM normaliser.assertion a
                      JOIN normaliser.advisory v ON v.id = a.advisory_id WHERE a.row_id = c.row_id) AS owners
         FROM jsonb_to_recordset($1) AS c(id uuid, row_id uuid, role text, reason text, said text,
                                          opened_at timestamptz, due_at timestamptz)
        WHERE EXISTS (SELECT FROM normaliser.assertion a WHERE a.row_id = c.row_id)
          AND NOT EXISTS (SELECT FROM normaliser.dispute d
                           WHERE d.row_id = c.row_id AND d.state <> 'dismissed' AND d.of_public_interest)
          AND NOT EXISTS (SELECT FROM normaliser.challenge k WHERE k.row_id = c.row_id AND k.state = 'dismissed'
                             AND k.reason = c.reason AND k.decided_at > now() - interval '${DAYS_AFTER_DISMISSAL} days')
     ), inserted AS (
       INSERT INTO normaliser.challenge (id, row_id, reason, role, said, owners, opened_at, due_at)
       SELECT id, row_id, reason, role, said, owners, opened_at, due_at FROM listed
       ON CONFLICT DO NOTHING RETURNING id
     ) SELECT count(*)::integer AS challenges FROM inserted`,
    [JSON.stringify(cases)],
  );
  return opened?.challenges ?? 0;
}
