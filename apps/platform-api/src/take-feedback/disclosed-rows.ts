import type { EntityManager } from 'typeorm';
import { isCsea, type AboutRow } from '#libs/domain';
import type { RowRecord } from '#libs/events';
import { toldRows, type Ledger } from '#libs/feed';

/** A row of a channel by its key. */
export function rowKey({ channel, row_id }: AboutRow): string {
  return `${channel}/${row_id}`;
}

interface NewestPosition {
  channel_id: string;
  row_id: string;
  position: string;
  /** Whether it could be found by looking up: which rows were is not known. */
  could_be_found: boolean;
  /** Of such a row, if it is live. */
  record: string | null;
  /** Whether the platform may be told of abuse material. */
  receives_csea: boolean;
}

/** Subscriptions that may have been told of something, each with the ledger of its path. */
interface Path {
  id: string;
  ledger: Ledger;
}

/**
 * Finds out which rows a platform was ever told of as live, by whatever path, also of its own past. One that looks up was
 * told of any row that was live while it did.
 * @returns their keys, see {@link rowKey}
 */
export async function disclosedRows(
  manager: EntityManager,
  platformId: string,
  asked: readonly AboutRow[],
): Promise<Set<string>> {
  const disclosed = new Set<string>();
  if (asked.length === 0) return disclosed;
  const newest = await manager.query<NewestPosition[]>(
    `SELECT r.channel_id, r.row_id, r.position, l.could_be_found,
            CASE WHEN l.could_be_found AND r.live THEN r.record END AS record,
            (SELECT receives_csea FROM directory.organisation WHERE id = $3) AS receives_csea
       FROM (SELECT DISTINCT * FROM unnest($1::text[], $2::uuid[])) AS k(channel_id, row_id)
       CROSS JOIN LATERAL (
         SELECT channel_id, row_id, position, first_at, bulletin, live, look_up, record FROM feed.row f
          WHERE f.row_id = k.row_id AND f.channel_id = k.channel_id LIMIT 1) r
       CROSS JOIN LATERAL (SELECT EXISTS (
         SELECT FROM platform_api.look_up_user u JOIN directory.subscription s ON s.id = u.subscription_id
          WHERE u.channel_id = k.channel_id AND s.platform_id = $3 AND r.first_at <= u.until AND NOT r.bulletin
            AND CASE WHEN r.live THEN r.look_up IS NOT NULL ELSE r.position > u.from_position END) AS could_be_found) l`,
    [asked.map(({ channel }) => channel), asked.map(({ row_id }) => row_id), platformId],
  );
  for (const {
    channel_id: channel,
    row_id,
    could_be_found: couldBeFound,
    record,
    receives_csea: mayBeTold,
  } of newest) {
    const isAbuse = record !== null && isCsea((JSON.parse(record) as RowRecord).harms);
    if (couldBeFound && (mayBeTold || !isAbuse)) disclosed.add(rowKey({ channel, row_id }));
  }
  const byChannel = Map.groupBy(newest, ({ channel_id }) => channel_id);
  for (const [channelId, rows] of byChannel) {
    for (const { id, ledger } of await pathsOf(manager, platformId, channelId)) {
      const positions = rows.map(({ position }) => BigInt(position));
      const told = await toldRows({ manager, ledger, subscriptionId: id, channelId }, positions);
      rows.forEach(({ row_id }, index) => {
        if (told[index]) disclosed.add(rowKey({ channel: channelId, row_id }));
      });
    }
  }
  return disclosed;
}

/** Those by which anything of the channel was disclosed. */
function pathsOf(manager: EntityManager, platformId: string, channelId: string): Promise<Path[]> {
  const ledgers: Ledger[] = ['platform_api', 'delivery'];
  return manager.query<Path[]>(
    ledgers
      .map(
        (ledger) =>
          `SELECT s.id, '${ledger}' AS ledger FROM directory.subscription s WHERE s.platform_id = $1
              AND EXISTS (SELECT FROM ${ledger}.disclosed d WHERE d.subscription_id = s.id AND d.channel_id = $2)`,
      )
      .join(' UNION ALL '),
    [platformId, channelId],
  );
}
