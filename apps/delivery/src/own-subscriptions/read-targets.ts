import type { DataSource } from 'typeorm';
import { SENDING_CONNECTORS } from '#libs/connectors';
import { query } from '#libs/persistence';
import type { DeliveryTarget, Lane } from '../disclose-and-send/delivery-target.js';

/** A subscription to be driven and everything whose change is a reason to look again. */
export interface SubscriptionTargets {
  subscriptionId: string;
  targets: DeliveryTarget[];
  /** Changes whenever something changed that decides what may be delivered. */
  fingerprint: string;
  endpointPaused: boolean;
  endpointFailingSince?: Date;
}

interface TargetRow {
  id: string;
  platform_id: string;
  revision: number;
  state: string;
  platform_state: string;
  changed_at: Date;
  endpoint_paused: boolean;
  holds_kafka_user: boolean;
  failing_since: Date | null;
  channels: { id: string; priority: Lane }[] | null;
}

/**
 * All subscriptions that are sent something or may still have to be told something: the channels that an active one lists,
 * and those of which anything was ever disclosed, for their withdrawals.
 */
const READ = `
  SELECT s.id, s.platform_id, s.revision, s.state, o.state AS platform_state, s.changed_at,
    e.paused_at IS NOT NULL AS endpoint_paused, e.failing_since,
    EXISTS (SELECT FROM directory.kafka_user WHERE platform_id = o.id AND state = 'granted') AS holds_kafka_user,
    (SELECT jsonb_agg(jsonb_build_object('id', t.id, 'priority', coalesce(c.priority, 'ordinary')) ORDER BY t.id)
     FROM (
       SELECT unnest(s.channels) AS id WHERE s.state <> 'left'
       UNION
       SELECT p.channel_id FROM delivery.cursor p
       WHERE p.subscription_id = s.id AND (s.state = 'left' OR p.channel_id <> ALL (s.channels)) AND EXISTS (
         SELECT FROM delivery.disclosed d WHERE d.subscription_id = p.subscription_id AND d.channel_id = p.channel_id)
     ) t LEFT JOIN directory.channel c ON c.id = t.id) AS channels
  FROM directory.subscription s
  JOIN directory.organisation o ON o.id = s.platform_id
  LEFT JOIN delivery.endpoint e ON e.subscription_id = s.id
  WHERE s.connector = ANY ($1)`;

export async function readTargets(database: DataSource): Promise<SubscriptionTargets[]> {
  const rows = await query<TargetRow>(database, READ, [SENDING_CONNECTORS]);
  return rows.map((row) => {
    const channels = row.channels ?? [];
    return {
      subscriptionId: row.id,
      targets: channels.map(({ id, priority }) => ({
        subscriptionId: row.id,
        platformId: row.platform_id,
        channelId: id,
        lane: priority,
      })),
      fingerprint: JSON.stringify([
        ...[row.revision, row.state, row.platform_state, row.changed_at, row.endpoint_paused, row.holds_kafka_user],
      ]),
      endpointPaused: row.endpoint_paused,
      endpointFailingSince: row.failing_since ?? undefined,
    };
  });
}

/** What is the same for everybody: the stops in force, and the last position of each channel. */
export async function readHeads(database: DataSource): Promise<{ stops: string; heads: Map<string, string> }> {
  const [row] = await query<{ stops: string; heads: Record<string, string> }>(
    database,
    `SELECT (SELECT coalesce(string_agg(id::text, ',' ORDER BY id), '') FROM directory.stop WHERE lifted_at IS NULL) AS stops,
       (SELECT coalesce(jsonb_object_agg(channel_id, head::text), '{}') FROM feed.channel) AS heads`,
  );
  return { stops: row?.stops ?? '', heads: new Map(Object.entries(row?.heads ?? {})) };
}
