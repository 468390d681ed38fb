import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { LONGEST_RANGE, type Ledger } from '#libs/feed';
import { query } from '#libs/persistence';

/** How far the newest version of a row has come, in numbers of platforms. No stage is taken for another. */
export interface Reach {
  channel: string;
  row_id: string;
  version: number;
  /** Whether the newest version is live; otherwise it is a withdrawal. */
  live: boolean;
  /** Platforms that were ever told of the row as live: as many have to be told of its end. */
  told: number;
  /** Of those, to whom the newest version was disclosed; of which there is evidence that it was sent, or fetched. */
  disclosed: number;
  sent: number;
  fetched: number;
  /** Of those, whose own word about this version there is, and what it was last. */
  confirmed: number;
  outcomes: Record<string, number>;
  /** Platforms that were told of the row and have said nothing of this version, with how far it has come to them. */
  unconfirmed: { platform_id: string; stage: 'not-disclosed' | 'disclosed' | 'sent' | 'fetched' }[];
}

interface PlatformStage {
  platform_id: string;
  disclosed: boolean;
  sent: boolean;
  fetched: boolean;
  outcome: string | null;
}

/** What disclosures of a ledger say about a position. */
const covering = (ledger: Ledger, position: string): string =>
  `FROM ${ledger}.disclosed d WHERE d.subscription_id = s.id AND d.channel_id = $1
     AND d.to_position >= ${position} AND d.from_position BETWEEN ${position} - ${LONGEST_RANGE} AND ${position}`;
const arrived = (ledger: Ledger): string =>
  `EXISTS (SELECT ${covering(ledger, '$3::bigint')} AND EXISTS (
     SELECT FROM ${ledger}.receipt r WHERE r.disclosure_id = d.disclosure_id))`;

/**
 * Each platform once, by whatever paths it has. Positions of the row are followed back from the newest, one by one, and only
 * subscriptions that were ever told of its channel are looked at.
 */
const STAGES = `
  WITH RECURSIVE chain AS (
    SELECT position, previous FROM feed.position WHERE channel_id = $1 AND position = $3::bigint
    UNION ALL
    SELECT p.position, p.previous FROM chain c
    CROSS JOIN LATERAL (
      SELECT position, previous FROM feed.position WHERE channel_id = $1 AND position = c.previous LIMIT 1) p
  ), stage AS (
    SELECT s.platform_id,
      EXISTS (SELECT FROM chain c WHERE EXISTS (SELECT ${covering('delivery', 'c.position')} AND d.live)
              OR EXISTS (SELECT ${covering('platform_api', 'c.position')} AND d.live)) AS told,
      EXISTS (SELECT ${covering('delivery', '$3::bigint')}) OR EXISTS (SELECT ${covering('platform_api', '$3::bigint')}) AS disclosed,
      ${arrived('delivery')} AS sent,
      ${arrived('platform_api')} AS fetched
    FROM directory.subscription s
    WHERE EXISTS (SELECT FROM delivery.disclosed d WHERE d.subscription_id = s.id AND d.channel_id = $1)
       OR EXISTS (SELECT FROM platform_api.disclosed d WHERE d.subscription_id = s.id AND d.channel_id = $1)
  )
  SELECT platform_id, bool_or(disclosed) AS disclosed, bool_or(sent) AS sent, bool_or(fetched) AS fetched,
    (SELECT f.said->>'outcome' FROM platform_api.feedback f
      WHERE f.row_id = $2 AND f.kind = 'confirmation' AND f.channel_id = $1 AND f.platform_id = stage.platform_id
        AND (f.said->>'version')::bigint = $4::bigint
      ORDER BY f.received_at DESC, f.id DESC LIMIT 1) AS outcome
  FROM stage GROUP BY platform_id HAVING bool_or(told) ORDER BY platform_id`;

function stageOf({ disclosed, sent, fetched }: PlatformStage): Reach['unconfirmed'][number]['stage'] {
  if (fetched) return 'fetched';
  if (sent) return 'sent';
  return disclosed ? 'disclosed' : 'not-disclosed';
}

/** Tells operators and overseers how far a row, or its end, has come. */
@Injectable()
export class ReachReader {
  constructor(@Inject(DataSource) private readonly database: DataSource) {}

  /** @throws a rejection `TOC_ACCESS_NOT_FOUND` when the channel has no such row */
  async read(principal: Principal, channel: string, rowId: string): Promise<Reach> {
    authorise(principal, 'reach:read');
    const [row] = await query<{ position: string; version: number; live: boolean }>(
      this.database,
      'SELECT position, version, live FROM feed.row WHERE row_id = $1 AND channel_id = $2',
      [rowId, channel],
    );
    if (!row) throw rejection('TOC_ACCESS_NOT_FOUND', 'the channel has no such row');
    const { position, version, live } = row;
    const platforms = await query<PlatformStage>(this.database, STAGES, [channel, rowId, position, version]);
    const confirmed = platforms.filter(({ outcome }) => outcome !== null);
    const byOutcome = Map.groupBy(confirmed, ({ outcome }) => outcome ?? '');
    return {
      ...{ channel, row_id: rowId, version, live },
      told: platforms.length,
      disclosed: platforms.filter(({ disclosed }) => disclosed).length,
      sent: platforms.filter(({ sent }) => sent).length,
      fetched: platforms.filter(({ fetched }) => fetched).length,
      confirmed: confirmed.length,
      outcomes: Object.fromEntries([...byOutcome].map(([outcome, those]) => [outcome, those.length])),
      unconfirmed: platforms
        .filter(({ outcome }) => outcome === null)
        .map((platform) => ({ platform_id: platform.platform_id, stage: stageOf(platform) })),
    };
  }
}
