import type { EntityManager } from 'typeorm';
import { rejection, transient } from '#libs/domain';
import { FEED_NOTIFICATION } from '#libs/feed';

/** So often one subscription may be asked for something once more, within how long. */
const BOUNDS = {
  resend: { most: 60, within: '1 hour' },
  recover: { most: 12, within: '1 day' },
} as const;

/**
 * Counts one more request of a kind, and keeps others about the same subscription out until the transaction ends.
 * @throws a transient `TOC_REQUEST_TOO_MANY` beyond the bound
 */
export async function countAsking(
  manager: EntityManager,
  subscriptionId: string,
  what: keyof typeof BOUNDS,
): Promise<void> {
  const { most, within } = BOUNDS[what];
  await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('tocsin-asked-again/' || $1::uuid, 0))`, [
    subscriptionId,
  ]);
  await manager.query(`DELETE FROM delivery.asked_again WHERE subscription_id = $1 AND at < now() - interval '1 day'`, [
    subscriptionId,
  ]);
  const [asked] = await manager.query<{ times: number }[]>(
    `SELECT count(*)::integer AS times FROM delivery.asked_again
     WHERE subscription_id = $1 AND what = $2 AND at > now() - $3::interval`,
    [subscriptionId, what, within],
  );
  if ((asked?.times ?? 0) >= most)
    throw transient('TOC_REQUEST_TOO_MANY', `A subscription may ask for that ${most} times in ${within}.`);
  await manager.query(`INSERT INTO delivery.asked_again (subscription_id, what) VALUES ($1, $2)`, [
    subscriptionId,
    what,
  ]);
}

/** Has whoever delivers the channel look at it, with the commit. */
export async function wakeDrivers(manager: EntityManager, channelIds: readonly string[]): Promise<void> {
  await manager.query(`SELECT pg_notify('${FEED_NOTIFICATION}', id) FROM unnest($1::text[]) AS id`, [channelIds]);
}

/** A channel of which the subscription was never told anything is told apart from none by nothing. */
export function noSuchChannel(): Error {
  return rejection('TOC_ACCESS_NOT_FOUND', 'There is no such channel of this subscription.');
}
