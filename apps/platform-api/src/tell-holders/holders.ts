import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { query } from '#libs/persistence';
import { toldAt } from './told-at.js';

/** A platform that holds a version of a row as live, as far as the ledgers tell. */
export interface Holder {
  platform_id: string;
  platform: string;
  /** The newest version, up to the one that was asked about, that it was shown as live. */
  version: number;
  /** Whether there is evidence that this version arrived; otherwise it may have. */
  arrived: boolean;
  /** Whether it stated by what it signed, after it left, what became of everything. */
  stated: boolean;
}

/** Who holds a version of a row, or an older one. */
export interface Holders {
  channel: string;
  row_id: string;
  version: number;
  newest: number;
  live: boolean;
  /** How many hold it, on all pages together; of those, how many hold exactly this version. */
  holders: number;
  exactly: number;
  platforms: Holder[];
  more: boolean;
}

/**
 * Positions of the row are followed back from the newest, one by one. A platform holds the newest version that it was shown
 * as live unless something newer has arrived, or it has said itself that it knows of something newer.
 */
const HOLDING = `
  WITH RECURSIVE chain AS (
    SELECT position, previous, version FROM feed.position WHERE channel_id = $1 AND position = $3::bigint
    UNION ALL
    SELECT p.position, p.previous, p.version FROM chain c
    CROSS JOIN LATERAL (
      SELECT position, previous, version FROM feed.position WHERE channel_id = $1 AND position = c.previous LIMIT 1) p
  ), platform AS (
    SELECT DISTINCT s.platform_id FROM directory.subscription s
     WHERE EXISTS (SELECT FROM delivery.disclosed d WHERE d.subscription_id = s.id AND d.channel_id = $1)
        OR EXISTS (SELECT FROM platform_api.disclosed d WHERE d.subscription_id = s.id AND d.channel_id = $1)
  ), told AS (
    SELECT p.platform_id, c.version, t.shown, t.arrived FROM platform p CROSS JOIN chain c
    CROSS JOIN LATERAL (${toldAt('p.platform_id', '$1', 'c.position')}) t
  ), said AS (
    SELECT platform_id, max((said->>'version')::bigint) AS version FROM platform_api.feedback
     WHERE row_id = $2 AND kind = 'confirmation' AND channel_id = $1 GROUP BY platform_id
  ), holding AS (
    SELECT DISTINCT ON (t.platform_id) t.platform_id, t.version, t.arrived FROM told t LEFT JOIN said USING (platform_id)
     WHERE t.shown AND t.version <= $4 AND (said.version IS NULL OR said.version <= t.version)
       AND NOT EXISTS (SELECT FROM told n WHERE n.platform_id = t.platform_id AND n.version > t.version AND n.arrived)
     ORDER BY t.platform_id, t.version DESC
  )`;

const COUNTS = `${HOLDING}
  SELECT count(*)::integer AS holders, count(*) FILTER (WHERE version = $4)::integer AS exactly FROM holding`;

const PAGE = `${HOLDING}
  SELECT h.platform_id, o.name AS platform, h.version, h.arrived,
    EXISTS (SELECT FROM platform_api.closing_statement c WHERE c.platform_id = h.platform_id)
      AND NOT EXISTS (SELECT FROM directory.subscription s WHERE s.platform_id = h.platform_id AND s.state <> 'left') AS stated
  FROM holding h JOIN directory.organisation o ON o.id = h.platform_id
  WHERE $5::uuid IS NULL OR h.platform_id > $5 ORDER BY h.platform_id LIMIT $6`;

const PAGE_OF_PLATFORMS = 200;

/** Tells operators and overseers who holds a version of a row. */
@Injectable()
export class HolderReader {
  constructor(@Inject(DataSource) private readonly database: DataSource) {}

  /**
   * @param asked the version; without it, the newest
   * @param after the last platform of the page before
   * @throws a rejection `TOC_ACCESS_NOT_FOUND` when the channel has no such row, or the row no such version
   */
  async read(principal: Principal, channel: string, rowId: string, asked?: number, after?: string): Promise<Holders> {
    authorise(principal, 'reach:read');
    const [row] = await query<{ position: string; version: number; live: boolean }>(
      this.database,
      'SELECT position, version, live FROM feed.row WHERE row_id = $1 AND channel_id = $2',
      [rowId, channel],
    );
    const version = asked ?? row?.version;
    if (!row || version === undefined || version > row.version)
      throw rejection('TOC_ACCESS_NOT_FOUND', 'the channel has no such version of a row');
    const about = [channel, rowId, row.position, version];
    const [counts] = await query<{ holders: number; exactly: number }>(this.database, COUNTS, about);
    const found = await query<Holder>(this.database, PAGE, [...about, after ?? null, PAGE_OF_PLATFORMS + 1]);
    return {
      ...{ channel, row_id: rowId, version, newest: row.version, live: row.live },
      ...(counts as { holders: number; exactly: number }),
      platforms: found.slice(0, PAGE_OF_PLATFORMS),
      more: found.length > PAGE_OF_PLATFORMS,
    };
  }
}
