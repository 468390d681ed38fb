import type { EntityManager } from 'typeorm';
import { rejection, type AudienceRule } from '#libs/domain';
import {
  admittedOf,
  disclosureTurn,
  notEntitled,
  stopsOn,
  type Admitted,
  type Entitlement,
  type StopInForce,
} from '#libs/feed';
import type { SubscriptionFilter } from '#libs/persistence';
import { NotYourTurn } from './in-turn.js';

/** Connectors of subscriptions by which a platform fetches. */
export type PullConnector = 'feed' | 'look-up' | 'hma';
const FEED_CONNECTOR: PullConnector = 'feed';

/** What decides what a platform may fetch of one channel by one subscription, at this moment. */
export interface PullStanding extends Entitlement {
  subscription: Entitlement['subscription'] & { leavePolicy: 'keep-until-expiry' | 'delete-all' };
  channel?: Entitlement['channel'] & { title: string };
  /** Last position of the channel; everything up to it is committed. */
  head: bigint;
}

interface StandingRow {
  is_turn: boolean;
  id: string;
  revision: number;
  state: 'active' | 'paused' | 'left';
  leave_policy: 'keep-until-expiry' | 'delete-all' | null;
  filter: SubscriptionFilter;
  listed: boolean;
  country: string;
  platform_kind: string | null;
  licences: string[];
  active: boolean;
  admitted: Admitted;
  channel: { title: string; audience: AudienceRule; drill: boolean } | null;
  head: string | null;
  stops: StopInForce[];
}

const standingSql = (turn: string): string => `
  SELECT ${turn} AS is_turn, s.id, s.revision, s.state, s.leave_policy, s.filter, $3 = ANY (s.channels) AS listed,
    o.country, o.platform_kind, o.licences, o.kind = 'platform' AND o.state = 'active' AS active,
    ${admittedOf('o')} AS admitted,
    (SELECT jsonb_build_object('title', title, 'audience', audience, 'drill', drill) FROM directory.channel WHERE id = $3) AS channel,
    (SELECT head FROM feed.channel WHERE channel_id = $3) AS head,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('scope', scope, 'subject', subject)), '[]')
       FROM directory.stop WHERE lifted_at IS NULL) AS stops
  FROM directory.subscription s JOIN directory.organisation o ON o.id = s.platform_id
  WHERE s.id = $2 AND s.platform_id = $1 AND s.connector = $4`;

const STANDING = standingSql('true');
const STANDING_IN_TURN = standingSql(disclosureTurn('$2', '$3'));

/**
 * Reads the standing for a transaction that is going to disclose, which is run by `inTurn`: others about the same channel and
 * subscription come again.
 * @throws a rejection `TOC_ACCESS_NOT_FOUND`, the same for another platform's subscription as for none
 */
export function readPullStanding(
  manager: EntityManager,
  platformId: string,
  subscriptionId: string,
  channelId: string,
  connector: PullConnector = FEED_CONNECTOR,
): Promise<PullStanding> {
  return readStanding(manager, STANDING_IN_TURN, [platformId, subscriptionId, channelId, connector]);
}

/** The same, for what is only looked at, or was disclosed before: nobody waits. */
export function readPullStandingNow(
  manager: EntityManager,
  platformId: string,
  subscriptionId: string,
  channelId: string,
  connector: PullConnector = FEED_CONNECTOR,
): Promise<PullStanding> {
  return readStanding(manager, STANDING, [platformId, subscriptionId, channelId, connector]);
}

async function readStanding(
  manager: EntityManager,
  sql: string,
  parameters: [platformId: string, subscriptionId: string, channelId: string, connector: PullConnector],
): Promise<PullStanding> {
  const [platformId, , channelId] = parameters;
  const [row] = await manager.query<StandingRow[]>(sql, parameters);
  if (!row) throw noSuchChannel();
  if (!row.is_turn) throw new NotYourTurn();
  return {
    platform: {
      ...{ id: platformId, country: row.country, kind: row.platform_kind ?? '' },
      ...{ licences: row.licences, active: row.active, admitted: row.admitted },
    },
    subscription: {
      ...{ id: row.id, revision: row.revision, state: row.state, listed: row.listed, filter: row.filter },
      leavePolicy: row.leave_policy ?? 'keep-until-expiry',
    },
    channel: row.channel ?? undefined,
    stops: stopsOn(channelId, row.stops),
    head: BigInt(row.head ?? 0),
  };
}

/** A channel that nothing was ever told of is told apart from none by nothing. */
export function noSuchChannel(): Error {
  return rejection('TOC_ACCESS_NOT_FOUND', 'There is no such channel for this key.');
}

/**
 * Whether a channel is not the platform's to read. Of one of which it was never told either, it must not learn that it is
 * there.
 */
export function isNobodys(standing: Entitlement): boolean {
  const because = notEntitled(standing);
  return because === 'subscription-left' || because === 'channel-not-listed' || because === 'not-admitted';
}

/** Whether anything of a channel was ever disclosed by a subscription. */
export async function wasTold(manager: EntityManager, subscriptionId: string, channelId: string): Promise<boolean> {
  const told = await manager.query<object[]>(
    'SELECT FROM platform_api.disclosed WHERE subscription_id = $1 AND channel_id = $2 AND live LIMIT 1',
    [subscriptionId, channelId],
  );
  return told.length > 0;
}

/** One channel of a subscription by which a platform fetches. */
export interface SubscribedChannel {
  subscriptionId: string;
  channelId: string;
}

/** One channel of a subscription by which a platform fetches, or fetched. */
export interface PullChannel extends SubscribedChannel {
  /** Whether the subscription names it now; otherwise something of it was disclosed before. */
  listed: boolean;
  /** Last position of the channel. */
  head: string;
  /** Whether something was given of which it is not known that it was fetched. */
  open: boolean;
}

/**
 * Channels that the platform fetches, or of which it was ever told anything: after it left, their withdrawals are still
 * its to have. Of each channel the subscription in force comes first.
 */
export async function pullChannels(
  manager: EntityManager,
  platformId: string,
  connector: PullConnector = FEED_CONNECTOR,
): Promise<PullChannel[]> {
  return manager.query<PullChannel[]>(
    `SELECT s.id AS "subscriptionId", t.id AS "channelId", t.listed,
            coalesce((SELECT head FROM feed.channel WHERE channel_id = t.id), 0)::text AS head,
            EXISTS (SELECT FROM platform_api.disclosure d
                     WHERE d.subscription_id = s.id AND d.channel_id = t.id AND d.fetched_at IS NULL) AS open
       FROM directory.subscription s
       CROSS JOIN LATERAL (
         -- From channel to channel along the index: a subscription may have millions of disclosures.
         WITH RECURSIVE told AS (
           SELECT (SELECT min(channel_id) FROM platform_api.disclosure WHERE subscription_id = s.id) AS id
           UNION ALL
           SELECT (SELECT min(channel_id) FROM platform_api.disclosure WHERE subscription_id = s.id AND channel_id > told.id)
             FROM told WHERE told.id IS NOT NULL
         )
         SELECT c.id, bool_or(c.listed) AS listed FROM (
           SELECT unnest(s.channels) AS id, true AS listed WHERE s.state <> 'left'
           UNION ALL
           SELECT id, false FROM told WHERE id IS NOT NULL
         ) c GROUP BY c.id
       ) t
      WHERE s.platform_id = $1 AND s.connector = $2
      ORDER BY t.id, t.listed DESC, s.created_at DESC, s.id`,
    [platformId, connector],
  );
}

/** Channels that the platform's subscriptions in force name: cheap, for those who ask often. */
export async function listedChannels(
  manager: EntityManager,
  platformId: string,
  connector: PullConnector = FEED_CONNECTOR,
): Promise<SubscribedChannel[]> {
  return manager.query<SubscribedChannel[]>(
    `SELECT s.id AS "subscriptionId", unnest(s.channels) AS "channelId"
       FROM directory.subscription s
      WHERE s.platform_id = $1 AND s.connector = $2 AND s.state <> 'left'
      ORDER BY s.created_at DESC, s.id`,
    [platformId, connector],
  );
}
