import type { EntityManager } from 'typeorm';
import type { DeliveryTarget } from '../disclose-and-send/delivery-target.js';

/** A walk over positions that were walked before. */
export interface Recovery {
  /** What is beyond it is still to be walked, up to and with `until`. */
  position: bigint;
  until: bigint;
}

type Of = Pick<DeliveryTarget, 'subscriptionId' | 'channelId'>;

/** Moves a recovery forward; it ends where there is nothing more. */
export async function moveRecovery(
  manager: EntityManager,
  { subscriptionId, channelId }: Of,
  walk: 0 | 1,
  position: bigint,
): Promise<void> {
  await manager.query(
    `WITH moved AS (
       UPDATE delivery.recovery SET position = $4
       WHERE subscription_id = $1 AND channel_id = $2 AND walk = $3 AND position < $4 AND until_position > $4
     )
     DELETE FROM delivery.recovery
     WHERE subscription_id = $1 AND channel_id = $2 AND walk = $3 AND until_position <= $4`,
    [subscriptionId, channelId, walk, position.toString()],
  );
}

/** Ends a recovery of which nothing is left. */
export async function endRecovery(manager: EntityManager, of: Of, walk: 0 | 1): Promise<void> {
  await manager.query(`DELETE FROM delivery.recovery WHERE subscription_id = $1 AND channel_id = $2 AND walk = $3`, [
    of.subscriptionId,
    of.channelId,
    walk,
  ]);
}
