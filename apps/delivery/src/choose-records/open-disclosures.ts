import type { EntityManager } from 'typeorm';
import type { DeliveryTarget } from '../disclose-and-send/delivery-target.js';

/**
 * Where the last batch of each walk ended if nothing is known of its outcome: it was disclosed by a process that did
 * not live to write the receipt.
 */
export async function openDisclosures(
  manager: EntityManager,
  { subscriptionId, channelId }: DeliveryTarget,
  revision: number,
): Promise<Map<0 | 1, bigint>> {
  const open = await manager.query<{ walk: 0 | 1; until_position: string }[]>(
    `SELECT w.walk, d.until_position FROM (VALUES (0), (1)) AS w (walk)
     CROSS JOIN LATERAL (
       SELECT id, until_position FROM delivery.disclosure
       WHERE subscription_id = $1 AND channel_id = $2 AND revision = $3 AND walk = w.walk ORDER BY at DESC LIMIT 1
     ) d
     WHERE NOT EXISTS (SELECT FROM delivery.receipt r WHERE r.disclosure_id = d.id)`,
    [subscriptionId, channelId, revision],
  );
  return new Map(open.map(({ walk, until_position }) => [walk, BigInt(until_position)]));
}
