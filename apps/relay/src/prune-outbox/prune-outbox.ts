import type { DataSource } from 'typeorm';
import { OUTBOXES, query } from '#libs/persistence';

const AT_ONCE = 500;
const LOOK_AGAIN_MS = 60_000;

/** Removes rows that have been on Kafka for long enough; those with refused records stay. */
export async function pruneOutboxes(database: DataSource, keepHours: number): Promise<'again' | number> {
  let full = false;
  for (const schema of OUTBOXES) {
    const [removed] = await query<{ rows: number }>(
      database,
      `WITH old AS (SELECT id FROM ${schema}.outbox
                     WHERE published_at < now() - $1 * interval '1 hour' AND refused_keys IS NULL ORDER BY published_at LIMIT ${AT_ONCE}),
            gone AS (DELETE FROM ${schema}.outbox o USING old WHERE o.id = old.id RETURNING 1)
       SELECT count(*)::integer AS rows FROM gone`,
      [keepHours],
    );
    full ||= removed?.rows === AT_ONCE;
  }
  return full ? 'again' : LOOK_AGAIN_MS;
}
