import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { query } from '#libs/persistence';
import { toldAt } from './told-at.js';

/** A row that a platform holds as live, and in which version. */
export interface Holding {
  row_id: string;
  version: number;
  /** Whether there is evidence that this version arrived; otherwise it may have. */
  arrived: boolean;
  /** The newest version of the row, and whether that is live. */
  newest: number;
  live: boolean;
}

/** What a platform holds of a channel. A page may hold none and still have a next one. */
export interface Holdings {
  platform_id: string;
  channel: string;
  rows: Holding[];
  next?: string;
}

/** Content is walked first, then withdrawals, as the feed keeps them apart. */
const ENDED = 1;

/** Rows that are looked at for one page. */
const PAGE_OF_ROWS = 500;

/** Each row of the page is followed back only to where something arrived: what was before that is not held any more. */
const PAGE = `
  WITH RECURSIVE page AS (
    SELECT row_id, position, version, live FROM feed.row
     WHERE walk = $3 AND channel_id = $1 AND position > $4::bigint ORDER BY position LIMIT ${PAGE_OF_ROWS}
  ), chain AS (
    SELECT g.row_id, p.version, p.previous, t.shown, t.arrived FROM page g
      CROSS JOIN LATERAL (SELECT position, previous, version FROM feed.position WHERE channel_id = $1 AND position = g.position LIMIT 1) p
      CROSS JOIN LATERAL (${toldAt('$2', '$1', 'p.position')}) t
    UNION ALL
    SELECT c.row_id, p.version, p.previous, t.shown, t.arrived FROM chain c
      CROSS JOIN LATERAL (SELECT position, previous, version FROM feed.position WHERE channel_id = $1 AND position = c.previous LIMIT 1) p
      CROSS JOIN LATERAL (${toldAt('$2', '$1', 'p.position')}) t
     WHERE NOT c.shown AND NOT c.arrived
  )
  SELECT g.row_id, g.position, h.version, coalesce(h.arrived, false) AS arrived, g.version AS newest, g.live
    FROM page g LEFT JOIN LATERAL (
      SELECT c.version, c.arrived FROM chain c WHERE c.row_id = g.row_id AND c.shown
         AND NOT EXISTS (
           SELECT FROM platform_api.feedback f WHERE f.row_id = c.row_id AND f.kind = 'confirmation' AND f.channel_id = $1
              AND f.platform_id = $2 AND (f.said->>'version')::bigint > c.version)
       ORDER BY c.version DESC LIMIT 1) h ON true
   ORDER BY g.position`;

interface Looked extends Omit<Holding, 'version'> {
  position: string;
  version: number | null;
}

/** Tells operators and overseers what a platform holds. */
@Injectable()
export class HoldingReader {
  constructor(@Inject(DataSource) private readonly database: DataSource) {}

  /**
   * Of a platform or channel that is not there, nothing is held.
   * @param after `next` of the page before
   */
  async read(principal: Principal, platformId: string, channel: string, after = '0.0'): Promise<Holdings> {
    authorise(principal, 'reach:read');
    const [walk = '0', position = '0'] = after.split('.');
    const looked = await query<Looked>(this.database, PAGE, [channel, platformId, walk, position]);
    const last = looked.length === PAGE_OF_ROWS ? looked.at(-1) : undefined;
    const next = last ? `${walk}.${last.position}` : Number(walk) < ENDED ? `${ENDED}.0` : undefined;
    const rows = looked.flatMap(({ row_id, version, arrived, newest, live }) =>
      version === null ? [] : [{ row_id, version, arrived, newest, live }],
    );
    return { platform_id: platformId, channel, rows, ...(next && { next }) };
  }
}
