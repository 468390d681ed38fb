import type { EntityManager } from 'typeorm';
import type { OutgoingBatch } from '#libs/connectors';
import type { Outgoing } from './outgoing.js';
import { positionRanges } from './position-ranges.js';
import type { Waiting } from '../choose-records/chosen.js';

const DISCLOSE = `
  WITH made AS (
    INSERT INTO delivery.disclosure (id, platform_id, subscription_id, channel_id, revision, walk, records, until_position)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING RETURNING id
  ), covered AS (
    INSERT INTO delivery.disclosed
      (subscription_id, channel_id, live, from_position, to_position, revision, disclosure_id)
    SELECT $3, $4, r.live, r.from_position, r.to_position, $5, made.id
    FROM made, unnest($9::boolean[], $10::bigint[], $11::bigint[]) AS r (live, from_position, to_position)
  )
  SELECT id FROM made`;

/**
 * Writes down, before any byte leaves, what is about to be disclosed. A batch that was disclosed before under the same
 * id is a repeat and adds nothing.
 * @param until position of the last record that was looked at for this batch
 * @returns whether it is new
 */
export async function writeDisclosure(
  manager: EntityManager,
  batch: OutgoingBatch,
  walk: 0 | 1 | 2,
  outgoing: readonly Outgoing[],
  until: bigint,
): Promise<boolean> {
  const aboutRows = walk === 2 ? [] : outgoing;
  const ranges = [true, false].flatMap((live) => {
    const positions = aboutRows.filter((one) => one.live === live).map(({ position }) => position);
    return positionRanges(positions).map((range) => ({ live, ...range }));
  });
  const made = await manager.query<object[]>(DISCLOSE, [
    batch.batchId,
    batch.platformId,
    batch.subscriptionId,
    batch.channelId,
    batch.revision,
    walk,
    outgoing.length,
    until.toString(),
    ranges.map(({ live }) => live),
    ranges.map(({ from }) => from.toString()),
    ranges.map(({ to }) => to.toString()),
  ]);
  return made.length > 0;
}

/** Lets rows wait until a stop is lifted; a newer version takes the place of an older one. */
export async function parkWaiting(
  manager: EntityManager,
  subscriptionId: string,
  channelId: string,
  waiting: readonly Waiting[],
): Promise<void> {
  if (waiting.length === 0) return;
  await manager.query(
    `INSERT INTO delivery.parked (subscription_id, channel_id, row_id, position, walk, because, detail)
     SELECT $1, $2, w.row_id, w.position, 0, 'stopped', 'Publishing is stopped for every agency that says so.'
     FROM unnest($3::uuid[], $4::bigint[]) AS w (row_id, position)
     ON CONFLICT (row_id, subscription_id, channel_id, walk) DO UPDATE SET position = excluded.position,
       because = excluded.because, detail = excluded.detail, attempts = 0, next_try_at = NULL`,
    [subscriptionId, channelId, waiting.map(({ rowId }) => rowId), waiting.map(({ position }) => position.toString())],
  );
}

/** Moves a cursor forward, never back. */
export async function moveCursor(
  manager: EntityManager,
  at: { subscriptionId: string; channelId: string; revision: number; walk: 0 | 1 | 2; position: bigint },
): Promise<void> {
  await manager.query(
    `INSERT INTO delivery.cursor (subscription_id, channel_id, revision, walk, position) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (subscription_id, channel_id, revision, walk)
     DO UPDATE SET position = greatest(cursor.position, excluded.position)`,
    [at.subscriptionId, at.channelId, at.revision, at.walk, at.position.toString()],
  );
}
