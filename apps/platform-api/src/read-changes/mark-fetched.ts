import type { EntityManager } from 'typeorm';
import type { ChangePosition } from './change-cursor.js';

/**
 * Whoever comes with a cursor has read what was given before it: that is noted as fetched.
 * @returns how many disclosures that concerns
 */
export async function markFetched(
  manager: EntityManager,
  from: Pick<ChangePosition, 'subscriptionId' | 'channelId'> & Partial<ChangePosition>,
): Promise<number> {
  const { subscriptionId, channelId, revision = 0, withdrawals, content, waitingAfter, ended } = from;
  if (withdrawals === undefined) return 0;
  const [row] = await manager.query<{ fetched: number }[]>(
    `WITH fetched AS (
       UPDATE platform_api.disclosure SET fetched_at = now()
        WHERE subscription_id = $1 AND channel_id = $2 AND fetched_at IS NULL
          AND CASE walk WHEN 1 THEN until_position <= $4
                WHEN 0 THEN revision = $3 AND until_position <= $5
                WHEN 2 THEN revision = $3 AND $7
                WHEN 3 THEN revision = $3 AND until_position <= least($6, $5)
                ELSE false END
       RETURNING 1)
     SELECT count(*)::integer AS fetched FROM fetched`,
    [
      ...[subscriptionId, channelId, revision, withdrawals.toString(), content?.toString() ?? null],
      waitingAfter?.toString() ?? null,
      ended ?? false,
    ],
  );
  return row?.fetched ?? 0;
}
