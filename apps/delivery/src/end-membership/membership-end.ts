import type { EntityManager } from 'typeorm';
import type { OutgoingRecord } from '#libs/connectors';
import { membershipEnded } from '#libs/feed';
import { membershipIsOver, type Standing } from '../choose-records/standing.js';

/**
 * The message that ends a membership, if it is over, was not said yet under this revision, and something of the
 * channel was ever disclosed. It is no re-walk: the platform keeps or deletes what it has, as its policy says, and only
 * withdrawals of what was disclosed follow.
 * @param notBefore when it may be said again after a refusal
 */
export async function membershipEnd(
  manager: EntityManager,
  channelId: string,
  standing: Standing,
  notBefore?: Date,
): Promise<OutgoingRecord | undefined> {
  if (!membershipIsOver(standing) || standing.cursors.ended !== undefined) return undefined;
  if (notBefore && notBefore > new Date()) return undefined;
  const { id: subscriptionId, revision, leavePolicy: policy } = standing.subscription;
  const [disclosed] = await manager.query<object[]>(
    `SELECT FROM delivery.disclosed WHERE subscription_id = $1 AND channel_id = $2 AND live LIMIT 1`,
    [subscriptionId, channelId],
  );
  return disclosed && membershipEnded(channelId, { subscriptionId, revision, policy });
}
