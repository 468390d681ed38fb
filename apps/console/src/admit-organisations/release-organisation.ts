import type { EntityManager } from 'typeorm';
import { rejection } from '#libs/domain';
import { Organisation } from '#libs/persistence';
import type { OrganisationRow } from '../plain.js';
import { endKeys, endSubscriptions, revokeKafkaUser } from './end-of-membership.js';
import { LEAVE_POLICIES, type LeavePolicy } from './organisation.dto.js';

/**
 * Whether an organisation can be let go, and what its platform is asked to do then.
 * @returns the policy of a platform; undefined for others
 * @throws rejections `TOC_ACCESS_FORBIDDEN` for the operators themselves, `TOC_REQUEST_CONFLICT` when it has left,
 * `TOC_REQUEST_PARAMETER` when a platform has no policy or another has one
 */
export function releasableAs(
  { kind, state }: Pick<OrganisationRow, 'kind' | 'state'>,
  policy: string | undefined,
): LeavePolicy | undefined {
  if (kind === 'operator') {
    throw rejection('TOC_ACCESS_FORBIDDEN', 'The organisation of the operators is kept on the host, not here.');
  }
  if (state === 'left') throw rejection('TOC_REQUEST_CONFLICT', 'The organisation has left.');
  const known = LEAVE_POLICIES.find((one) => one === policy);
  if ((known !== undefined) !== (kind === 'platform')) {
    throw rejection('TOC_REQUEST_PARAMETER', 'A platform that leaves, and only that, says its leave_policy.');
  }
  return known;
}

/**
 * Lets an organisation go for good: all keys of its people end, and of a platform the Kafka user and all subscriptions.
 * @returns facts for the audit row
 */
export async function releaseOrganisation(
  manager: EntityManager,
  id: string,
  policy: string | undefined,
): Promise<Record<string, unknown>> {
  const before = await manager.findOne(Organisation, { where: { id }, lock: { mode: 'pessimistic_write' } });
  if (!before) throw rejection('TOC_REQUEST_CONFLICT', 'There is no such organisation.');
  const leavePolicy = releasableAs(before, policy);
  await manager.update(Organisation, { id }, { state: 'left' });
  return {
    from: before.state,
    to: 'left',
    keys_ended: await endKeys(manager, { organisationId: id }),
    ...(leavePolicy && {
      kafka_users_revoked: await revokeKafkaUser(manager, id),
      leave_policy: leavePolicy,
      subscriptions_ended: await endSubscriptions(manager, id, leavePolicy),
    }),
  };
}
