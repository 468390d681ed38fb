import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { changeState, ProtectedList } from '#libs/persistence';
import { readProtectedList, type ListContent } from '#libs/safeguards';
import type { Replacement } from './protected-list.dto.js';
import { narrows } from './narrowing.js';
import type { ProtectedListRow } from '../plain.js';

const ID = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Keeps the protected lists: rules as data, replaced whole, each with a version that decisions name. */
@Injectable()
export class ProtectedListsService {
  constructor(private readonly database: DataSource) {}

  async list(principal: Principal): Promise<ProtectedListRow[]> {
    authorise(principal, 'protected-list:read');
    return this.database.getRepository(ProtectedList).find({ order: { id: 'ASC' } });
  }

  async read(principal: Principal, id: string): Promise<ProtectedListRow> {
    authorise(principal, 'protected-list:read');
    const list = await this.database.getRepository(ProtectedList).findOneBy({ id });
    if (!list) throw rejection('TOC_ACCESS_NOT_FOUND', 'There is no such protected list.');
    return list;
  }

  /**
   * Replaces a list as a whole, or makes it. The audit row keeps a digest and the size of what was put in force.
   * @throws rejections `TOC_REQUEST_PARAMETER`, `TOC_REQUEST_CONFLICT` when another version was to be replaced,
   * `TOC_ACCESS_SECOND_PERSON` when less would be protected than before
   */
  async replace(principal: Principal, id: string, given: unknown, how: Replacement): Promise<ProtectedListRow> {
    authorise(principal, 'protected-list:write');
    if (!ID.test(id))
      throw rejection('TOC_REQUEST_PARAMETER', 'The id of a list is lower-case letters, digits and hyphens.');
    const content = readProtectedList(given, how.judges);
    return changeState(this.database, 'directory', async (manager) => {
      const list = await replaceList(manager, principal, { id, content, replaces: how.replaces_version });
      const audit = {
        actor: principal.personId,
        action: 'replace-protected-list',
        subject: `protected-list/${id}`,
        reason: how.reason,
        detail: aboutList(list),
      };
      return { result: list, audit };
    });
  }
}

/** What an audit row keeps of a version of a list. */
export function aboutList({ version, title, judges, entries }: ProtectedListRow): Record<string, unknown> {
  const sha256 = createHash('sha256').update(JSON.stringify({ title, judges, entries })).digest('hex');
  return { version, size: entries.length, judges, sha256 };
}

/**
 * Puts a list in force within a transaction.
 * @param given `replaces`: refused unless this is the version that is replaced; `proposedBy`: the other operator, where
 * two decide
 */
export async function replaceList(
  manager: EntityManager,
  principal: Principal,
  given: { id: string; content: ListContent; replaces?: number; proposedBy?: string },
): Promise<ProtectedListRow> {
  const { id, content, replaces, proposedBy } = given;
  // Two operators who replace one list at a time come one after the other, also when it is new.
  await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`protected-list/${id}`]);
  const before = await manager.findOneBy(ProtectedList, { id });
  const version = before?.version ?? 0;
  if (replaces !== undefined && replaces !== version) {
    throw rejection('TOC_REQUEST_CONFLICT', 'The list has another version by now.', { version });
  }
  if (before && narrows(before, content)) authorise(principal, 'protected-list:narrow', { proposedBy });
  const list: ProtectedListRow = { id, ...content, version: version + 1 };
  await (before ? manager.update(ProtectedList, { id }, list) : manager.insert(ProtectedList, list));
  await manager.query('UPDATE directory.protected_list SET changed_at = now() WHERE id = $1', [id]);
  return list;
}
