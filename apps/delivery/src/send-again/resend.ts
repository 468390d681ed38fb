import type { DataSource, EntityManager } from 'typeorm';
import { rejection } from '#libs/domain';
import { LONGEST_RANGE, toldRows } from '#libs/feed';
import { changeState } from '#libs/persistence';
import { countAsking, noSuchChannel, wakeDrivers } from './asked-again.js';

/** What is to be sent once more: rows of a channel, or those of one attempt. */
export interface ResendAsked {
  channel?: string;
  rows?: readonly string[];
  attempt?: string;
}

interface AskedRow {
  row_id: string;
  position: string;
  walk: 0 | 1;
}

/** The newest version of each row; the limit keeps the planner from reading whole channels. */
const NEWEST = `
  SELECT r.row_id, r.position, r.walk FROM unnest($2::uuid[]) AS g (row_id)
  CROSS JOIN LATERAL (SELECT row_id, position, walk FROM feed.row WHERE row_id = g.row_id AND channel_id = $1 LIMIT 1) r`;

/** Rows by the positions that a batch covered. */
const OF_BATCH = `
  SELECT DISTINCT p.row_id FROM delivery.disclosed d
  JOIN feed.position p ON p.channel_id = d.channel_id AND p.position BETWEEN d.from_position AND d.to_position
  WHERE d.subscription_id = $1 AND d.channel_id = $2 AND d.from_position BETWEEN $3 AND $4 AND d.disclosure_id = $5
  LIMIT ${LONGEST_RANGE}`;

/** What waits for a stop goes on waiting; what was refused is tried now. */
const ASK = `
  INSERT INTO delivery.parked (subscription_id, channel_id, row_id, position, walk, because, detail, next_try_at)
  SELECT $1, $2, a.row_id, a.position, a.walk, 'asked', 'Asked for once more.', now()
  FROM unnest($3::uuid[], $4::bigint[], $5::smallint[]) AS a (row_id, position, walk)
  ON CONFLICT (row_id, subscription_id, channel_id, walk) DO UPDATE SET next_try_at = now()
  WHERE parked.because <> 'stopped'`;

/**
 * Has rows that a subscription was told of sent once more, as they are now: what is live and still passes as the same record
 * under the same event id, the end of the others (I8). Nothing is sent here: the rows get in line, and what decides
 * about every record decides about these when their turn comes. Asking for what is in line already changes nothing.
 * @returns how many rows got in line; others than those it was told of count as none
 * @throws rejections `TOC_ACCESS_NOT_FOUND`, `TOC_REQUEST_PARAMETER`, a transient `TOC_REQUEST_TOO_MANY`
 */
export async function resend(
  database: DataSource,
  subscriptionId: string,
  asked: ResendAsked,
  actor: string,
): Promise<{ rows: number }> {
  return changeState(database, 'delivery', async (manager) => {
    const { channel, rowIds } = await whatIsAsked(manager, subscriptionId, asked);
    await countAsking(manager, subscriptionId, 'resend');
    const newest = await manager.query<AskedRow[]>(NEWEST, [channel, [...new Set(rowIds)]]);
    const told = await toldRows(
      { manager, ledger: 'delivery', subscriptionId, channelId: channel },
      newest.map(({ position }) => BigInt(position)),
    );
    const rows = newest.filter((_, index) => told[index]);
    await manager.query(ASK, [
      ...[subscriptionId, channel, rows.map(({ row_id }) => row_id)],
      ...[rows.map(({ position }) => position), rows.map(({ walk }) => walk)],
    ]);
    await wakeDrivers(manager, [channel]);
    const detail = { channel, rows: rows.length, ...(asked.attempt && { attempt: asked.attempt }) };
    const audit = { actor, action: 'resend', subject: `subscription/${subscriptionId}`, detail };
    return { result: { rows: rows.length }, audit };
  });
}

async function whatIsAsked(
  manager: EntityManager,
  subscriptionId: string,
  { channel, rows, attempt }: ResendAsked,
): Promise<{ channel: string; rowIds: readonly string[] }> {
  if (attempt !== undefined) return ofAttempt(manager, subscriptionId, attempt);
  if (channel === undefined || rows === undefined)
    throw rejection('TOC_REQUEST_PARAMETER', 'Say an attempt, or a channel with rows of it.');
  const [known] = await manager.query<object[]>(
    `SELECT FROM delivery.disclosed WHERE subscription_id = $1 AND channel_id = $2 LIMIT 1`,
    [subscriptionId, channel],
  );
  if (!known) throw noSuchChannel();
  return { channel, rowIds: rows.slice(0, LONGEST_RANGE) };
}

async function ofAttempt(
  manager: EntityManager,
  subscriptionId: string,
  id: string,
): Promise<{ channel: string; rowIds: string[] }> {
  const [attempt] = await manager.query<
    { channel_id: string; walk: number; batch_id: string; first_position: string; last_position: string }[]
  >(
    `SELECT channel_id, walk, batch_id, first_position, last_position FROM delivery.attempt
     WHERE id = $2 AND subscription_id = $1`,
    [subscriptionId, id],
  );
  if (!attempt) throw rejection('TOC_ACCESS_NOT_FOUND', 'There is no such attempt of this subscription.');
  const { channel_id: channel, batch_id, first_position, last_position } = attempt;
  // A version that was sent is found by its position, whatever became of the row since.
  const rows = await manager.query<{ row_id: string }[]>(OF_BATCH, [
    ...[subscriptionId, channel, first_position, last_position, batch_id],
  ]);
  return { channel, rowIds: rows.map(({ row_id }) => row_id) };
}
