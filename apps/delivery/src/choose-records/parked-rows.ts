import type { EntityManager } from 'typeorm';
import type { DeliveryTarget } from '../disclose-and-send/delivery-target.js';
import type { Outgoing } from '#libs/feed';

type Of = Pick<DeliveryTarget, 'subscriptionId' | 'channelId'>;

/** When the next parked record is due; undefined when all of them wait for a stop to be lifted. */
export async function nextParkedAt(
  manager: EntityManager,
  { subscriptionId, channelId }: Of,
  lowestWalk: 0 | 1,
): Promise<Date | undefined> {
  const [next] = await manager.query<{ at: Date | null }[]>(
    `SELECT min(first.next_try_at) AS at FROM generate_series($3::integer, 1) AS walks (walk)
     CROSS JOIN LATERAL (
       SELECT next_try_at FROM delivery.parked
       WHERE subscription_id = $1 AND channel_id = $2 AND walk = walks.walk AND next_try_at IS NOT NULL
       ORDER BY next_try_at LIMIT 1
     ) first`,
    [subscriptionId, channelId, lowestWalk],
  );
  return next?.at ?? undefined;
}

/** Most waiting rows that one transaction releases: there may be as many as a bulk submission has records. */
const RELEASED_AT_ONCE = 1_000;

/** In the order of the index on what is due, where rows that wait come last. */
const RELEASE = `
  WITH released AS (
    UPDATE delivery.parked p SET next_try_at = now()
    FROM (
      SELECT row_id, position FROM delivery.parked
      WHERE subscription_id = $1 AND channel_id = $2 AND walk = 0 AND next_try_at IS NULL AND because = 'stopped'
        AND position > $3
      ORDER BY next_try_at, position LIMIT ${RELEASED_AT_ONCE}
    ) w
    WHERE p.row_id = w.row_id AND p.subscription_id = $1 AND p.channel_id = $2 AND p.walk = 0
    RETURNING w.position
  )
  SELECT count(*)::integer AS released, max(position) AS last FROM released`;

/**
 * Has rows that wait for a stop looked at again, since the stops changed: the next ones beyond a position, so many as
 * one transaction can take.
 * @returns the position to go on from; undefined when all were released
 */
export async function releaseWaiting(
  manager: EntityManager,
  { subscriptionId, channelId }: Of,
  after: bigint,
): Promise<bigint | undefined> {
  const [step] = await manager.query<{ released: number; last: string | null }[]>(RELEASE, [
    subscriptionId,
    channelId,
    after.toString(),
  ]);
  return step?.last && step.released === RELEASED_AT_ONCE ? BigInt(step.last) : undefined;
}

/** Parked records are tried again after a minute, then after twice as long each time, up to six hours; for ever. */
const PARKED_FIRST_MS = 60_000;
const PARKED_MOST_MS = 6 * 3_600_000;

export interface Refused {
  rowId: string;
  position: bigint;
  walk: 0 | 1;
  /** What the receiver said. */
  detail: string;
}

/** Parks one refused record, or notes another refusal of it. A newer version begins anew. */
export async function parkRefused(
  manager: EntityManager,
  of: Of,
  { rowId, position, walk, detail }: Refused,
): Promise<void> {
  await manager.query(
    `INSERT INTO delivery.parked AS p
       (subscription_id, channel_id, row_id, position, walk, because, detail, attempts, next_try_at)
     VALUES ($1, $2, $3, $4, $5, 'refused', $6, 1, now() + $7 * interval '1 millisecond')
     ON CONFLICT (row_id, subscription_id, channel_id, walk) DO UPDATE SET
       attempts = CASE WHEN p.position = excluded.position THEN p.attempts + 1 ELSE 1 END,
       next_try_at = now() + least($8::float8, $7 * 2 ^ CASE WHEN p.position = excluded.position THEN least(p.attempts, 30) ELSE 0 END)
         * interval '1 millisecond',
       position = excluded.position, because = excluded.because, detail = excluded.detail`,
    [of.subscriptionId, of.channelId, rowId, position.toString(), walk, detail, PARKED_FIRST_MS, PARKED_MOST_MS],
  );
}

/** Rows that went together and were refused together: each is now tried alone. */
export async function tryAlone(manager: EntityManager, of: Of, walk: 0 | 1, rowIds: readonly string[]): Promise<void> {
  await manager.query(
    `UPDATE delivery.parked SET because = 'refused', next_try_at = now()
     WHERE subscription_id = $1 AND channel_id = $2 AND walk = $4 AND row_id = ANY ($3::uuid[])`,
    [of.subscriptionId, of.channelId, rowIds, walk],
  );
}

/** Forgets parked records of rows of which they, or something newer, were sent. */
export async function unpark(manager: EntityManager, of: Of, sent: readonly Outgoing[]): Promise<void> {
  await manager.query(
    `DELETE FROM delivery.parked p USING unnest($3::uuid[], $4::bigint[]) AS s (row_id, position)
     WHERE p.subscription_id = $1 AND p.channel_id = $2 AND p.row_id = s.row_id AND p.position <= s.position`,
    [
      of.subscriptionId,
      of.channelId,
      sent.map(({ record }) => record.rowId),
      sent.map(({ position }) => position.toString()),
    ],
  );
}
