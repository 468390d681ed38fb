import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { changeState, ProtectedList } from '#libs/persistence';
import type { Replacement } from './protected-list.dto.js';
import { readProtectedList } from './read-protected-list.js';
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
   * @throws rejections `TOC_REQUEST_PARAMETER`, `TOC_REQUEST_CONFLICT` when another version was to be replaced
   */
  async replace(principal: Principal, id: string, given: unknown, how: Replacement): Promise<ProtectedListRow> {
    authorise(principal, 'protected-list:write');
    if (!ID.test(id))
      throw rejection('TOC_REQUEST_PARAMETER', 'The id of a list is lower-case letters, digits and hyphens.');
    const content = readProtectedList(given, how.judges);
    return changeState(this.database, 'directory', async (manager) => {
      // Two operators who replace one list at a time come one after the other, also when it is new.
      await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`protected-list/${id}`]);
      const before = await manager.findOneBy(ProtectedList, { id });
      const version = before?.version ?? 0;
      if (how.replaces_version !== undefined && how.replaces_version !== version) {
        throw rejection('TOC_REQUEST_CONFLICT', 'The list has another version by now.', { version });
      }
      const list: ProtectedListRow = { id, ...content, version: version + 1 };
      await (before ? manager.update(ProtectedList, { id }, list) : manager.insert(ProtectedList, list));
      await manager.query('UPDATE directory.protected_list SET changed_at = now() WHERE id = $1', [id]);
      const sha256 = createHash('sha256').update(JSON.stringify(content)).digest('hex');
      const detail = { version: list.version, size: list.entries.length, judges: list.judges, sha256 };
      const audit = {
        actor: principal.personId,
        action: 'replace-protected-list',
        subject: `protected-list/${id}`,
        reason: how.reason,
        detail,
      };
      return { result: list, audit };
    });
  }
}
