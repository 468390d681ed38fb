import type { EntityManager } from 'typeorm';
import { hashUrl, type ContactDesk, type RowIds } from '#libs/domain';
import type { IdentifiedCandidate } from '../read-documents/reader-messages.js';

/** Whom to ask about an item that waits, and what these agencies are told: who asks, and whom to call. */
export interface Asked {
  /** Agencies that have not answered; one that lets the item go is named no longer. */
  of: readonly string[];
  agency: string;
  contact: ContactDesk;
}

/** Ids of the rows that an item could be about: an address also as the hash that it may leave as. */
function rowIdsOf({ signals }: IdentifiedCandidate, rowIds: RowIds): string[] {
  return signals.flatMap(({ id, type, value }) =>
    type === 'url' ? [id, rowIds.ofSignal('url-sha256', hashUrl(value))] : [id],
  );
}

/**
 * Deconfliction. An agency may say of what it asserts that others ask it first; what another agency asserts about the same
 * signals then waits, and only those that said so are told, with whom to call.
 */
export class AskFirst {
  private constructor(
    private readonly holders: ReadonlyMap<string, readonly string[]>,
    private readonly rowIds: RowIds,
  ) {}

  /** Reads who wants to be asked about the signals of these items, other than the agency itself. */
  static async read(
    manager: EntityManager,
    agencyId: string,
    candidates: readonly IdentifiedCandidate[],
    rowIds: RowIds,
  ): Promise<AskFirst> {
    // Nearly always nobody does, and the ids of a thousand items need not be sent to learn it.
    const any = await manager.query<object[]>('SELECT FROM normaliser.ask_first LIMIT 1');
    if (any.length === 0 || candidates.length === 0) return new AskFirst(new Map(), rowIds);
    const rows = await manager.query<{ row_id: string; agency_id: string }[]>(
      `SELECT f.row_id, f.agency_id FROM normaliser.ask_first f
        WHERE f.row_id = ANY($1) AND f.agency_id <> $2 AND f.until > now()
          AND EXISTS (SELECT FROM normaliser.assertion a JOIN normaliser.advisory v ON v.id = a.advisory_id
                       WHERE a.row_id = f.row_id AND v.agency_id = f.agency_id)
        ORDER BY f.row_id, f.agency_id`,
      [candidates.flatMap((candidate) => rowIdsOf(candidate, rowIds)), agencyId],
    );
    const holders = new Map<string, string[]>();
    for (const { row_id, agency_id } of rows) {
      const ofRow = holders.get(row_id);
      if (ofRow) ofRow.push(agency_id);
      else holders.set(row_id, [agency_id]);
    }
    return new AskFirst(holders, rowIds);
  }

  /** The agencies to be asked about an item, each once; mostly none. */
  holdersOf(candidate: IdentifiedCandidate): readonly string[] {
    if (this.holders.size === 0) return [];
    return [...new Set(rowIdsOf(candidate, this.rowIds).flatMap((id) => this.holders.get(id) ?? []))];
  }

  /** Notes that an agency wants to be asked about these rows, for as long as it says something about them. */
  static async note(
    manager: EntityManager,
    agencyId: string,
    rows: readonly { rowId: string; until: string }[],
  ): Promise<void> {
    if (rows.length === 0) return;
    await manager.query(
      `INSERT INTO normaliser.ask_first AS f (row_id, agency_id, until)
       SELECT r.row_id, $1, max(r.until) FROM unnest($2::uuid[], $3::timestamptz[]) AS r(row_id, until) GROUP BY r.row_id
       ON CONFLICT (row_id, agency_id) DO UPDATE SET until = greatest(f.until, excluded.until)`,
      [agencyId, rows.map(({ rowId }) => rowId), rows.map(({ until }) => until)],
    );
  }
}
