import type { DataSource } from 'typeorm';
import { LONGEST_RANGE, type Ledger } from '#libs/feed';
import { withoutAudit } from '#libs/persistence';

interface Untold {
  retraction_id: string;
  platform_id: string;
  channel_id: string;
}

const NEXT = `
  SELECT retraction_id, platform_id, channel_id FROM platform_api.duty
   WHERE NOT told AND look_at <= now() ORDER BY look_at LIMIT 1 FOR UPDATE SKIP LOCKED`;

/** Positions from the first owed on, of which the ledger has a receipt. */
const given = (ledger: Ledger): string => `
  SELECT coalesce(range_agg(int8range(d.from_position, d.to_position, '[]')), '{}') AS positions
    FROM owing o JOIN directory.subscription s ON s.platform_id = $2
    JOIN ${ledger}.disclosed d ON d.subscription_id = s.id AND d.channel_id = $3 AND d.to_position >= lower(o.rest)
     AND d.from_position >= lower(o.rest) - ${LONGEST_RANGE}
   WHERE EXISTS (SELECT FROM ${ledger}.receipt r WHERE r.disclosure_id = d.disclosure_id)`;

/**
 * Finds evidence of what a platform was given since. A row that has changed again is told by any later version of it. What
 * is not found is looked for again after a tenth of the time that it has taken so far, at most five minutes.
 */
const LOOK = `
  WITH RECURSIVE owing AS (
    SELECT owed - sent - fetched AS rest FROM platform_api.duty
     WHERE retraction_id = $1 AND platform_id = $2 AND channel_id = $3
  ), by_delivery AS (${given('delivery')}
  ), by_fetching AS (${given('platform_api')}
  ), late AS (
    SELECT p.position AS owed, n.position, q.previous FROM owing o, by_delivery b, by_fetching f, unnest(o.rest - b.positions - f.positions) AS r
      JOIN feed.position p ON p.channel_id = $3 AND p.position >= lower(r) AND p.position < upper(r)
      CROSS JOIN LATERAL (SELECT position FROM feed.row WHERE row_id = p.row_id AND channel_id = $3 AND position > p.position LIMIT 1) n
      CROSS JOIN LATERAL (SELECT previous FROM feed.position WHERE channel_id = $3 AND position = n.position LIMIT 1) q
    UNION ALL
    SELECT l.owed, p.position, p.previous FROM late l
      CROSS JOIN LATERAL (SELECT position, previous FROM feed.position WHERE channel_id = $3 AND position = l.previous LIMIT 1) p
     WHERE l.previous > l.owed
  ), later AS (
    SELECT coalesce(range_agg(int8range(l.owed, l.owed, '[]')) FILTER (WHERE b.positions @> l.position), '{}') AS sent,
           coalesce(range_agg(int8range(l.owed, l.owed, '[]')) FILTER (WHERE f.positions @> l.position), '{}') AS fetched
      FROM late l, by_delivery b, by_fetching f
  ), found AS (
    SELECT d.sent + d.owed * (b.positions + l.sent) AS sent, d.fetched + d.owed * (f.positions + l.fetched) AS fetched
      FROM platform_api.duty d, by_delivery b, by_fetching f, later l
     WHERE d.retraction_id = $1 AND d.platform_id = $2 AND d.channel_id = $3
  )
  UPDATE platform_api.duty d SET sent = f.sent, fetched = f.fetched, told = d.owed <@ (f.sent + f.fetched),
    look_at = now() + least(interval '5 minutes', greatest(interval '200 milliseconds', (now() - d.opened_at) / 10))
    FROM found f WHERE d.retraction_id = $1 AND d.platform_id = $2 AND d.channel_id = $3`;

/**
 * Looks for evidence that a platform was given what it has to be told. It notes what the ledgers have and decides nothing,
 * so that it is no state of its own.
 * @returns whether there was something to look for
 */
export function findEvidence(database: DataSource): Promise<boolean> {
  return withoutAudit(database, async (manager) => {
    const [next] = await manager.query<Untold[]>(NEXT);
    if (next) await manager.query(LOOK, [next.retraction_id, next.platform_id, next.channel_id]);
    return next !== undefined;
  });
}
