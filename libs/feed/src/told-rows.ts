import type { Choice } from './chosen.js';
import type { Ledger } from './ledger.js';

/** What a subscription has been told of a row so far. */
export interface Told {
  /** Position of the newest version that it was given as live, in any revision. */
  liveAt: bigint;
  /** Whether that is the last it heard: no later end of the row has a receipt. */
  lastWasLive: boolean;
}

/**
 * Most positions that one disclosed range covers, which is the most records of a batch: it bounds how far back a range
 * that covers a position may begin.
 */
export const LONGEST_RANGE = 1000;

/**
 * What was told of one position. Whatever was disclosed as live may have arrived; an end was told only when there is a
 * receipt for it.
 */
const toldAt = (ledger: Ledger): string => `
  SELECT max(revision) FILTER (WHERE live) AS live_revision,
    max(revision) FILTER (WHERE NOT live AND EXISTS (
      SELECT FROM ${ledger}.receipt r WHERE r.disclosure_id = o.disclosure_id)) AS end_revision
  FROM ${ledger}.disclosed o
  WHERE subscription_id = $1 AND channel_id = $2 AND to_position >= p.position
    AND from_position BETWEEN p.position - ${LONGEST_RANGE} AND p.position`;

/**
 * Follows each row back through its earlier positions to the first that was disclosed as live. Positions are looked up
 * one by one (the limit sees to that): a plan that reads the whole channel would be slower by far.
 */
const find = (ledger: Ledger): string => `
  WITH RECURSIVE chain AS (
    SELECT i.item, p.position, p.previous, d.live_revision, d.end_revision
    FROM unnest($3::bigint[]) WITH ORDINALITY AS i (newest, item)
    CROSS JOIN LATERAL (
      SELECT position, previous FROM feed.position WHERE channel_id = $2 AND position = i.newest LIMIT 1
    ) p
    CROSS JOIN LATERAL (${toldAt(ledger)}) d
    UNION ALL
    SELECT c.item, p.position, p.previous, d.live_revision, d.end_revision
    FROM chain c
    CROSS JOIN LATERAL (
      SELECT position, previous FROM feed.position WHERE channel_id = $2 AND position = c.previous LIMIT 1
    ) p
    CROSS JOIN LATERAL (${toldAt(ledger)}) d
    WHERE c.live_revision IS NULL
  )
  SELECT l.item::integer AS item, l.position AS live_at,
    NOT EXISTS (SELECT FROM chain e WHERE e.item = l.item AND e.end_revision IS NOT NULL
                AND (e.position > l.position OR e.end_revision >= l.live_revision)) AS last_was_live
  FROM chain l WHERE l.live_revision IS NOT NULL`;

/**
 * Finds out, for rows given by their newest positions, what the subscription was told of them.
 * @returns in the order given; undefined for a row that was never disclosed to it
 */
export async function toldRows(
  { manager, ledger, subscriptionId, channelId }: Pick<Choice, 'manager' | 'ledger' | 'subscriptionId' | 'channelId'>,
  newest: readonly bigint[],
): Promise<(Told | undefined)[]> {
  const told: (Told | undefined)[] = newest.map(() => undefined);
  if (newest.length === 0) return told;
  const found = await manager.query<{ item: number; live_at: string; last_was_live: boolean }[]>(find(ledger), [
    subscriptionId,
    channelId,
    newest.map(String),
  ]);
  for (const { item, live_at, last_was_live } of found) {
    told[item - 1] = { liveAt: BigInt(live_at), lastWasLive: last_was_live };
  }
  return told;
}
