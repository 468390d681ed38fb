import type { EntityManager } from 'typeorm';
import type { RowDisputes } from '#libs/domain';

/** So many platforms that dispute a row, for whatever reasons, flag it. */
const PLATFORMS_THAT_FLAG = 3;

/**
 * How disputes bear on rows now: those that are open and those that were upheld; a dismissed one counts no more. Read in the
 * transaction that writes the rows, after they are locked.
 * @returns only those of which there is one
 */
export async function readRowDisputes(
  manager: EntityManager,
  rowIds: readonly string[],
): Promise<Map<string, RowDisputes>> {
  if (rowIds.length === 0) return new Map();
  const rows = await manager.query<(RowDisputes & { row_id: string })[]>(
    `SELECT d.row_id, bool_or(d.of_public_interest) AS lowered,
            count(DISTINCT v.platform_id) >= ${PLATFORMS_THAT_FLAG} AS disputed
       FROM normaliser.dispute d JOIN normaliser.dispute_voice v ON v.dispute_id = d.id
      WHERE d.row_id = ANY($1) AND d.state <> 'dismissed' GROUP BY d.row_id`,
    [rowIds],
  );
  return new Map(rows.map(({ row_id, lowered, disputed }) => [row_id, { lowered, disputed }]));
}
