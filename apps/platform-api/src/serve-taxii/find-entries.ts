import type { EntityManager } from 'typeorm';

/** The newest version of a row, or the last end of one. */
export interface Entry {
  position: string;
  rowId: string;
  version: number;
  eventId: string;
  live: boolean;
  /** Of withdrawals, which may be of a row that lives again. */
  withdrawal: boolean;
  bulletin: boolean;
  addedAt: string;
  firstAt: string;
  /** Where it was asked for. */
  record?: string;
}

/** Which entries are looked for, in order of position. */
export interface EntriesAsked {
  channelId: string;
  after: bigint;
  most: number;
  /** Whether records are read with them: most of them will be needed. */
  withRecords: boolean;
  /** Live and expired rows; withdrawals come in any case. */
  withContent: boolean;
  /** Only bulletins, or only signals. */
  bulletins?: boolean;
  rowIds?: readonly string[];
  /** Timestamps of TAXII. */
  addedAt?: readonly string[];
}

/** Most bytes of records that are looked at together. */
const MOST_BYTES = 1_048_576;

const COLUMNS =
  'position, row_id, version, event_id, bulletin, added_at, first_at, record, octet_length(record) AS bytes,';
const CONTENT = {
  columns: `${COLUMNS} live, false AS withdrawal, walk`,
  from: 'feed.row',
  where: 'walk = 0 AND channel_id = $1',
};
const ENDS = {
  columns: `${COLUMNS} false AS live, true AS withdrawal, 0 AS walk`,
  from: 'feed.withdrawal',
  where: 'channel_id = $1',
};
type Table = typeof CONTENT;

/** Position that was given at a moment, if any: positions that were added together are one microsecond apart. */
const ADDED_AT = `
  SELECT first_position + (extract(epoch FROM t.moment - added_at) * 1000000)::bigint AS position, last_position
  FROM feed.addition WHERE channel_id = $1 AND added_at <= t.moment ORDER BY added_at DESC LIMIT 1`;

/** The limits keep the planner from reading a whole channel where its statistics are old. */
function part({ columns, from, where }: Table, { bulletins, rowIds, addedAt }: EntriesAsked): string {
  const kind = bulletins === undefined ? '' : bulletins ? 'AND bulletin' : 'AND NOT bulletin';
  if (rowIds)
    return `(SELECT r.* FROM unnest($4::uuid[]) i (id) CROSS JOIN LATERAL (
      SELECT ${columns} FROM ${from} WHERE row_id = i.id AND channel_id = $1 LIMIT 1) r
      WHERE walk = 0 AND position > $2 ${kind})`;
  if (addedAt)
    return `(SELECT r.* FROM unnest($4::timestamptz[]) t (moment) CROSS JOIN LATERAL (${ADDED_AT}) a CROSS JOIN LATERAL (
      SELECT ${columns} FROM ${from} WHERE ${where} AND position = a.position AND position <= a.last_position
      AND position > $2 ${kind} LIMIT 1) r)`;
  return `(SELECT ${columns} FROM ${from} WHERE ${where} AND position > $2 ${kind} ORDER BY position LIMIT $3)`;
}

function sqlOf(asked: EntriesAsked): string {
  const parts = [...(asked.withContent ? [CONTENT] : []), ENDS].map((table) => part(table, asked));
  const isoTime = (column: string): string => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
  return `
    SELECT position, row_id AS "rowId", version, event_id AS "eventId", live, withdrawal, bulletin${asked.withRecords ? ', record' : ''},
      ${isoTime('added_at')} AS "addedAt", ${isoTime('first_at')} AS "firstAt"
    FROM (
      SELECT e.*, sum(bytes) OVER w AS total, row_number() OVER w AS nth
      FROM (SELECT * FROM (${parts.join(' UNION ALL ')}) p ORDER BY position LIMIT $3) e WINDOW w AS (ORDER BY position)
    ) s WHERE total <= ${MOST_BYTES} OR nth = 1 ORDER BY position`;
}

/**
 * The next entries of a channel. What a look costs depends neither on how deep it begins nor on how much is stored.
 * @returns fewer than were asked for also where they would be too many bytes
 */
export async function findEntries(manager: EntityManager, asked: EntriesAsked): Promise<Entry[]> {
  const some = asked.rowIds ?? asked.addedAt;
  const { channelId, after, most } = asked;
  const from = after > 0n ? after : 0n;
  return manager.query<Entry[]>(sqlOf(asked), [channelId, from.toString(), most, ...(some ? [some] : [])]);
}

/** Position of the last that had been added at a moment. */
export async function positionAt(manager: EntityManager, channelId: string, moment: string): Promise<bigint> {
  const [row] = await manager.query<{ position: string }[]>(
    `SELECT least(position, last_position) AS position
     FROM (SELECT $2::timestamptz AS moment) t CROSS JOIN LATERAL (${ADDED_AT}) a`,
    [channelId, moment],
  );
  return BigInt(row?.position ?? 0);
}

/** When the first content after a position was added. */
export async function nextContentAt(
  manager: EntityManager,
  channelId: string,
  after: bigint,
): Promise<string | undefined> {
  const [entry] = await manager.query<{ addedAt: string }[]>(
    `SELECT to_char(added_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "addedAt"
     FROM feed.row WHERE walk = 0 AND channel_id = $1 AND position > $2 ORDER BY position LIMIT 1`,
    [channelId, (after > 0n ? after : 0n).toString()],
  );
  return entry?.addedAt;
}

/** Records by event id; one that is missing was replaced by a newer version at this moment. */
export async function readRecords(
  manager: EntityManager,
  channelId: string,
  entries: readonly Pick<Entry, 'rowId' | 'eventId' | 'withdrawal'>[],
): Promise<Map<string, string>> {
  const records = new Map<string, string>();
  for (const withdrawal of [false, true]) {
    const rowIds = entries.filter((entry) => entry.withdrawal === withdrawal).map(({ rowId }) => rowId);
    if (rowIds.length === 0) continue;
    const rows = await manager.query<{ event_id: string; record: string }[]>(
      `SELECT r.event_id, r.record FROM unnest($2::uuid[]) i (id) CROSS JOIN LATERAL (
         SELECT event_id, record FROM ${withdrawal ? 'feed.withdrawal' : 'feed.row'}
         WHERE row_id = i.id AND channel_id = $1 LIMIT 1) r`,
      [channelId, rowIds],
    );
    for (const { event_id: eventId, record } of rows) records.set(eventId, record);
  }
  return records;
}
