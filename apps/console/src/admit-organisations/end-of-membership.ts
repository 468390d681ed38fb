import { In, IsNull, Not, type EntityManager } from 'typeorm';
import { ApiKey, KafkaUser, Person, Subscription } from '#libs/persistence';
import type { SubscriptionRow } from '../plain.js';

/**
 * Revokes every key of an organisation's people, or of one person, from this moment on.
 * @returns how many keys ended
 */
export async function endKeys(
  manager: EntityManager,
  of: { organisationId: string } | { personId: string },
): Promise<number> {
  const people =
    'personId' in of
      ? [of.personId]
      : (await manager.findBy(Person, { organisationId: of.organisationId })).map(({ id }) => id);
  if (people.length === 0) return 0;
  const ended = await manager.update(ApiKey, { personId: In(people), revokedAt: IsNull() }, { revokedAt: new Date() });
  return ended.affected ?? 0;
}

/**
 * Says that a platform's Kafka user must no longer be there; whoever provisions Kafka makes it so.
 * @returns how many were granted until now, 0 or 1
 */
export async function revokeKafkaUser(manager: EntityManager, platformId: string): Promise<number> {
  const revoked = await manager.update(
    KafkaUser,
    { platformId, state: 'granted' },
    { state: 'revoked', changedAt: new Date() },
  );
  return revoked.affected ?? 0;
}

/**
 * Ends all subscriptions of a platform, each under a new revision.
 * @returns how many ended
 */
export async function endSubscriptions(
  manager: EntityManager,
  platformId: string,
  leavePolicy: NonNullable<SubscriptionRow['leavePolicy']>,
): Promise<number> {
  const ended = await manager.update(
    Subscription,
    { platformId, state: Not('left') },
    { revision: () => 'revision + 1', state: 'left', leavePolicy, changedAt: new Date() },
  );
  return ended.affected ?? 0;
}
