import type { DataSource, EntityManager } from 'typeorm';
import { connectorById } from '#libs/connectors';
import { query, withoutAudit } from '#libs/persistence';
import { publishedAtMs } from '../disclose-and-send/dispatch-metrics.js';
import { contentWithheld, hasNoReader, readStanding, type Withheld } from '../choose-records/standing.js';
import { readTargets } from '../own-subscriptions/read-targets.js';

/** How far one walk of one channel has come for one subscription. */
export interface WalkStatus {
  subscription_id: string;
  channel: string;
  walk: 'content' | 'withdrawals';
  /** Last position that was settled, and the channel's last one. */
  position: string;
  head: string;
  /** Records still to be looked at; superseded ones do not count. */
  lag: number;
  oldest_undelivered_at?: string;
  /** Why nothing of this walk goes at present: of withdrawals, only that nobody could read them. */
  withheld?: Withheld;
  endpoint: EndpointStatus;
  parked: number;
}

/** What is known of the endpoint that all channels of a subscription share. */
export interface EndpointStatus {
  state: 'working' | 'failing' | 'paused';
  failing_since?: string;
  paused_at?: string;
  paused_because?: string;
  last_detail?: string;
  last_sent_at?: string;
}

interface EndpointRow {
  failing_since: Date | null;
  paused_at: Date | null;
  paused_because: string | null;
  last_sent_at: Date | null;
  last_detail: string | null;
}

const MOST_COUNTED = 1_000_000;

const BEYOND = {
  content: `feed.row WHERE channel_id = $1 AND walk = 0 AND position > $2`,
  withdrawals: `feed.withdrawal WHERE channel_id = $1 AND position > $2`,
} as const;

/** Tells how far delivery has come for the subscriptions of a platform, channel by channel. */
export async function subscriptionStatus(database: DataSource, platformId: string): Promise<WalkStatus[]> {
  const targets = (await readTargets(database))
    .flatMap(({ targets: of }) => of)
    .filter((one) => one.platformId === platformId);
  const statuses: WalkStatus[] = [];
  for (const { subscriptionId, channelId } of targets) {
    const endpoint = await readEndpointStatus(database, subscriptionId);
    statuses.push(
      ...(await withoutAudit(database, (manager) => ofChannel(manager, subscriptionId, channelId, endpoint))),
    );
  }
  return statuses;
}

async function ofChannel(
  manager: EntityManager,
  subscriptionId: string,
  channelId: string,
  endpoint: EndpointStatus,
): Promise<WalkStatus[]> {
  const standing = await readStanding(manager, subscriptionId, channelId);
  if (!standing) return [];
  const connector = connectorById(standing.subscription.connector);
  const unread = connector && hasNoReader(standing, connector) ? 'no-reader' : undefined;
  const cursors = {
    content: standing.cursors.content ?? 0n,
    withdrawals: standing.cursors.withdrawals ?? standing.head,
  };
  const walks = ['withdrawals', 'content'] as const;
  return Promise.all(
    walks.map(async (walk): Promise<WalkStatus> => {
      const parameters = [channelId, cursors[walk].toString()];
      const [count] = await manager.query<{ lag: number }[]>(
        `SELECT count(*)::integer AS lag FROM (SELECT FROM ${BEYOND[walk]} LIMIT ${MOST_COUNTED}) beyond`,
        parameters,
      );
      const [oldest] = await manager.query<{ record: string }[]>(
        `SELECT record FROM ${BEYOND[walk]} ORDER BY position LIMIT 1`,
        parameters,
      );
      const [parked] = await manager.query<{ parked: number }[]>(
        `SELECT count(*)::integer AS parked FROM delivery.parked WHERE subscription_id = $1 AND channel_id = $2 AND walk = $3`,
        [subscriptionId, channelId, walk === 'content' ? 0 : 1],
      );
      const publishedAt = oldest && publishedAtMs(oldest.record);
      return {
        ...{ subscription_id: subscriptionId, channel: channelId, walk, endpoint },
        position: cursors[walk].toString(),
        head: standing.head.toString(),
        lag: count?.lag ?? 0,
        oldest_undelivered_at: publishedAt === undefined ? undefined : new Date(publishedAt).toISOString(),
        withheld: unread ?? (walk === 'content' ? contentWithheld(standing) : undefined),
        parked: parked?.parked ?? 0,
      };
    }),
  );
}

async function readEndpointStatus(database: DataSource, subscriptionId: string): Promise<EndpointStatus> {
  const [row] = await query<EndpointRow>(
    database,
    `SELECT failing_since, paused_at, paused_because, last_sent_at, last_detail FROM delivery.endpoint WHERE subscription_id = $1`,
    [subscriptionId],
  );
  return {
    state: row?.paused_at ? 'paused' : row?.failing_since ? 'failing' : 'working',
    failing_since: row?.failing_since?.toISOString(),
    paused_at: row?.paused_at?.toISOString(),
    paused_because: row?.paused_because ?? undefined,
    last_detail: row?.last_detail ?? undefined,
    last_sent_at: row?.last_sent_at?.toISOString(),
  };
}
