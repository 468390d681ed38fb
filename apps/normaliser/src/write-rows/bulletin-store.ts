import type { EntityManager } from 'typeorm';
import type { Bulletin } from '#libs/domain';

/** Puts the words of a bulletin in place. @returns the words that stood there */
export async function storeBulletin(
  manager: EntityManager,
  rowId: string,
  advisoryId: string,
  bulletin: Bulletin,
): Promise<{ body: Bulletin | undefined }> {
  const [before] = await manager.query<{ body: Bulletin }[]>(
    'SELECT body FROM normaliser.bulletin WHERE row_id = $1 FOR UPDATE',
    [rowId],
  );
  await manager.query(
    `INSERT INTO normaliser.bulletin (row_id, advisory_id, body) VALUES ($1, $2, $3)
     ON CONFLICT (row_id) DO UPDATE SET body = excluded.body`,
    [rowId, advisoryId, JSON.stringify(bulletin)],
  );
  return { body: before?.body };
}

/** Puts back the words that stood there before; undefined when there were none. */
export async function restoreBulletin(manager: EntityManager, rowId: string, before?: Bulletin): Promise<void> {
  if (before === undefined) await manager.query('DELETE FROM normaliser.bulletin WHERE row_id = $1', [rowId]);
  else
    await manager.query('UPDATE normaliser.bulletin SET body = $2 WHERE row_id = $1', [rowId, JSON.stringify(before)]);
}
