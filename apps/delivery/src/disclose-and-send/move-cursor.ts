import type { EntityManager } from 'typeorm';
import type { Waiting } from '#libs/feed';

/** Lets rows wait until a stop is lifted; a newer version takes the place of an older one. */
export async function parkWaiting(
  manager: EntityManager,
  subscriptionId: string,
  channelId: string,
  waiting: readonly Waiting[],
): Promise<void> {
  if (waiting.length === 0) return;
  await manager.query(
    `INSERT INTO delivery.parked (subscription_id, channel_id, row_id, position, walk, because, detail)
     SELECT $1, $2, w.row_id, w.position, 0, 'stopped', 'Publishing is stopped for every agency that says so.'
     FROM unnest($3::uuid[], $4::bigint[]) AS w (row_id, position)
     ON CONFLICT (row_id, subscription_id, channel_id, walk) DO UPDATE SET position = excluded.position,
       because = excluded.because, detail = excluded.detail, attempts = 0, next_try_at = NULL`,
    [subscriptionId, channelId, waiting.map(({ rowId }) => rowId), waiting.map(({ position }) => position.toString())],
  );
}

/** Moves a cursor forward, never back. */
export async function moveCursor(
  manager: EntityManager,
  at: { subscriptionId: string; channelId: string; revision: number; walk: 0 | 1 | 2; position: bigint },
): Promise<void> {
  await manager.query(
    `INSERT INTO delivery.cursor (subscription_id, channel_id, revision, walk, position) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (subscription_id, channel_id, revision, walk)
     DO UPDATE SET position = greatest(cursor.position, excluded.position)`,
    [at.subscriptionId, at.channelId, at.revision, at.walk, at.position.toString()],
  );
}
