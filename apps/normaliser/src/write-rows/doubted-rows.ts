import type { EntityManager } from 'typeorm';
import { lowerToReview, type LiveAssertion } from '#libs/domain';

/** Whose assertions of which rows count as review at most, because another agency took the signal back as an error. */
export class DoubtedRows {
  private constructor(private readonly doubted: ReadonlySet<string>) {}

  static none(): DoubtedRows {
    return new DoubtedRows(new Set());
  }

  static async read(manager: EntityManager, rowIds: readonly string[]): Promise<DoubtedRows> {
    if (rowIds.length === 0) return DoubtedRows.none();
    // Nearly always there is none, and the ids of a whole chunk need not be sent to learn it.
    const any = await manager.query<object[]>('SELECT FROM normaliser.doubt LIMIT 1');
    if (any.length === 0) return DoubtedRows.none();
    const rows = await manager.query<{ row_id: string; agency_id: string }[]>(
      'SELECT row_id, agency_id FROM normaliser.doubt WHERE row_id = ANY($1)',
      [rowIds],
    );
    return new DoubtedRows(new Set(rows.map(({ row_id, agency_id }) => `${row_id}/${agency_id}`)));
  }

  has(rowId: string, agencyId: string): boolean {
    return this.doubted.has(`${rowId}/${agencyId}`);
  }

  /** The assertion as it counts: with its ceilings lowered where its agency has not looked yet. */
  lower(rowId: string, assertion: LiveAssertion): LiveAssertion {
    if (!this.has(rowId, assertion.agency.id)) return assertion;
    return { ...assertion, statement: lowerToReview(assertion.statement) };
  }
}
