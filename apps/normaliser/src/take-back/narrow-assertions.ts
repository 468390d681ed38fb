import type { EntityManager } from 'typeorm';
import type { DirectorySnapshot } from '../read-directory/directory-snapshot.js';
import type { StatementBody } from '../write-rows/live-rows.js';
import type { RowWriter, WithdrawalCause } from '../write-rows/row-writer.js';
import { removeAssertions, type AssertionKey } from './assertion-remover.js';
import { storeNarrower } from './taken-back.js';

interface Said {
  advisory_id: string;
  row_id: string;
  object_key: string;
  statement_id: string;
  channels: string[];
  body: StatementBody;
  /** Whether it had not run out. */
  stood: boolean;
}

/**
 * Takes assertions off some channels and leaves them on the others. What is left on no channel is removed.
 * @param channels channels to leave
 */
export async function narrowAssertions(
  manager: EntityManager,
  directory: DirectorySnapshot,
  rows: RowWriter,
  keys: readonly AssertionKey[],
  channels: readonly string[],
  cause: WithdrawalCause,
): Promise<void> {
  if (keys.length === 0) return;
  const said = await manager.query<Said[]>(
    `SELECT a.advisory_id, a.row_id, a.object_key, a.statement_id, s.channels, s.body, s.valid_until > now() AS stood
       FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS k(advisory_id, row_id, object_key)
       JOIN normaliser.assertion a USING (advisory_id, row_id, object_key) JOIN normaliser.statement s ON s.id = a.statement_id
      ORDER BY a.advisory_id, a.row_id, a.object_key FOR UPDATE OF a`,
    [keys.map((key) => key.advisoryId), keys.map((key) => key.rowId), keys.map((key) => key.objectKey)],
  );
  const leaves = said.filter((row) => row.channels.some((id) => channels.includes(id)));
  const gone = leaves.filter((row) => row.channels.every((id) => channels.includes(id)));
  const kept = leaves.filter((row) => !gone.includes(row));
  await restate(manager, kept, channels);
  for (const channelId of [...channels].sort()) {
    const channel = directory.channel(channelId);
    const touched = kept.filter((row) => row.channels.includes(channelId));
    if (!channel || touched.length === 0) continue;
    await rows.remerge(
      channel,
      touched.map((row) => row.row_id),
      cause,
    );
    const reason = cause.retractionReason ?? cause.reason;
    for (const row of touched)
      if (row.stood) rows.words.ends({ advisoryId: row.advisory_id, rowId: row.row_id, channelId, reason });
  }
  const goneKeys = gone.map((row) => ({ advisoryId: row.advisory_id, rowId: row.row_id, objectKey: row.object_key }));
  await removeAssertions(manager, directory, rows, goneKeys, cause);
}

async function restate(manager: EntityManager, kept: readonly Said[], channels: readonly string[]): Promise<void> {
  const narrower = new Map<string, string>();
  for (const row of kept) {
    if (narrower.has(row.statement_id)) continue;
    const left = row.channels.filter((id) => !channels.includes(id));
    const stored = await storeNarrower(manager, row.advisory_id, row.body, left);
    narrower.set(row.statement_id, stored.id);
  }
  for (const [before, after] of narrower) {
    const rows = kept.filter((row) => row.statement_id === before);
    await manager.query(
      `UPDATE normaliser.assertion a SET statement_id = $4
         FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS k(advisory_id, row_id, object_key)
        WHERE a.advisory_id = k.advisory_id AND a.row_id = k.row_id AND a.object_key = k.object_key`,
      [rows.map((row) => row.advisory_id), rows.map((row) => row.row_id), rows.map((row) => row.object_key), after],
    );
  }
}
