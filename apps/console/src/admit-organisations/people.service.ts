import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { authorise, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { changeState, Organisation, Person, type Role } from '#libs/persistence';
import { unlessTaken } from '../directory-conflicts.js';
import { endKeys } from './end-of-membership.js';
import { ROLES_OF_KIND, type PersonChanges, type PersonGiven } from './person.dto.js';
import type { PersonRow } from '../plain.js';

const NAME_TAKEN = 'A person of this name is in the organisation.';

/** Admits people to organisations, gives them roles and lets them go. */
@Injectable()
export class PeopleService {
  constructor(private readonly database: DataSource) {}

  async admit(principal: Principal, organisationId: string, given: PersonGiven): Promise<PersonRow> {
    authorise(principal, 'person:manage');
    const person: PersonRow = { id: uuid(), organisationId, name: given.name, roles: given.roles, state: 'active' };
    return unlessTaken(NAME_TAKEN, () =>
      changeState(this.database, 'directory', async (manager) => {
        await requireRolesOfKind(manager, organisationId, given.roles);
        await manager.insert(Person, person);
        const detail = { organisation: organisationId, roles: given.roles };
        const audit = { actor: principal.personId, action: 'admit-person', subject: `person/${person.id}`, detail };
        return { result: person, audit };
      }),
    );
  }

  /** The people of an organisation, by name. */
  async list(principal: Principal, organisationId: string): Promise<PersonRow[]> {
    authorise(principal, 'person:list', { organisationId });
    if (!(await this.database.getRepository(Organisation).existsBy({ id: organisationId })))
      throw absent('organisation');
    return this.database.getRepository(Person).find({ where: { organisationId }, order: { name: 'ASC' } });
  }

  /**
   * Changes roles, or lets a person go; then every key of theirs ends in the same transaction. A role by which somebody
   * acts for an organisation is given by two operators together.
   * @throws rejections `TOC_ACCESS_SECOND_PERSON`, `TOC_REQUEST_CONFLICT`, `TOC_REQUEST_PARAMETER`
   */
  async change(principal: Principal, id: string, changes: PersonChanges): Promise<PersonRow> {
    authorise(principal, 'person:manage');
    return changeState(this.database, 'directory', async (manager) => {
      const before = await loadPresent(manager, id);
      const after: PersonRow = {
        ...before,
        roles: changes.roles ?? before.roles,
        state: changes.state ?? before.state,
      };
      await requireRolesOfKind(manager, before.organisationId, after.roles);
      const added = after.roles.filter((role) => !before.roles.includes(role));
      authorise(principal, 'role:grant', { organisationId: before.organisationId, roles: added });
      await manager.update(Person, { id }, { roles: after.roles, state: after.state });
      const leaves = after.state === 'left';
      const audit = {
        actor: principal.personId,
        action: leaves ? 'release-person' : 'change-person',
        subject: `person/${id}`,
        reason: changes.reason,
        detail: { roles: after.roles, ...(leaves && { keys_ended: await endKeys(manager, { personId: id }) }) },
      };
      return { result: after, audit };
    });
  }
}

/**
 * Gives a person one more role, as two operators decided. Every key the person has ends: one operator alone may have
 * issued it, and kept it. The key that goes with the role is issued by two.
 * @returns how many keys ended
 * @throws a rejection `TOC_REQUEST_CONFLICT` when the person has it, or has left
 */
export async function grantRole(
  manager: EntityManager,
  principal: Principal,
  { personId, role, proposedBy }: { personId: string; role: Role; proposedBy: string },
): Promise<number> {
  const person = await loadPresent(manager, personId);
  const { organisationId } = person;
  authorise(principal, 'role:grant', { organisationId, roles: [role], proposedBy });
  if (person.roles.includes(role)) throw rejection('TOC_REQUEST_CONFLICT', 'The person has this role.');
  const roles = [...person.roles, role];
  await requireRolesOfKind(manager, organisationId, roles);
  await manager.update(Person, { id: personId }, { roles });
  return endKeys(manager, { personId });
}

/** The row stays locked to the end. */
async function loadPresent(manager: EntityManager, id: string): Promise<PersonRow> {
  const person = await manager.findOne(Person, { where: { id }, lock: { mode: 'pessimistic_write' } });
  if (!person) throw absent('person');
  if (person.state === 'left') throw rejection('TOC_REQUEST_CONFLICT', 'The person has left.');
  return person;
}

function absent(what: string) {
  return rejection('TOC_ACCESS_NOT_FOUND', `There is no such ${what}.`);
}

/** Operators are admitted on the host: else one of them could make himself the second person he needs. */
async function requireRolesOfKind(
  manager: EntityManager,
  organisationId: string,
  roles: readonly Role[],
): Promise<void> {
  const organisation = await manager.findOneBy(Organisation, { id: organisationId });
  if (!organisation) throw absent('organisation');
  if (organisation.kind === 'operator') {
    throw rejection('TOC_ACCESS_FORBIDDEN', 'Operators are admitted on the host, not here.');
  }
  if (organisation.state === 'left') throw rejection('TOC_REQUEST_CONFLICT', 'The organisation has left.');
  const fitting: readonly Role[] = ROLES_OF_KIND[organisation.kind];
  const strange = roles.filter((role) => !fitting.includes(role));
  if (strange.length > 0) {
    throw rejection('TOC_REQUEST_PARAMETER', `Roles in this organisation are ${fitting.join(', ')}.`);
  }
}
