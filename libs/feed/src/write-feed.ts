import type { DataSource, EntityManager } from 'typeorm';
import { fault } from '#libs/domain';
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
 * it the next positions and dates in the order given, and stores it. Lists travel as one text each, the bodies as the bytes they
 * are, so that nothing is decoded or escaped on the way.
 */
const WRITE = `
  WITH given AS (
    SELECT * FROM unnest(
      string_to_array($2, ',')::uuid[], string_to_array($3, ',')::integer[], string_to_array($4, ',')::uuid[],
      string_to_array($5, ',')::smallint[], string_to_array($6, ',')::boolean[], string_to_array($10, ',')::boolean[],
      string_to_array($7::text, E'\\x1f'), string_to_array($11, ',', '')::integer[]
    ) WITH ORDINALITY AS g (row_id, version, event_id, walk, live, said_bulletin, record, look_up, ordinal)
  ), newer AS (
    SELECT g.*, r.position AS stored, r.first_at AS stored_first_at, g.said_bulletin OR coalesce(r.bulletin, false) AS bulletin,
      $8::bigint + row_number() OVER w AS position,
      $9::timestamptz + (row_number() OVER w - 1) * interval '1 microsecond' AS added_at
    FROM given g LEFT JOIN LATERAL (
      -- The limit keeps the planner from reading the whole table when its statistics are old.
      SELECT version, position, first_at, bulletin FROM feed.row WHERE row_id = g.row_id AND channel_id = $1 LIMIT 1
    ) r ON true
    WHERE r.version IS NULL OR r.version < g.version
    WINDOW w AS (ORDER BY g.ordinal)
  ), placed AS (
    SELECT *, coalesce(lag(position) OVER of_row, stored) AS previous, lead(position) OVER of_row IS NULL AS newest,
      coalesce(stored_first_at, first_value(added_at) OVER of_row) AS first_at
    FROM newer WINDOW of_row AS (PARTITION BY row_id ORDER BY position)
  ), positions AS (
    INSERT INTO feed.position (channel_id, position, row_id, version, previous)
    SELECT $1, position, row_id, version, previous FROM placed ORDER BY position
  ), stored AS (
    -- Nobody else writes here under the lock: asking for conflicts would cost a fifth of the statement.
    INSERT INTO feed.row
      (channel_id, row_id, version, position, walk, live, event_id, record, added_at, first_at, bulletin, look_up)
    SELECT $1, row_id, version, position, walk, live, event_id, record, added_at, first_at, bulletin, look_up FROM placed
     WHERE newest AND stored IS NULL ORDER BY position
  ), renewed AS (
    UPDATE feed.row r SET version = p.version, position = p.position, walk = p.walk, live = p.live,
      event_id = p.event_id, record = p.record, added_at = p.added_at, bulletin = p.bulletin, look_up = p.look_up
     FROM placed p WHERE p.newest AND p.stored IS NOT NULL AND r.row_id = p.row_id AND r.channel_id = $1
  ), withdrawals AS (
    INSERT INTO feed.withdrawal (channel_id, row_id, version, position, event_id, record, added_at, first_at, bulletin)
    SELECT $1, row_id, version, position, event_id, record, added_at, first_at, bulletin FROM placed
     WHERE walk = 1 ORDER BY position
    ON CONFLICT (row_id, channel_id) DO UPDATE SET version = excluded.version, position = excluded.position,
      event_id = excluded.event_id, record = excluded.record, added_at = excluded.added_at, bulletin = excluded.bulletin
  ), added AS (
    INSERT INTO feed.addition (channel_id, added_at, first_position, last_position)
    SELECT $1, $9::timestamptz, min(position), max(position) FROM placed HAVING count(*) > 0
    RETURNING last_position
  ), moved AS (
    UPDATE feed.channel SET head = a.last_position,
      added_at = $9::timestamptz + (a.last_position - $8::bigint - 1) * interval '1 microsecond'
    FROM added a WHERE channel_id = $1
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

/** Where a channel stands, and the date of the position that comes next. */
interface ChannelHead {
  head: string;
  next_at: string;
}

/** The date is later than any before, also where many were given or the clock was set back. */
const LOCK = `
  SELECT head, greatest(added_at + interval '1 microsecond', clock_timestamp())::text AS next_at
  FROM feed.channel WHERE channel_id = $1 FOR UPDATE`;

async function lockChannel(manager: EntityManager, channelId: string): Promise<ChannelHead> {
  const [known] = await manager.query<ChannelHead[]>(LOCK, [channelId]);
  if (known) return known;
  await manager.query(
    `INSERT INTO feed.channel (channel_id, head, added_at) VALUES ($1, 0, '1970-01-01T00:00:00Z') ON CONFLICT DO NOTHING`,
    [channelId],
  );
  const [made] = await manager.query<ChannelHead[]>(LOCK, [channelId]);
  if (!made) throw fault('a channel of the feed is gone');
  return made;
}

/**
 * Writes records of one channel into the feed, in one transaction. The lock on the channel's row is the sequencer:
 * positions are dense and in commit order, and so are their dates, as TAXII wants them: no two are the same. The version is the fence, so a batch may come any number of times.
 */
export async function writeFeed(
  database: DataSource,
  channelId: string,
  records: readonly FeedRecord[],
): Promise<FeedWritten> {
  const newest = newestOfEach(records);
  if (newest.length === 0) return { written: 0, outdated: 0 };
  const list = (field: (record: FeedRecord) => string | number | boolean | undefined): string =>
    newest.map(field).join(',');
  return changeState<FeedWritten>(database, 'delivery', async (manager) => {
    const { head: headBefore, next_at: nextAt } = await lockChannel(manager, channelId);
    const before = BigInt(headBefore);
    const [moved] = await manager.query<{ head: string }[]>(WRITE, [
      channelId,
      list(({ rowId }) => rowId),
      list(({ version }) => version),
      list(({ eventId }) => eventId),
      list(({ walk }) => walk),
      list(({ live }) => live),
      joinBodies(newest),
      headBefore,
      nextAt,
      list(({ bulletin }) => bulletin),
      list(({ lookUp }) => lookUp),
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
