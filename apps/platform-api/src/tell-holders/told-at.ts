import { LONGEST_RANGE, type Ledger } from '#libs/feed';

const covering = (ledger: Ledger, subscription: string, channel: string, position: string): string => `
  SELECT d.live, d.revision, EXISTS (SELECT FROM ${ledger}.receipt r WHERE r.disclosure_id = d.disclosure_id) AS arrived
    FROM ${ledger}.disclosed d WHERE d.subscription_id = ${subscription} AND d.channel_id = ${channel}
     AND d.to_position >= ${position} AND d.from_position BETWEEN ${position} - ${LONGEST_RANGE} AND ${position}`;

/**
 * SQL that says in one row what a platform was told of one position, by whatever paths it has: `shown`, that it was
 * disclosed as live and not ended there afterwards, and `arrived`, that there is evidence of something told. What was
 * disclosed as live may have arrived without evidence; what ends it counts only with it.
 * @param platform SQL expressions of the platform's id, the channel's and the position
 */
export const toldAt = (platform: string, channel: string, position: string): string => `
  SELECT coalesce(bool_or(o.live_revision IS NOT NULL AND (o.end_revision IS NULL OR o.end_revision < o.live_revision)), false) AS shown,
    coalesce(bool_or(o.arrived), false) AS arrived
  FROM (
    SELECT max(d.revision) FILTER (WHERE d.live) AS live_revision,
      max(d.revision) FILTER (WHERE NOT d.live AND d.arrived) AS end_revision, bool_or(d.arrived) AS arrived
      FROM directory.subscription s
      CROSS JOIN LATERAL (${covering('delivery', 's.id', channel, position)} UNION ALL ${covering('platform_api', 's.id', channel, position)}) d
     WHERE s.platform_id = ${platform} GROUP BY s.id
  ) o`;
