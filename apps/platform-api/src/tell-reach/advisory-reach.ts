import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { LONGEST_RANGE, type Ledger } from '#libs/feed';
import { query } from '#libs/persistence';
import { platformsOnChannels } from './alike-platforms.js';

/** Signals of one channel that are looked at; more would make an answer wait. */
const MOST_SIGNALS = 10_000;

/** How far the signals of an advisory have come. What platforms found, did or think is told in totals alone. */
export interface AdvisoryReach {
  advisory_id: string;
  /** Signals that were looked at, each once on each channel. */
  signals: number;
  /** Whether there are more on a channel than are looked at. */
  partly: boolean;
  platforms: PlatformGiven[];
  /** Platforms on these channels of which nothing is told here; operators follow them. */
  followed_by_operators: number;
}

/** Signals that were offered to a platform on the advisory's word, and that it has. */
export interface PlatformGiven {
  platform_id: string;
  platform: string;
  offered: number;
  fetched: number;
}

const CHANNELS = `
  SELECT DISTINCT unnest(s.channels) AS channel FROM normaliser.statement s
   WHERE s.id IN (SELECT statement_id FROM normaliser.assertion WHERE advisory_id = $1) ORDER BY channel`;

/** Signals that an advisory asserts on a channel. */
const ASSERTED = `
  SELECT DISTINCT a.row_id FROM normaliser.assertion a
    JOIN normaliser.statement s ON s.id = a.statement_id AND $2 = ANY (s.channels)
    JOIN normaliser.signal g ON g.id = a.row_id
   WHERE a.advisory_id = $1`;

const told = (ledger: Ledger, condition = ''): string => `
  SELECT s.platform_id, range_agg(int8range(d.from_position, d.to_position, '[]')) AS positions
    FROM span CROSS JOIN alike p JOIN directory.subscription s ON s.platform_id = p.platform_id
    JOIN ${ledger}.disclosed d ON d.subscription_id = s.id AND d.channel_id = $2 AND d.live AND d.to_position >= span.lowest
     AND d.from_position BETWEEN span.lowest - ${LONGEST_RANGE} AND span.highest
   WHERE true ${condition} GROUP BY s.platform_id`;
const hasReceipt = (ledger: Ledger): string =>
  `AND EXISTS (SELECT FROM ${ledger}.receipt r WHERE r.disclosure_id = d.disclosure_id)`;
const both = (of: (ledger: Ledger) => string): string => `
  SELECT platform_id, range_agg(positions) AS positions
    FROM (${of('delivery')} UNION ALL ${of('platform_api')}) t GROUP BY platform_id`;

/**
 * Positions of each row are followed back one by one to the first that carried the word: who was shown any of those was shown it.
 * Whatever anybody else says later, or said before, makes no difference (I17).
 */
const GIVEN = `
  WITH RECURSIVE mine AS (
    SELECT w.row_id, r.position, coalesce(b.version, 1) AS began
      FROM (${ASSERTED} ORDER BY a.row_id LIMIT ${MOST_SIGNALS}) w
      CROSS JOIN LATERAL (SELECT position FROM feed.row WHERE row_id = w.row_id AND channel_id = $2 AND live LIMIT 1) r
      LEFT JOIN normaliser.word_begin b ON b.row_id = w.row_id AND b.advisory_id = $1 AND b.channel_id = $2
  ), chain AS (
    SELECT m.row_id, m.began, p.position, p.previous, p.version FROM mine m
      CROSS JOIN LATERAL (SELECT position, previous, version FROM feed.position WHERE channel_id = $2 AND position = m.position LIMIT 1) p
    UNION ALL
    SELECT c.row_id, c.began, p.position, p.previous, p.version FROM chain c
      CROSS JOIN LATERAL (SELECT position, previous, version FROM feed.position WHERE channel_id = $2 AND position = c.previous LIMIT 1) p
     WHERE c.version > c.began
  ), during AS MATERIALIZED (
    SELECT row_id, position FROM chain WHERE version >= began
  ), span AS (
    SELECT min(position) AS lowest, max(position) AS highest FROM during
  ), alike AS (
    SELECT unnest($3::uuid[]) AS platform_id
  ), offered AS MATERIALIZED (${both((ledger) => told(ledger))}
  ), arrived AS MATERIALIZED (${both((ledger) => told(ledger, hasReceipt(ledger)))}
  )
  SELECT p.platform_id, o.name AS platform,
    (SELECT count(DISTINCT d.row_id)::integer FROM during d, offered f WHERE f.platform_id = p.platform_id AND f.positions @> d.position) AS offered,
    (SELECT count(DISTINCT d.row_id)::integer FROM during d, arrived f WHERE f.platform_id = p.platform_id AND f.positions @> d.position) AS fetched
    FROM alike p JOIN directory.organisation o ON o.id = p.platform_id`;

const COUNT = `SELECT count(*)::integer AS signals FROM (${ASSERTED} LIMIT ${MOST_SIGNALS + 1}) w`;

/** Tells an agency to which platforms its advisory was offered, and which have it. */
@Injectable()
export class AdvisoryReachReader {
  constructor(@Inject(DataSource) private readonly database: DataSource) {}

  /** @throws a rejection `TOC_ACCESS_NOT_FOUND`, the same for another agency's advisory as for none */
  async read(principal: Principal, advisoryId: string): Promise<AdvisoryReach> {
    const [advisory] = await query<{ agency_id: string }>(
      this.database,
      'SELECT agency_id FROM normaliser.advisory WHERE id = $1',
      [advisoryId],
    );
    authorise(principal, 'outcome:read', { organisationId: advisory?.agency_id ?? advisoryId });
    const found = await query<{ channel: string }>(this.database, CHANNELS, [advisoryId]);
    const channels = found.map(({ channel }) => channel);
    const known = await platformsOnChannels(this.database, channels);
    const platforms = new Map<string, PlatformGiven>();
    let [signals, partly] = [0, false];
    for (const channel of channels) {
      const [all] = await query<{ signals: number }>(this.database, COUNT, [advisoryId, channel]);
      const alike = known.alike.platforms.filter((_, index) => known.alike.channels[index] === channel);
      const given = await query<PlatformGiven>(this.database, GIVEN, [advisoryId, channel, alike]);
      for (const one of given) add(platforms, one);
      signals += Math.min(all?.signals ?? 0, MOST_SIGNALS);
      partly ||= (all?.signals ?? 0) > MOST_SIGNALS;
    }
    const named = [...platforms.values()].sort((a, b) => (a.platform_id < b.platform_id ? -1 : 1));
    return { advisory_id: advisoryId, signals, partly, platforms: named, followed_by_operators: known.others };
  }
}

function add(platforms: Map<string, PlatformGiven>, { platform_id, platform, offered, fetched }: PlatformGiven): void {
  const before = platforms.get(platform_id) ?? { platform_id, platform, offered: 0, fetched: 0 };
  platforms.set(platform_id, { ...before, offered: before.offered + offered, fetched: before.fetched + fetched });
}
