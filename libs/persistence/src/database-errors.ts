import { TocsinError, transient } from '#libs/domain';

/** SQLSTATE classes and codes after which the same transaction may succeed (PostgreSQL documentation, appendix A). */
const CONFLICTS = new Set(['40001', '40P01', '55P03', '57014']);
const UNAVAILABLE = /^(08|53|57P0|58)/;
const CONNECTION_ERRORS = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);

function codeOf(thrown: unknown): string {
  const code: unknown = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' ? code : '';
}

/**
 * Says what an error of the database means: a transient one becomes a {@link TocsinError}, anything else comes back as
 * it is (and so counts as a fault).
 */
export function readDatabaseError(thrown: unknown): unknown {
  if (thrown instanceof TocsinError) return thrown;
  const code = codeOf(thrown);
  if (CONFLICTS.has(code)) return transient('TOC_DATABASE_CONFLICT', 'a concurrent change was in the way', thrown);
  const lost =
    UNAVAILABLE.test(code) ||
    CONNECTION_ERRORS.has(code) ||
    (thrown instanceof Error &&
      /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Driver not Connected|connection is insecure/i.test(
        thrown.message,
      ));
  return lost ? transient('TOC_DATABASE_UNAVAILABLE', 'the database does not answer', thrown) : thrown;
}
