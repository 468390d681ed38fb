import type { EntityManager } from 'typeorm';

/** What a platform says about a version of a row. */
export interface SaidOfRow {
  row_id: string;
  version: number;
  outcome: string;
  because?: string | null;
}

/**
 * Positions of the rows up to the version that was spoken of, which has to be one that the feed gave; the last word about a
 * row counts. Each is looked up one by one, back from the newest.
 */
const CONFIRM = `
  WITH RECURSIVE said AS (
    SELECT DISTINCT ON (row_id) row_id, version, outcome, because
      FROM unnest($3::uuid[], $4::bigint[], $5::text[], $6::text[]) WITH ORDINALITY AS s(row_id, version, outcome, because, nth)
     ORDER BY row_id, nth DESC
  ), chain AS (
    SELECT s.version AS spoken, s.outcome, s.because, p.position, p.previous, p.version, p.version = s.version AS known FROM said s
      CROSS JOIN LATERAL (SELECT position FROM feed.row WHERE row_id = s.row_id AND channel_id = $2 LIMIT 1) r
      CROSS JOIN LATERAL (SELECT position, previous, version FROM feed.position WHERE channel_id = $2 AND position = r.position LIMIT 1) p
    UNION ALL
    SELECT c.spoken, c.outcome, c.because, p.position, p.previous, p.version, c.known OR p.version = c.spoken FROM chain c
      CROSS JOIN LATERAL (SELECT position, previous, version FROM feed.position WHERE channel_id = $2 AND position = c.previous LIMIT 1) p
  ), spoken AS (
    SELECT outcome, because, range_agg(int8range(position, position, '[]')) AS positions FROM chain WHERE known
     GROUP BY outcome, because
  ), every AS (
    SELECT range_agg(positions) AS positions FROM spoken
  ), concerned AS (
    SELECT d.retraction_id, d.owed * e.positions AS positions FROM platform_api.duty d, every e
     WHERE d.platform_id = $1 AND d.channel_id = $2 AND d.owed && e.positions
     ORDER BY d.retraction_id FOR UPDATE OF d
  ), closed AS (
    UPDATE platform_api.duty d SET confirmed = d.confirmed + c.positions,
      closed_at = CASE WHEN d.closed_at IS NULL AND d.owed <@ (d.confirmed + c.positions) THEN now() ELSE d.closed_at END,
      closed_by = CASE WHEN d.closed_at IS NULL AND d.owed <@ (d.confirmed + c.positions) THEN 'confirmation' ELSE d.closed_by END
     FROM concerned c WHERE d.retraction_id = c.retraction_id AND d.platform_id = $1 AND d.channel_id = $2
  ), replaced AS (
    UPDATE platform_api.duty_word w
       SET positions = w.positions - c.positions + coalesce(s.positions * c.positions, '{}')
      FROM concerned c, (SELECT w2.outcome, w2.because, s2.positions FROM (SELECT DISTINCT outcome, because FROM platform_api.duty_word WHERE platform_id = $1 AND channel_id = $2
            AND retraction_id IN (SELECT retraction_id FROM concerned)) w2 LEFT JOIN spoken s2 USING (outcome, because)) s
     WHERE w.retraction_id = c.retraction_id AND w.platform_id = $1 AND w.channel_id = $2
       AND s.outcome = w.outcome AND s.because = w.because
    RETURNING w.retraction_id, w.outcome, w.because
  )
  INSERT INTO platform_api.duty_word (retraction_id, platform_id, channel_id, outcome, because, positions)
  SELECT c.retraction_id, $1, $2, s.outcome, s.because, s.positions * c.positions FROM concerned c CROSS JOIN spoken s
   WHERE NOT isempty(s.positions * c.positions)
     AND NOT EXISTS (SELECT FROM platform_api.duty_word w WHERE w.retraction_id = c.retraction_id AND w.platform_id = $1
           AND w.channel_id = $2 AND w.outcome = s.outcome AND w.because = s.because)
   ORDER BY 1, 4, 5`;

/**
 * Notes what a platform says about rows of a channel in what it owes; a later word about a row replaces the earlier one.
 * The caller holds the duties of the channel, see {@link dutiesOfChannel}.
 */
export async function confirmOwed(
  manager: EntityManager,
  platformId: string,
  channelId: string,
  said: readonly SaidOfRow[],
): Promise<void> {
  if (said.length === 0) return;
  await manager.query(CONFIRM, [
    ...[platformId, channelId],
    said.map(({ row_id }) => row_id),
    said.map(({ version }) => version),
    said.map(({ outcome }) => outcome),
    said.map(({ because }) => because ?? ''),
  ]);
}
