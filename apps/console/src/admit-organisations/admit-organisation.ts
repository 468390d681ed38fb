import { IsNull, type EntityManager } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { Admission, Organisation, type AdmissionSaid } from '#libs/persistence';
import type { OrganisationRow, ProposalRow } from '../plain.js';
import { deliverAnew } from './standing.js';

/**
 * Puts an admission in force, as two operators decided: from now on it says what the platform may be told.
 * @returns facts for the audit row
 */
export async function admitOrganisation(
  manager: EntityManager,
  principal: Principal,
  { id, subject, proposedBy }: Pick<ProposalRow, 'id' | 'subject' | 'proposedBy'>,
  said: AdmissionSaid,
): Promise<Record<string, unknown>> {
  authorise(principal, 'organisation:admit', { proposedBy });
  const organisation = await presentOrganisation(manager, subject.organisation);
  const organisationId = organisation.id;
  await manager.update(Admission, { organisationId, replacedAt: IsNull() }, { replacedAt: new Date() });
  await manager.insert(Admission, {
    ...{ id, organisationId, basis: 'decided', said, reviewOn: said.review_on },
    ...{ proposedBy, confirmedBy: principal.personId, admittedAt: new Date(), replacedAt: null },
  });
  if (!said.platform) return { review_on: said.review_on };
  const receivesCsea = said.platform.csea_authority !== undefined;
  await manager.update(Organisation, { id: organisationId }, { receivesCsea, noticesTo: said.platform.notices_to });
  const changed = receivesCsea === organisation.receivesCsea ? 0 : await deliverAnew(manager, organisationId);
  return { review_on: said.review_on, receives_csea: receivesCsea, subscriptions: changed };
}

/** Locks an organisation that is there. @throws rejections `TOC_ACCESS_NOT_FOUND`, `TOC_REQUEST_CONFLICT` */
export async function presentOrganisation(manager: EntityManager, id: string | undefined): Promise<OrganisationRow> {
  const organisation = await manager.findOne(Organisation, { where: { id }, lock: { mode: 'pessimistic_write' } });
  if (!organisation) throw rejection('TOC_ACCESS_NOT_FOUND', 'There is no such organisation.');
  if (organisation.state === 'left') throw rejection('TOC_REQUEST_CONFLICT', 'The organisation has left.');
  return organisation;
}
