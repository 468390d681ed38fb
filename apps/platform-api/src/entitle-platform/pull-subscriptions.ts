import type { EntityManager } from 'typeorm';
import { rejection, type AudienceRule } from '#libs/domain';
import { disclosureLock, stopsOn, type Entitlement, type StopInForce } from '#libs/feed';
import type { SubscriptionFilter } from '#libs/persistence';

/** Subscriptions by which a platform fetches. */
const FEED_CONNECTOR = 'feed';

/** What decides what a platform may fetch of one channel by one subscription, at this moment. */
export interface PullStanding extends Entitlement {
  subscription: Entitlement['subscription'] & { leavePolicy: 'keep-until-expiry' | 'delete-all' };
  /** Last position of the channel; everything up to it is committed. */
  head: bigint;
}

interface StandingRow {
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
  channel: { audience: AudienceRule; drill: boolean } | null;
  head: string | null;
  stops: StopInForce[];
}

const STANDING = `
  SELECT s.id, s.revision, s.state, s.leave_policy, s.filter, $3 = ANY (s.channels) AS listed,
    o.country, o.platform_kind, o.licences, o.kind = 'platform' AND o.state = 'active' AS active,
    (SELECT jsonb_build_object('audience', audience, 'drill', drill) FROM directory.channel WHERE id = $3) AS channel,
    (SELECT head FROM feed.channel WHERE channel_id = $3) AS head,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('scope', scope, 'subject', subject)), '[]')
       FROM directory.stop WHERE lifted_at IS NULL) AS stops
  FROM directory.subscription s JOIN directory.organisation o ON o.id = s.platform_id
  CROSS JOIN (SELECT ${disclosureLock('$2', '$3')}) l
  WHERE s.id = $2 AND s.platform_id = $1 AND s.connector = '${FEED_CONNECTOR}'`;

/**
 * Reads the standing for a transaction that is going to disclose; others about the same channel and subscription wait.
 * @throws a rejection `TOC_ACCESS_NOT_FOUND`, the same for another platform's subscription as for none
 */
export async function readPullStanding(
  manager: EntityManager,
  platformId: string,
  subscriptionId: string,
  channelId: string,
): Promise<PullStanding> {
  const [row] = await manager.query<StandingRow[]>(STANDING, [platformId, subscriptionId, channelId]);
  if (!row) throw noSuchChannel();
  return {
    platform: {
      ...{ id: platformId, country: row.country, kind: row.platform_kind ?? '' },
      ...{ licences: row.licences, active: row.active },
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

/** One channel of a subscription by which a platform fetches, or fetched. */
export interface PullChannel {
  subscriptionId: string;
  channelId: string;
  /** Whether the subscription names it now; otherwise something of it was disclosed before. */
  listed: boolean;
}

/**
 * Channels that the platform fetches, or of which it was ever told anything: after it left, their withdrawals are still
 * its to have. Of each channel the subscription in force comes first.
 */
export async function pullChannels(manager: EntityManager, platformId: string): Promise<PullChannel[]> {
  return manager.query<PullChannel[]>(
    `SELECT s.id AS "subscriptionId", t.id AS "channelId", t.listed
       FROM directory.subscription s
       CROSS JOIN LATERAL (
         SELECT c.id, bool_or(c.listed) AS listed FROM (
           SELECT unnest(s.channels) AS id, true AS listed WHERE s.state <> 'left'
           UNION ALL
           SELECT DISTINCT d.channel_id, false FROM platform_api.disclosure d WHERE d.subscription_id = s.id
         ) c GROUP BY c.id
       ) t
      WHERE s.platform_id = $1 AND s.connector = '${FEED_CONNECTOR}'
      ORDER BY t.id, t.listed DESC, s.created_at DESC, s.id`,
    [platformId],
  );
}
