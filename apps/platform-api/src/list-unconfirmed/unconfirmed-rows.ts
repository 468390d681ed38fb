import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { query } from '#libs/persistence';

/** A version of a row of which a platform has yet to say what it did. */
export interface UnconfirmedRow {
  channel: string;
  row_id: string;
  version: number;
  /** ISO 8601, with microseconds. */
  due_at: string;
  overdue: boolean;
}

export interface UnconfirmedPage {
  rows: UnconfirmedRow[];
  /** What to ask for as `after`; absent on the last page. */
  next?: string;
}

export const MOST_UNCONFIRMED = 1000;

/**
 * What follows a place, soonest due first. A version that several retractions end is due when the first of them is, and a
 * platform is told nothing of how many there are.
 */
const UNCONFIRMED = `
  WITH open AS MATERIALIZED (
    SELECT due_at, channel_id, owed - confirmed AS left_over FROM platform_api.duty
     WHERE platform_id = $1 AND closed_at IS NULL
  ), d AS MATERIALIZED (
    SELECT o.due_at, o.channel_id, range_agg(o.left_over) - coalesce((SELECT range_agg(e.left_over) FROM open e
        WHERE e.channel_id = o.channel_id AND e.due_at < o.due_at), '{}') AS left_over
      FROM open o GROUP BY o.due_at, o.channel_id
    HAVING $2::timestamptz IS NULL OR (o.due_at, o.channel_id) >= ($2, $3::text)
  ), rest AS (
    SELECT due_at, channel_id, left_over * CASE WHEN due_at = $2 AND channel_id = $3
      THEN int8multirange(int8range($4::bigint + 1, NULL)) ELSE int8multirange(int8range(NULL, NULL)) END AS left_over
      FROM d ORDER BY due_at, channel_id
  )
  SELECT to_char(d.due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS due_at, d.due_at < now() AS overdue,
    d.channel_id AS channel, p.position, p.row_id, p.version
    FROM rest d CROSS JOIN LATERAL (
      SELECT f.position, f.row_id, f.version FROM unnest(d.left_over) AS r
        JOIN feed.position f ON f.channel_id = d.channel_id AND f.position >= lower(r) AND f.position < upper(r)
       ORDER BY f.position LIMIT ${MOST_UNCONFIRMED + 1}) p
   ORDER BY d.due_at, d.channel_id, p.position LIMIT ${MOST_UNCONFIRMED + 1}`;

const PLACE = /^(\d{4}-\d{2}-\d{2}T[\d:.]{15}Z)_([a-z0-9-]{1,63})_(\d{1,18})$/;

/** Lists what a platform has yet to confirm. */
@Injectable()
export class UnconfirmedRows {
  constructor(@Inject(DataSource) private readonly database: DataSource) {}

  /** @param after `next` of the page before. @throws rejections `TOC_ACCESS_FORBIDDEN`, `TOC_REQUEST_PARAMETER` */
  async list(principal: Principal, after?: string): Promise<UnconfirmedPage> {
    authorise(principal, 'feed:read');
    const [, dueAt, channel, position] = after === undefined ? [] : (PLACE.exec(after) ?? []);
    if (after !== undefined && (dueAt === undefined || !isDate(dueAt)))
      throw rejection('TOC_REQUEST_PARAMETER', 'a place in the list is given as the page before gave it');
    const found = await query<UnconfirmedRow & { position: string }>(this.database, UNCONFIRMED, [
      ...[principal.organisationId, dueAt ?? null, channel ?? null, position ?? null],
    ]);
    const page = found.slice(0, MOST_UNCONFIRMED);
    const last = page.at(-1);
    return {
      rows: page.map(({ position: _position, ...row }) => row),
      ...(found.length > page.length && last && { next: `${last.due_at}_${last.channel}_${last.position}` }),
    };
  }
}

/** A day that a month does not have is read as one of the next. */
function isDate(text: string): boolean {
  const date = new Date(text);
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 19) === text.slice(0, 19);
}
