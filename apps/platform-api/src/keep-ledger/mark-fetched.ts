import type { EntityManager } from 'typeorm';

/** How far a reader has come, by the walks in which it reads; what is absent says nothing of that walk. */
export interface ReadUpTo {
  subscriptionId: string;
  channelId: string;
  /** Of content and the end of a membership. */
  revision?: number;
  content?: bigint;
  withdrawals?: bigint;
  waitingAfter?: bigint;
  ended?: true;
  /** Of a collection, which has content and withdrawals in order of position. */
  collection?: bigint;
}

/**
 * Whoever comes back with a place has read what was given before it: that is noted as fetched.
 * @returns how many disclosures that concerns
 */
export async function markFetched(manager: EntityManager, read: ReadUpTo): Promise<number> {
  const { subscriptionId, channelId, revision, withdrawals, content, waitingAfter, ended, collection } = read;
  const [row] = await manager.query<{ fetched: number }[]>(
    `WITH fetched AS (
       UPDATE platform_api.disclosure SET fetched_at = now()
        WHERE subscription_id = $1 AND channel_id = $2 AND fetched_at IS NULL
          AND CASE walk WHEN 1 THEN until_position <= $4
                WHEN 0 THEN revision = $3 AND until_position <= $5
                WHEN 2 THEN revision = $3 AND $7
                WHEN 3 THEN revision = $3 AND until_position <= least($6, $5)
                WHEN 4 THEN until_position <= $8
                ELSE false END
       RETURNING 1)
     SELECT count(*)::integer AS fetched FROM fetched`,
    [
      ...[subscriptionId, channelId, revision ?? null],
      ...[withdrawals, content, waitingAfter].map((position) => position?.toString() ?? null),
      ended ?? false,
      collection?.toString() ?? null,
    ],
  );
  return row?.fetched ?? 0;
}
