import type { DataSource, EntityManager } from 'typeorm';
import { changeState } from '#libs/persistence';
import { FEED_NOTIFICATION } from './feed-notification.js';
import { RECORD_SEPARATOR, type FeedRecord } from './read-feed-record.js';

/** What became of a batch. */
export interface FeedWritten {
  /** Records that got a position. */
  written: number;
  /** Records that were repeats, or older than what is held. */
  outdated: number;
  /** The channel's last position afterwards; undefined when nothing was written. */
  head?: bigint;
}

const SEPARATOR = Buffer.of(RECORD_SEPARATOR);

/**
 * One statement for the whole batch, under the lock on the channel: keeps what is newer than the stored version, gives
 * it the next positions in the order given, and stores it. Lists travel as one text each, the bodies as the bytes they
 * are, so that nothing is decoded or escaped on the way.
 */
const WRITE = `
  WITH given AS (
    SELECT * FROM unnest(
      string_to_array($2, ',')::uuid[], string_to_array($3, ',')::integer[], string_to_array($4, ',')::uuid[],
      string_to_array($5, ',')::smallint[], string_to_array($6, ',')::boolean[], string_to_array($7::text, E'\\x1f')
    ) WITH ORDINALITY AS g (row_id, version, event_id, walk, live, record, ordinal)
  ), newer AS (
    SELECT g.*, r.position AS stored, $8::bigint + row_number() OVER (ORDER BY g.ordinal) AS position
    FROM given g LEFT JOIN LATERAL (
      -- The limit keeps the planner from reading the whole table when its statistics are old.
      SELECT version, position FROM feed.row WHERE row_id = g.row_id AND channel_id = $1 LIMIT 1
    ) r ON true
    WHERE r.version IS NULL OR r.version < g.version
  ), placed AS (
    SELECT *, coalesce(lag(position) OVER of_row, stored) AS previous, lead(position) OVER of_row IS NULL AS newest
    FROM newer WINDOW of_row AS (PARTITION BY row_id ORDER BY position)
  ), positions AS (
    INSERT INTO feed.position (channel_id, position, row_id, version, previous)
    SELECT $1, position, row_id, version, previous FROM placed ORDER BY position
  ), stored AS (
    -- Nobody else writes here under the lock: asking for conflicts would cost a fifth of the statement.
    INSERT INTO feed.row (channel_id, row_id, version, position, walk, live, event_id, record)
    SELECT $1, row_id, version, position, walk, live, event_id, record FROM placed
     WHERE newest AND stored IS NULL ORDER BY position
  ), renewed AS (
    UPDATE feed.row r SET version = p.version, position = p.position, walk = p.walk, live = p.live,
      event_id = p.event_id, record = p.record
     FROM placed p WHERE p.newest AND p.stored IS NOT NULL AND r.row_id = p.row_id AND r.channel_id = $1
  ), withdrawals AS (
    INSERT INTO feed.withdrawal (channel_id, row_id, version, position, event_id, record)
    SELECT $1, row_id, version, position, event_id, record FROM placed WHERE walk = 1 ORDER BY position
    ON CONFLICT (row_id, channel_id) DO UPDATE SET version = excluded.version, position = excluded.position,
      event_id = excluded.event_id, record = excluded.record
  ), moved AS (
    UPDATE feed.channel SET head = $8::bigint + (SELECT count(*) FROM placed)
    WHERE channel_id = $1 AND EXISTS (SELECT FROM placed)
    RETURNING head
  )
  SELECT head, pg_notify('${FEED_NOTIFICATION}', $1) FROM moved`;

/**
 * Of several versions of a row the highest counts, and besides it the last withdrawal before it: whoever may not have
 * the highest is still told of that one (I4). Each takes the place of its last occurrence.
 */
function newestOfEach(records: readonly FeedRecord[]): FeedRecord[] {
  const versions = new Map<string, number>();
  const kept = new Map<string, FeedRecord>();
  for (const record of records) {
    const { rowId, version, walk } = record;
    if ((versions.get(rowId) ?? 0) >= version) continue;
    versions.set(rowId, version);
    kept.delete(`0/${rowId}`);
    kept.delete(`${walk}/${rowId}`);
    kept.set(`${walk}/${rowId}`, record);
  }
  return [...kept.values()];
}

function joinBodies(records: readonly FeedRecord[]): Buffer {
  return Buffer.concat(records.flatMap(({ body }, index) => (index === 0 ? [body] : [SEPARATOR, body])));
}

async function lockChannel(manager: EntityManager, channelId: string): Promise<bigint> {
  const lock = `SELECT head FROM feed.channel WHERE channel_id = $1 FOR UPDATE`;
  const [known] = await manager.query<{ head: string }[]>(lock, [channelId]);
  if (known) return BigInt(known.head);
  await manager.query(`INSERT INTO feed.channel (channel_id, head) VALUES ($1, 0) ON CONFLICT DO NOTHING`, [channelId]);
  const [made] = await manager.query<{ head: string }[]>(lock, [channelId]);
  return BigInt(made?.head ?? 0);
}

/**
 * Writes records of one channel into the feed, in one transaction. The lock on the channel's row is the sequencer:
 * positions are dense and in commit order. The version is the fence, so a batch may come any number of times.
 */
export async function writeFeed(
  database: DataSource,
  channelId: string,
  records: readonly FeedRecord[],
): Promise<FeedWritten> {
  const newest = newestOfEach(records);
  if (newest.length === 0) return { written: 0, outdated: 0 };
  const list = (field: (record: FeedRecord) => string | number | boolean): string => newest.map(field).join(',');
  return changeState<FeedWritten>(database, 'delivery', async (manager) => {
    const before = await lockChannel(manager, channelId);
    const [moved] = await manager.query<{ head: string }[]>(WRITE, [
      channelId,
      list(({ rowId }) => rowId),
      list(({ version }) => version),
      list(({ eventId }) => eventId),
      list(({ walk }) => walk),
      list(({ live }) => live),
      joinBodies(newest),
      before.toString(),
    ]);
    if (!moved) return { result: { written: 0, outdated: records.length }, audit: undefined };
    const head = BigInt(moved.head);
    const written = Number(head - before);
    const outdated = records.length - written;
    const detail = { from_position: String(before + 1n), to_position: moved.head, written, outdated };
    return {
      result: { written, outdated, head },
      audit: { actor: 'service:delivery', action: 'write-feed', subject: `channel/${channelId}`, detail },
    };
  });
}
