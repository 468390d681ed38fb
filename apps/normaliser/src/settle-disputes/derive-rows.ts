import type { EntityManager } from 'typeorm';
import type { RowDisputes } from '#libs/domain';
import type { DirectorySnapshot } from '../read-directory/directory-snapshot.js';
import { readRowDisputes } from '../write-rows/row-disputes.js';
import { RowWriter } from '../write-rows/row-writer.js';

/**
 * Locks what rows are about, in the order of their ids, so that nobody states anything of them, on whatever channel, until
 * the transaction has ended.
 * @returns the ids of those that there are
 */
export async function lockSubjects(manager: EntityManager, rowIds: readonly string[]): Promise<Set<string>> {
  const sorted = [...new Set(rowIds)].sort();
  const signals = await manager.query<{ id: string }[]>(
    'SELECT id FROM normaliser.signal WHERE id = ANY($1) ORDER BY id FOR UPDATE',
    [sorted],
  );
  const bulletins = await manager.query<{ id: string }[]>(
    'SELECT row_id AS id FROM normaliser.bulletin WHERE row_id = ANY($1) ORDER BY row_id FOR UPDATE',
    [sorted],
  );
  return new Set([...signals, ...bulletins].map(({ id }) => id));
}

/**
 * Changes disputes, and derives those rows anew for which they bear otherwise now: on every channel where they are live, in
 * one transaction. Their subjects are locked.
 * @returns how many rows that were
 */
export async function deriveAfter(
  manager: EntityManager,
  directory: DirectorySnapshot,
  rowIds: readonly string[],
  now: Date,
  change: () => Promise<void>,
): Promise<number> {
  const before = await readRowDisputes(manager, rowIds);
  await change();
  const after = await readRowDisputes(manager, rowIds);
  const differ = [...new Set(rowIds)].filter((id) => !isAlike(before.get(id), after.get(id)));
  if (differ.length === 0) return 0;
  const live = await manager.query<{ channel_id: string; row_ids: string[] }[]>(
    `SELECT r.channel_id, array_agg(r.row_id) AS row_ids
       FROM (SELECT DISTINCT a.row_id, unnest(s.channels) AS channel_id
               FROM normaliser.assertion a JOIN normaliser.statement s ON s.id = a.statement_id
              WHERE a.row_id = ANY($1)) k
       JOIN normaliser.channel_row r ON r.channel_id = k.channel_id AND r.row_id = k.row_id
      WHERE r.withdrawal IS NULL GROUP BY r.channel_id ORDER BY r.channel_id`,
    [differ],
  );
  const writer = new RowWriter(manager, now);
  for (const { channel_id, row_ids } of live) {
    const channel = directory.channel(channel_id);
    if (channel) await writer.remerge(channel, row_ids);
  }
  await writer.records.writeTo(manager);
  return differ.length;
}

function isAlike(a: RowDisputes | undefined, b: RowDisputes | undefined): boolean {
  return (a?.lowered ?? false) === (b?.lowered ?? false) && (a?.disputed ?? false) === (b?.disputed ?? false);
}
