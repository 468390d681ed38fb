import type { DataSource, EntityManager } from 'typeorm';
import { writeAuditRow, type AuditedSchema, type AuditEntry } from './audit.js';
import { readDatabaseError } from './database-errors.js';

/**
 * Runs one transaction that changes state, and writes its audit row (I12). The work returns the entry with its result,
 * so that the audit row can name what was decided inside; `audit: undefined` says that nothing was changed.
 * @throws transient errors as {@link TocsinError}; the caller decides about trying again
 */
export async function changeState<Result>(
  database: DataSource,
  schema: AuditedSchema,
  work: (manager: EntityManager) => Promise<{ result: Result; audit: AuditEntry | undefined }>,
): Promise<Result> {
  try {
    return await database.transaction(async (manager) => {
      const { result, audit } = await work(manager);
      if (audit) await writeAuditRow(manager, schema, audit);
      return result;
    });
  } catch (thrown) {
    throw readDatabaseError(thrown);
  }
}

/** Runs reads, or bookkeeping that is not state (cursors, claims, publish marks), in one transaction. */
export async function withoutAudit<Result>(
  database: DataSource,
  work: (manager: EntityManager) => Promise<Result>,
): Promise<Result> {
  try {
    return await database.transaction(work);
  } catch (thrown) {
    throw readDatabaseError(thrown);
  }
}

/** One query outside a transaction, with transient errors named as such. */
export async function query<Row extends object>(
  database: DataSource,
  sql: string,
  parameters: unknown[] = [],
): Promise<Row[]> {
  try {
    return await database.query<Row[]>(sql, parameters);
  } catch (thrown) {
    throw readDatabaseError(thrown);
  }
}
