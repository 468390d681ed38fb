import type { DataSource } from 'typeorm';
import { rejection } from '#libs/domain';
import { query, type Lane } from '#libs/persistence';

/**
 * Refuses names of channels that are not open, so that a slip of the pen is noticed at once.
 * @throws a rejection `TOC_CHANNEL_UNKNOWN` whose fact `channels` names them
 */
export async function refuseUnknownChannels(database: DataSource, named: readonly string[] | undefined): Promise<void> {
  if (!named || named.length === 0) return;
  const open = await query<{ id: string }>(
    database,
    `SELECT id FROM directory.channel WHERE id = ANY ($1) AND state = 'open'`,
    [named],
  );
  const known = new Set(open.map(({ id }) => id));
  const channels = [...new Set(named)].filter((id) => !known.has(id));
  if (channels.length > 0)
    throw rejection('TOC_CHANNEL_UNKNOWN', 'a channel does not exist or is closed', { channels });
}

/** 0 when any of the channels is an emergency channel; without names, of the agency's default channels. */
export async function laneOf(
  database: DataSource,
  agencyId: string,
  named: readonly string[] | undefined,
): Promise<Lane> {
  const [row] = await query<{ urgent: boolean }>(
    database,
    `SELECT EXISTS (
       SELECT FROM directory.channel WHERE priority = 'emergency' AND state = 'open'
        AND id = ANY (COALESCE($2::text[], (SELECT default_channels FROM directory.organisation WHERE id = $1)))) AS urgent`,
    [agencyId, named ?? null],
  );
  return row?.urgent ? 0 : 1;
}
