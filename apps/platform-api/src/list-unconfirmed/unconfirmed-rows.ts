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

/** What follows a place, soonest due first. Of several retractions that ended at one version, a platform is told nothing. */
const UNCONFIRMED = `
  WITH d AS MATERIALIZED (
    SELECT due_at, channel_id, owed - confirmed AS left_over FROM platform_api.duty
     WHERE platform_id = $1 AND closed_at IS NULL AND ($2::timestamptz IS NULL OR (due_at, channel_id) >= ($2, $3::text))
     ORDER BY due_at, channel_id
  )
  SELECT to_char(d.due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS due_at, d.due_at < now() AS overdue,
    d.channel_id AS channel, p.position, p.row_id, p.version
    FROM d CROSS JOIN LATERAL unnest(d.left_over) AS r
    CROSS JOIN LATERAL (
      SELECT position, row_id, version FROM feed.position
       WHERE channel_id = d.channel_id AND position >= lower(r) AND position < upper(r) ORDER BY position) p
   WHERE $2::timestamptz IS NULL OR (d.due_at, d.channel_id, p.position) > ($2, $3::text, $4::bigint)
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
    if (after !== undefined && (dueAt === undefined || Number.isNaN(Date.parse(dueAt))))
      throw rejection('TOC_REQUEST_PARAMETER', 'a place in the list is given as the page before gave it');
    const found = await query<UnconfirmedRow & { position: string }>(this.database, UNCONFIRMED, [
      ...[principal.organisationId, dueAt ?? null, channel ?? null, position ?? null],
    ]);
    const page = found.slice(0, MOST_UNCONFIRMED);
    const last = page.at(-1);
    // One version may be owed to two retractions that are due at once.
    const rows = new Map(
      page.map(({ channel: on, row_id, version, due_at, overdue }) => [
        `${on}/${row_id}/${version}`,
        { channel: on, row_id, version, due_at, overdue },
      ]),
    );
    return {
      rows: [...rows.values()],
      ...(found.length > page.length && last && { next: `${last.due_at}_${last.channel}_${last.position}` }),
    };
  }
}
