import type { DataSource } from 'typeorm';
import type { DeliveryOutcome } from '#libs/connectors';
import { query } from '#libs/persistence';
import type { DeliveryTarget, PreparedDelivery } from '../disclose-and-send/delivery-target.js';

/** Attempts of one subscription that are kept, and for how long. */
const MOST_KEPT = 1_000;
const KEPT_DAYS = 7;

/** How an attempt to send ended. */
export interface Attempt {
  begunAt: Date;
  outcome: DeliveryOutcome;
  /** When the endpoint is tried next; absent where nothing has to wait. */
  nextTryAt?: Date;
}

const COLUMNS = `subscription_id, channel_id, at, lane, walk, revision, batch_id, records, first_position, last_position,
  outcome, status, duration_ms, next_try_at`;

/** Values of one attempt, in the order of the columns, for a statement whose first parameter of them is `$from`. */
export function attemptRow(from: number): string {
  const types = ['uuid', 'text', 'timestamptz', 'text', 'smallint', 'integer', 'uuid', 'integer', 'bigint', 'bigint'];
  const rest = ['text', 'integer', 'integer', 'timestamptz'];
  const values = [...types, ...rest].map((type, index) => `$${from + index}::${type}`);
  return `INSERT INTO delivery.attempt (${COLUMNS}) VALUES (${values.join(', ')})`;
}

/** The parameters of {@link attemptRow}. */
export function attemptValues(
  target: DeliveryTarget,
  { batch, walk, outgoing, until }: PreparedDelivery,
  { begunAt, outcome, nextTryAt }: Attempt,
): unknown[] {
  const { status } = 'evidence' in outcome && outcome.evidence ? outcome.evidence : { status: undefined };
  return [
    ...[target.subscriptionId, target.channelId, begunAt, target.lane, walk, batch.revision, batch.batchId],
    batch.records.length,
    (outgoing.at(0)?.position ?? until).toString(),
    (outgoing.at(-1)?.position ?? until).toString(),
    outcome.outcome,
    typeof status === 'number' ? status : null,
    Math.max(0, Date.now() - begunAt.getTime()),
    nextTryAt ?? null,
  ];
}

/** Notes an attempt that did not succeed; one that did is noted with its receipt. */
export async function noteAttempt(
  database: DataSource,
  target: DeliveryTarget,
  delivery: PreparedDelivery,
  attempt: Attempt,
): Promise<void> {
  await query(database, attemptRow(1), attemptValues(target, delivery, attempt));
}

/** Forgets what is beyond the bounds of one subscription: by a look into its index, never into others'. */
export async function forgetAttempts(database: DataSource, subscriptionId: string): Promise<void> {
  await query(
    database,
    `DELETE FROM delivery.attempt WHERE subscription_id = $1 AND (at < now() - interval '${KEPT_DAYS} days' OR id <= coalesce(
       (SELECT id FROM delivery.attempt WHERE subscription_id = $1 ORDER BY id DESC OFFSET ${MOST_KEPT} LIMIT 1), 0))`,
    [subscriptionId],
  );
}

/** An attempt as told. */
export interface AttemptView {
  id: string;
  channel: string;
  at: string;
  lane: string;
  walk: 'content' | 'withdrawals' | 'end-of-membership';
  revision: number;
  batch_id: string;
  records: number;
  outcome: 'sent' | 'refused' | 'unavailable' | 'gone';
  status: number | null;
  duration_ms: number;
  next_try_at: string | null;
}

interface AttemptStored extends Omit<AttemptView, 'channel' | 'at' | 'walk' | 'next_try_at'> {
  channel_id: string;
  at: Date;
  walk: 0 | 1 | 2;
  next_try_at: Date | null;
}

const WALKS = ['content', 'withdrawals', 'end-of-membership'] as const;

/**
 * Attempts of a subscription, newest first.
 * @param page `before`: only those before this id · `most`: how many at most
 */
export async function readAttempts(
  database: DataSource,
  subscriptionId: string,
  { before, most }: { before?: string; most: number },
): Promise<AttemptView[]> {
  const rows = await query<AttemptStored>(
    database,
    `SELECT id, channel_id, at, lane, walk, revision, batch_id, records, outcome, status, duration_ms, next_try_at
     FROM delivery.attempt
     WHERE subscription_id = $1 AND ($2::bigint IS NULL OR id < $2) AND at >= now() - interval '${KEPT_DAYS} days'
     ORDER BY id DESC LIMIT $3`,
    [subscriptionId, before ?? null, most],
  );
  return rows.map(({ channel_id: channel, at, walk, next_try_at, ...rest }) => ({
    ...rest,
    channel,
    at: at.toISOString(),
    walk: WALKS[walk],
    next_try_at: next_try_at?.toISOString() ?? null,
  }));
}
