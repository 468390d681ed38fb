import type { DataSource, EntityManager } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { changeState, Organisation, type ListPermission } from '#libs/persistence';
import { Reason } from '../request-properties.js';
import type { OrganisationRow } from '../plain.js';

/** Why a permission ends. */
export class EndOfPermission {
  @Reason() reason!: string;
}

async function locked(manager: EntityManager, id: string): Promise<OrganisationRow> {
  const agency = await manager.findOne(Organisation, {
    where: { id, kind: 'agency' },
    lock: { mode: 'pessimistic_write' },
  });
  if (!agency) throw rejection('TOC_ACCESS_NOT_FOUND', 'There is no such agency.');
  return agency;
}

const without = (permissions: readonly ListPermission[], list: string): ListPermission[] =>
  permissions.filter((permission) => permission.list !== list);

/**
 * Records that the owner of a list permits an agency to share it here, in the transaction of the second operator.
 * @param subject of a proposal `permit-list`; a permission for the same list is replaced
 */
export async function permitList(
  manager: EntityManager,
  { agency: id = '', list = '', terms = '', until }: Record<string, string>,
): Promise<Record<string, unknown>> {
  const { listPermissions } = await locked(manager, id);
  const permission: ListPermission = { list, terms, until: until ?? null };
  await manager.update(Organisation, { id }, { listPermissions: [...without(listPermissions, list), permission] });
  return { list, until: permission.until };
}

/** @throws rejections `TOC_ACCESS_NOT_FOUND`: there is no such agency, or no such permission */
export async function endListPermission(
  database: DataSource,
  principal: Principal,
  { id, list, reason }: { id: string; list: string; reason: string },
): Promise<OrganisationRow> {
  authorise(principal, 'organisation:manage');
  return changeState(database, 'directory', async (manager) => {
    const before = await locked(manager, id);
    const listPermissions = without(before.listPermissions, list);
    if (listPermissions.length === before.listPermissions.length)
      throw rejection('TOC_ACCESS_NOT_FOUND', 'There is no such permission.');
    await manager.update(Organisation, { id }, { listPermissions });
    const audit = {
      actor: principal.personId,
      action: 'end-list-permission',
      subject: `organisation/${id}`,
      reason,
      detail: { list },
    };
    return { result: { ...before, listPermissions }, audit };
  });
}
