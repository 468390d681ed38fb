import type { EntityManager } from 'typeorm';

/** A walk over positions that were walked before. */
export interface Recovery {
  /** What is beyond it is still to be walked, up to and with `until`. */
  position: bigint;
  until: bigint;
}

interface Of {
  subscriptionId: string;
  channelId: string;
}

/** From where a recovery is walked on, and under which revision of the subscription. */
export interface RecoveredFrom {
  position: bigint;
  revision: number;
}

/**
 * Moves a recovery forward; it ends where there is nothing more. One that was asked for anew meanwhile, from earlier on or under
 * another revision, stays as it was asked for.
 */
export async function moveRecovery(
  manager: EntityManager,
  { subscriptionId, channelId }: Of,
  walk: 0 | 1,
  from: RecoveredFrom,
  position: bigint,
): Promise<void> {
  await manager.query(
    `WITH moved AS (
       UPDATE delivery.recovery SET position = $4
       WHERE subscription_id = $1 AND channel_id = $2 AND walk = $3 AND position = $5 AND (walk = 1 OR revision = $6)
         AND until_position > $4
     )
     DELETE FROM delivery.recovery
     WHERE subscription_id = $1 AND channel_id = $2 AND walk = $3 AND position = $5 AND (walk = 1 OR revision = $6)
       AND until_position <= $4`,
    [subscriptionId, channelId, walk, position.toString(), from.position.toString(), from.revision],
  );
}

/** Ends a recovery of which nothing is left, unless it was asked for anew. */
export async function endRecovery(
  manager: EntityManager,
  { subscriptionId, channelId }: Of,
  walk: 0 | 1,
  from: RecoveredFrom,
): Promise<void> {
  await manager.query(
    `DELETE FROM delivery.recovery
     WHERE subscription_id = $1 AND channel_id = $2 AND walk = $3 AND position = $4 AND (walk = 1 OR revision = $5)`,
    [subscriptionId, channelId, walk, from.position.toString(), from.revision],
  );
}
