import type { DataSource } from 'typeorm';
import { connectorById, CONNECTORS, sends } from '#libs/connectors';
import { query } from '#libs/persistence';
import type { DeliveryTarget, Lane } from '../disclose-and-send/delivery-target.js';

/** Connectors that give everything once a day. */
const DAILY = CONNECTORS.filter((connector) => sends(connector) && connector.daily).map(({ id }) => id);

/** A full file that is due. */
export interface DueFile extends DeliveryTarget {
  /** One that was begun since then is the one that was due. */
  since: Date;
}

interface CandidateRow {
  id: string;
  platform_id: string;
  connector: string;
  settings: object;
  channel_id: string;
  lane: Lane;
  /** When the newest full file was begun, or the subscription. */
  last: Date;
}

/** Whatever may have content now, as far as that can be told without the channel; what is tried again later is left out. */
const CANDIDATES = `
  SELECT s.id, s.platform_id, s.connector, s.settings, c.channel_id, coalesce(h.priority, 'ordinary') AS lane,
    coalesce(f.begun_at, s.created_at) AS last
  FROM directory.subscription s
  JOIN directory.organisation o ON o.id = s.platform_id AND o.state = 'active'
  CROSS JOIN LATERAL unnest(s.channels) AS c (channel_id)
  LEFT JOIN directory.channel h ON h.id = c.channel_id
  LEFT JOIN delivery.full_file f ON f.subscription_id = s.id AND f.channel_id = c.channel_id
  WHERE s.connector = ANY ($1) AND s.state = 'active' AND coalesce(f.next_try_at <= now(), true)
  ORDER BY last, s.id, c.channel_id`;

/** The last time at or before this moment at which full files of an hour of UTC became due. */
export function lastDueAt(now: Date, hour: number): Date {
  const today = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate(), hour);
  return new Date(today <= now.getTime() ? today : today - 86_400_000);
}

/** Channels of subscriptions of which a full file is due, the one that waits longest first. */
export async function dueFiles(database: DataSource, now: Date): Promise<DueFile[]> {
  const rows = await query<CandidateRow>(database, CANDIDATES, [DAILY]);
  return rows.flatMap(({ id, platform_id, connector: word, settings, channel_id, lane, last }) => {
    const connector = connectorById(word);
    if (!connector || !sends(connector) || !connector.daily) return [];
    const since = lastDueAt(now, connector.daily.hourOf(settings));
    if (last >= since) return [];
    return [{ subscriptionId: id, platformId: platform_id, channelId: channel_id, lane, since }];
  });
}
