import type { EntityManager } from 'typeorm';
import { transient, type Country, type Statement } from '#libs/domain';
import type { StatementBody } from './live-rows.js';

/** Words of an advisory as stored, with the channels they go to. */
export interface StoredStatement {
  id: string;
  statement: Statement;
  channels: string[];
  agency: { id: string; name: string; country: Country };
}

/**
 * Stores words once per advisory: those said before, by digest, are found again.
 * @param digest over statement and channels
 */
export async function storeStatement(
  manager: EntityManager,
  advisoryId: string,
  digest: Buffer,
  statement: Statement,
  channels: string[],
  agency: StoredStatement['agency'],
): Promise<StoredStatement> {
  const body: StatementBody = { statement, agency: { id: agency.id, name: agency.name, country: agency.country } };
  const [row] = await manager.query<{ id: string; body: StatementBody }[]>(
    `WITH stored AS (
       INSERT INTO normaliser.statement (advisory_id, digest, body, channels, valid_until) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (advisory_id, digest) DO NOTHING RETURNING id, body)
     SELECT id, body FROM stored UNION ALL
     SELECT id, body FROM normaliser.statement WHERE advisory_id = $1 AND digest = $2`,
    [advisoryId, digest, JSON.stringify(body), channels, statement.validUntil],
  );
  if (!row) throw transient('TOC_DATABASE_CONFLICT', 'the same words were stored at the same moment');
  return { id: row.id, statement: row.body.statement, channels, agency: row.body.agency };
}
