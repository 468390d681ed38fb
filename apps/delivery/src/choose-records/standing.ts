import type { EntityManager } from 'typeorm';
import type { Connector } from '#libs/connectors';
import type { AudienceRule } from '#libs/domain';
import type { Recovery } from '../send-again/recovery.js';
import {
  admittedOf,
  awaitDisclosureTurn,
  disclosureTurn,
  notEntitled,
  stopsOn,
  type Admitted,
  type Entitlement,
  type NotEntitled,
  type StopInForce,
} from '#libs/feed';
import type { SubscriptionFilter } from '#libs/persistence';

/** Everything that decides what one subscription may receive of one channel, as it is at this moment. */
export interface Standing extends Entitlement {
  platform: Entitlement['platform'] & { holdsKafkaUser: boolean };
  subscription: Entitlement['subscription'] & {
    leavePolicy: 'keep-until-expiry' | 'delete-all';
    connector: string;
    settings: object;
    sealedSecrets: Buffer;
  };
  endpointPaused: boolean;
  /** Whether records of this channel are parked for this subscription. */
  parked: boolean;
  /** Whether withdrawals lie beyond the cursor. */
  withdrawalsWait: boolean;
  /** Last position of the channel; everything up to it is committed. */
  head: bigint;
  /** Cursors; undefined where nothing was walked yet. Withdrawals are walked once, whatever the revision. */
  cursors: { withdrawals?: bigint; content?: bigint; ended?: bigint };
  /** What is walked once more under this revision, by walk. */
  recoveries: Partial<Record<0 | 1, Recovery>>;
}

/** Why no content is sent to a subscription now; withdrawals are in any case. */
export type Withheld = NotEntitled | 'endpoint-paused' | 'no-reader';

/** Whether nobody could read what is sent, withdrawals included: they stay owed until somebody can. */
export function hasNoReader({ platform }: Standing, { readWith }: Pick<Connector, 'readWith'>): boolean {
  return readWith === 'kafka-user' && !platform.holdsKafkaUser;
}

/** Says why content must not be sent; undefined when it may. */
export function contentWithheld(standing: Standing): Withheld | undefined {
  return notEntitled(standing) ?? (standing.endpointPaused ? 'endpoint-paused' : undefined);
}

/** Whether the membership is over for good: then it is said so once, and only withdrawals follow. */
export function membershipIsOver({ subscription }: Standing): boolean {
  return subscription.state === 'left' || !subscription.listed;
}

interface StandingRow {
  is_turn: boolean;
  platform_id: string;
  licences: string[];
  country: string;
  platform_kind: string | null;
  platform_active: boolean;
  admitted: Admitted;
  holds_kafka_user: boolean;
  revision: number;
  state: 'active' | 'paused' | 'left';
  leave_policy: 'keep-until-expiry' | 'delete-all' | null;
  listed: boolean;
  connector: string;
  settings: object;
  sealed_secrets: Buffer;
  filter: SubscriptionFilter;
  channel: { audience: AudienceRule; drill: boolean } | null;
  endpoint_paused: boolean;
  parked: boolean;
  withdrawals_wait: boolean;
  stops: StopInForce[];
  head: string | null;
  withdrawals: string | null;
  /** Positions of this revision, by walk. */
  cursors: Partial<Record<0 | 1 | 2, string>> | null;
  /** Position and end of recoveries of this revision, by walk. */
  recoveries: Partial<Record<0 | 1, [position: string, until: string]>> | null;
}

/** Look-ups by key rather than joins: there are many, and planning a join of all would cost more than running it. */
const read = (turn: string): string => `
  SELECT ${turn} AS is_turn, s.platform_id, o.country, o.platform_kind, o.licences, o.kind = 'platform' AND o.state = 'active' AS platform_active,
    ${admittedOf('o')} AS admitted,
    EXISTS (SELECT FROM directory.kafka_user WHERE platform_id = o.id AND state = 'granted') AS holds_kafka_user,
    s.revision, s.state, s.leave_policy, $2 = ANY (s.channels) AS listed, s.connector, s.settings, s.sealed_secrets,
    s.filter, w.position AS withdrawals,
    (SELECT jsonb_build_object('audience', audience, 'drill', drill) FROM directory.channel WHERE id = $2) AS channel,
    (SELECT head FROM feed.channel WHERE channel_id = $2) AS head,
    EXISTS (SELECT FROM delivery.endpoint WHERE subscription_id = $1 AND paused_at IS NOT NULL) AS endpoint_paused,
    EXISTS (SELECT FROM delivery.parked WHERE subscription_id = $1 AND channel_id = $2) AS parked,
    EXISTS (SELECT FROM feed.withdrawal WHERE channel_id = $2 AND position > w.position) AS withdrawals_wait,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('scope', scope, 'subject', subject)), '[]')
       FROM directory.stop WHERE lifted_at IS NULL) AS stops,
    (SELECT jsonb_object_agg(walk, position::text) FROM delivery.cursor
       WHERE subscription_id = $1 AND channel_id = $2 AND revision = s.revision) AS cursors,
    (SELECT jsonb_object_agg(walk, jsonb_build_array(position::text, until_position::text)) FROM delivery.recovery
       WHERE subscription_id = $1 AND channel_id = $2 AND (walk = 1 OR revision = s.revision)) AS recoveries
  FROM directory.subscription s
  JOIN directory.organisation o ON o.id = s.platform_id
  CROSS JOIN LATERAL (
    SELECT max(position) AS position FROM delivery.cursor
    WHERE subscription_id = $1 AND channel_id = $2 AND walk = 1
  ) w
  WHERE s.id = $1`;

const UNLOCKED = read('true');
const LOCKED = read(disclosureTurn('$1', '$2'));

const position = (text?: string | null): bigint | undefined => (text ? BigInt(text) : undefined);
const recovery = (given?: [position: string, until: string]): Recovery | undefined =>
  given && { position: BigInt(given[0]), until: BigInt(given[1]) };

/**
 * Reads the standing; undefined when there is no such subscription.
 * @param lock `locked` for a transaction that is going to disclose
 */
export async function readStanding(
  manager: EntityManager,
  subscriptionId: string,
  channelId: string,
  lock: 'locked' | 'unlocked' = 'unlocked',
): Promise<Standing | undefined> {
  const statement = lock === 'locked' ? LOCKED : UNLOCKED;
  let [row] = await manager.query<StandingRow[]>(statement, [subscriptionId, channelId]);
  if (row && !row.is_turn) {
    // Another process believes that it owns the subscription: what it disclosed until now has to be seen.
    await awaitDisclosureTurn(manager, subscriptionId, channelId);
    [row] = await manager.query<StandingRow[]>(UNLOCKED, [subscriptionId, channelId]);
  }
  if (!row) return undefined;
  return {
    platform: {
      id: row.platform_id,
      country: row.country,
      kind: row.platform_kind ?? '',
      licences: row.licences,
      active: row.platform_active,
      admitted: row.admitted,
      holdsKafkaUser: row.holds_kafka_user,
    },
    subscription: {
      id: subscriptionId,
      revision: row.revision,
      state: row.state,
      leavePolicy: row.leave_policy ?? 'keep-until-expiry',
      listed: row.listed,
      connector: row.connector,
      settings: row.settings,
      sealedSecrets: row.sealed_secrets,
      filter: row.filter,
    },
    channel: row.channel ?? undefined,
    endpointPaused: row.endpoint_paused,
    parked: row.parked,
    withdrawalsWait: row.withdrawals_wait,
    stops: stopsOn(channelId, row.stops),
    head: BigInt(row.head ?? 0),
    cursors: {
      withdrawals: position(row.withdrawals),
      content: position(row.cursors?.[0]),
      ended: position(row.cursors?.[2]),
    },
    recoveries: { 0: recovery(row.recoveries?.[0]), 1: recovery(row.recoveries?.[1]) },
  };
}
