import type { DataSource } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { changeState, query, type AuditEntry } from '#libs/persistence';

/** Most advisories for which one platform may be named at a time. */
const MOST_NAMINGS = 1000;

/** For which advisory a platform's answers are shown by name, and since when. */
export interface NamingView {
  advisory_id: string;
  since: string;
}

/**
 * A platform's own decision that the agency of an advisory sees by name what it answers from now on. Whether there is such
 * an advisory is told by nothing.
 */
export class Namings {
  constructor(private readonly database: DataSource) {}

  async list(principal: Principal): Promise<{ namings: NamingView[] }> {
    authorise(principal, 'naming:read', { organisationId: principal.organisationId });
    const rows = await query<{ advisory_id: string; since: Date }>(
      this.database,
      'SELECT advisory_id, since FROM normaliser.naming WHERE platform_id = $1 ORDER BY since, advisory_id',
      [principal.organisationId],
    );
    return { namings: rows.map(({ advisory_id, since }) => ({ advisory_id, since: since.toISOString() })) };
  }

  /** @throws a rejection `TOC_REQUEST_CONFLICT` when the platform is named for as many as it may */
  async begin(principal: Principal, advisoryId: string): Promise<NamingView> {
    authorise(principal, 'naming:manage', { organisationId: principal.organisationId });
    return changeState(this.database, 'normaliser', async (manager) => {
      const platformId = principal.organisationId;
      await manager.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`naming/${platformId}`]);
      const [{ number } = { number: 0 }] = await manager.query<{ number: number }[]>(
        'SELECT count(*)::integer AS number FROM normaliser.naming WHERE platform_id = $1',
        [platformId],
      );
      const [there] = await manager.query<{ since: Date }[]>(
        'SELECT since FROM normaliser.naming WHERE platform_id = $1 AND advisory_id = $2',
        [platformId, advisoryId],
      );
      if (there) return { result: { advisory_id: advisoryId, since: there.since.toISOString() }, audit: undefined };
      if (number >= MOST_NAMINGS)
        throw rejection('TOC_REQUEST_CONFLICT', `a platform is named for at most ${MOST_NAMINGS} advisories at a time`);
      const since = new Date();
      await manager.query('INSERT INTO normaliser.naming (platform_id, advisory_id, since) VALUES ($1, $2, $3)', [
        ...[platformId, advisoryId, since],
      ]);
      const audit = { ...auditOf(principal, advisoryId), action: 'name-answers' };
      return { result: { advisory_id: advisoryId, since: since.toISOString() }, audit };
    });
  }

  /** Ends it: what was shown by name is gone, and comes into no total. Ended twice is ended once. */
  async end(principal: Principal, advisoryId: string): Promise<void> {
    authorise(principal, 'naming:manage', { organisationId: principal.organisationId });
    await changeState(this.database, 'normaliser', async (manager) => {
      const [ended] = await manager.query<[{ advisory_id: string }[], number]>(
        'DELETE FROM normaliser.naming WHERE platform_id = $1 AND advisory_id = $2 RETURNING advisory_id',
        [principal.organisationId, advisoryId],
      );
      if (ended.length === 0) return { result: undefined, audit: undefined };
      return { result: undefined, audit: { ...auditOf(principal, advisoryId), action: 'end-naming-answers' } };
    });
  }
}

function auditOf(principal: Principal, advisoryId: string): Omit<AuditEntry, 'action'> {
  return {
    actor: principal.personId,
    subject: `platform/${principal.organisationId}`,
    detail: { advisory: advisoryId },
  };
}
