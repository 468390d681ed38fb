import type { DataSource } from 'typeorm';
import type { AudienceRule } from '#libs/domain';
import { admittedOf, notEntitled, stopsOn, type Admitted, type StopInForce } from '#libs/feed';
import { query, type SubscriptionFilter } from '#libs/persistence';
import { statesAll } from '../close-duties/states-all.js';

/** Platforms on channels, as far as they bear on what an agency may be told. */
export interface PlatformsOnChannels {
  /** Pairs of channel and platform that receive alike, whether anybody else says the same as the agency or not. */
  alike: { channels: string[]; platforms: string[] };
  /** How many others there are; of those, how many stated by what they signed what became of everything. */
  others: number;
  stated: number;
}

interface SubscriptionRow {
  platform_id: string;
  channel_id: string;
  id: string;
  revision: number;
  state: 'active' | 'paused' | 'left';
  filter: SubscriptionFilter;
  country: string;
  platform_kind: string | null;
  licences: string[];
  active: boolean;
  admitted: Admitted;
  audience: AudienceRule | null;
  endpoint_paused: boolean;
  stated: boolean;
}

const ON_CHANNELS = `
  SELECT s.platform_id, c.id AS channel_id, s.id, s.revision, s.state, s.filter, o.country, o.platform_kind, o.licences,
    o.kind = 'platform' AND o.state = 'active' AS active, h.audience, ${admittedOf('o')} AS admitted,
    EXISTS (SELECT FROM delivery.endpoint e WHERE e.subscription_id = s.id AND e.paused_at IS NOT NULL) AS endpoint_paused,
    EXISTS (SELECT FROM platform_api.closing_statement t WHERE t.platform_id = s.platform_id AND ${statesAll('t')}) AS stated
  FROM unnest($1::text[]) AS c(id)
  JOIN directory.subscription s ON c.id = ANY (s.channels)
  JOIN directory.organisation o ON o.id = s.platform_id
  LEFT JOIN directory.channel h ON h.id = c.id`;

/**
 * Tells the platforms apart that an agency may follow by itself. A row that lives on by another's word is told as content,
 * one that does not as a withdrawal; and what another says changes what passes a filter on what rows say in sum. Only who is
 * entitled to content now, without such a filter, receives something in either case. Everything here comes from the
 * directory, nothing from rows, so that it cannot tell which case it is (I17).
 */
export async function platformsOnChannels(
  database: DataSource,
  channels: readonly string[],
): Promise<PlatformsOnChannels> {
  const rows = await query<SubscriptionRow>(database, ON_CHANNELS, [channels]);
  const stops = await query<StopInForce>(database, 'SELECT scope, subject FROM directory.stop WHERE lifted_at IS NULL');
  const alike = new Map<string, SubscriptionRow>();
  for (const row of rows) if (receivesAlike(row, stops)) alike.set(`${row.channel_id}/${row.platform_id}`, row);
  const others = new Map(
    rows.filter((row) => !alike.has(`${row.channel_id}/${row.platform_id}`)).map((row) => [row.platform_id, row]),
  );
  return {
    alike: {
      channels: [...alike.values()].map(({ channel_id }) => channel_id),
      platforms: [...alike.values()].map(({ platform_id }) => platform_id),
    },
    others: others.size,
    stated: [...others.values()].filter(({ stated }) => stated).length,
  };
}

function receivesAlike(row: SubscriptionRow, stops: readonly StopInForce[]): boolean {
  const { filter, endpoint_paused: endpointPaused, audience, channel_id: channelId, admitted } = row;
  // Another's word may say that it is abuse material.
  if (endpointPaused || !admitted.csea || filter.harms || filter.languages || filter.ceilings) return false;
  const because = notEntitled({
    platform: {
      ...{ id: row.platform_id, country: row.country, kind: row.platform_kind ?? '' },
      ...{ licences: row.licences, active: row.active, admitted },
    },
    subscription: { id: row.id, revision: row.revision, state: row.state, listed: true, filter },
    ...(audience && { channel: { audience, drill: false } }),
    stops: stopsOn(channelId, stops),
  });
  return because === undefined;
}
