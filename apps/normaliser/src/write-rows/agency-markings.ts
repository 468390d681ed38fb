import type { EntityManager } from 'typeorm';
import { isLowered, strictestMarking, type Marking } from '#libs/domain';

/**
 * Part of a statement with a CTE `removed (advisory_id, row_id, statement_id)`: keeps in mind under which markings the
 * removed assertions stood.
 */
export const REMEMBER_REMOVED = `
  remembered AS (
    INSERT INTO normaliser.past_marking (row_id, agency_id, statement_id)
    SELECT DISTINCT r.row_id, v.agency_id, r.statement_id
      FROM removed r JOIN normaliser.advisory v ON v.id = r.advisory_id
    ON CONFLICT DO NOTHING)`;

interface Marked {
  row_id: string;
  /** Absent for an assertion that is no longer live. */
  assertion: string | null;
  marking: Marking;
}

/**
 * How one agency marked rows that it stated before, live or not, in whatever advisory and under whatever object. What
 * it states lower than the strictest of them waits for a second person (I6); another agency's statement is its own.
 */
export class AgencyMarkings {
  private constructor(
    private readonly strictest: Map<string, Marking>,
    private readonly live: ReadonlySet<string>,
  ) {}

  /** Nothing was stated before. */
  static none(): AgencyMarkings {
    return new AgencyMarkings(new Map(), new Set());
  }

  static async read(manager: EntityManager, agencyId: string, rowIds: readonly string[]): Promise<AgencyMarkings> {
    const rows = await manager.query<Marked[]>(
      `SELECT m.row_id, m.assertion, s.body->'statement'->'marking' AS marking
         FROM (SELECT a.row_id, a.statement_id, a.advisory_id || '/' || a.object_key AS assertion
                 FROM normaliser.assertion a JOIN normaliser.advisory v ON v.id = a.advisory_id
                WHERE a.row_id = ANY($1) AND v.agency_id = $2
               UNION ALL
               SELECT p.row_id, p.statement_id, NULL FROM normaliser.past_marking p
                WHERE p.row_id = ANY($1) AND p.agency_id = $2) AS m
         JOIN normaliser.statement s ON s.id = m.statement_id`,
      [rowIds, agencyId],
    );
    const strictest = new Map<string, Marking>();
    const live = new Set<string>();
    for (const { row_id, assertion, marking } of rows) {
      const before = strictest.get(row_id);
      strictest.set(row_id, before ? strictestMarking(before, marking) : marking);
      if (assertion !== null) live.add(`${row_id}/${assertion}`);
    }
    return new AgencyMarkings(strictest, live);
  }

  /**
   * Whether a marking is lower than what the agency said of the row before; if not, the agency has said this now. A live
   * assertion that is said again is compared with its own former marking (by the writer), so it passes here.
   */
  admit(
    rowId: string,
    { advisoryId, objectKey }: { advisoryId: string; objectKey: string },
    next: Marking,
  ): 'admitted' | 'lowered' {
    const before = this.strictest.get(rowId);
    const isOwn = this.live.has(`${rowId}/${advisoryId}/${objectKey}`);
    if (before && !isOwn && isLowered(before, next)) return 'lowered';
    this.strictest.set(rowId, before ? strictestMarking(before, next) : next);
    return 'admitted';
  }
}

/** A second person let lower markings go: what these rows were marked with before holds nothing any more. */
export async function forgetPastMarkings(
  manager: EntityManager,
  agencyId: string,
  rowIds: readonly string[],
): Promise<void> {
  await manager.query('DELETE FROM normaliser.past_marking WHERE agency_id = $1 AND row_id = ANY($2)', [
    agencyId,
    rowIds,
  ]);
}
