import { IsNull, Not, type EntityManager } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { Admission, Organisation, Subscription } from '#libs/persistence';
import type { OrganisationRow } from '../plain.js';

/** Standings of a platform: signals for automated matching alone, or everything that its channels carry. */
export const STANDINGS = ['match-only', 'full'] as const satisfies readonly OrganisationRow['standing'][];

type Subject = Record<string, string>;

async function locked(manager: EntityManager, id: string | undefined): Promise<OrganisationRow> {
  const organisation = await manager.findOne(Organisation, { where: { id }, lock: { mode: 'pessimistic_write' } });
  if (!organisation) throw rejection('TOC_REQUEST_CONFLICT', 'There is no such organisation.');
  return organisation;
}

/** Whether two operators may give a platform this standing. @throws rejections `TOC_REQUEST_CONFLICT` */
export async function requireStandingChange(
  manager: EntityManager,
  { organisation: id, standing }: Subject,
): Promise<OrganisationRow> {
  const platform = await locked(manager, id);
  if (platform.kind !== 'platform' || platform.state === 'left')
    throw rejection('TOC_REQUEST_CONFLICT', 'There is no such platform.');
  if (platform.standing === standing)
    throw rejection('TOC_REQUEST_CONFLICT', `The platform’s standing is ${standing}.`);
  const decided = { organisationId: platform.id, basis: 'decided', replacedAt: IsNull() } as const;
  if (standing === 'full' && !(await manager.existsBy(Admission, decided)))
    throw rejection('TOC_REQUEST_CONFLICT', 'Two operators admit the platform first.');
  return platform;
}

/** Gives a platform another standing, as two operators decided. @returns facts for the audit row */
export async function changeStanding(
  manager: EntityManager,
  principal: Principal,
  subject: Subject,
  proposedBy: string,
): Promise<Record<string, unknown>> {
  authorise(principal, 'organisation:admit', { proposedBy });
  const { id, standing: from } = await requireStandingChange(manager, subject);
  const standing = STANDINGS.find((one) => one === subject.standing) ?? 'match-only';
  await manager.update(Organisation, { id }, { standing });
  return { from, to: standing, subscriptions: await deliverAnew(manager, id) };
}

/** Whether there is something to reinstate. @throws a rejection `TOC_REQUEST_CONFLICT` */
export async function requireSuspended(manager: EntityManager, { organisation }: Subject): Promise<OrganisationRow> {
  const suspended = await locked(manager, organisation);
  if (suspended.state !== 'suspended') throw rejection('TOC_REQUEST_CONFLICT', 'The organisation is not suspended.');
  return suspended;
}

/** Lets a suspended organisation take part again, as two operators decided. @returns facts for the audit row */
export async function reinstate(
  manager: EntityManager,
  principal: Principal,
  subject: Subject,
  proposedBy: string,
): Promise<Record<string, unknown>> {
  authorise(principal, 'organisation:admit', { proposedBy });
  const { id, state } = await requireSuspended(manager, subject);
  await manager.update(Organisation, { id }, { state: 'active' });
  return { from: state, to: 'active' };
}

/**
 * What a platform may be told has changed: each of its subscriptions begins a new revision, by which rows that pass now are
 * delivered, and the end of those that do not pass any more.
 * @returns of how many subscriptions
 */
export async function deliverAnew(manager: EntityManager, platformId: string): Promise<number> {
  const changed = await manager.update(
    Subscription,
    { platformId, state: Not('left') },
    { revision: () => 'revision + 1', changedAt: new Date() },
  );
  return changed.affected ?? 0;
}
