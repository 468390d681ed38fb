import type { DataSource } from 'typeorm';
import { rejection } from '#libs/domain';
import { query, type Lane } from '#libs/persistence';

/** The channels that a submission is for, as the directory knows them. */
export interface NamedChannels {
  /** 0 when any of them is an emergency channel. */
  lane: Lane;
  /** Named, and not open. */
  unknown: string[];
}

/**
 * Looks up the channels of a submission.
 * @param named ids that the submitter named; absent: the agency's default channels, of which none is unknown
 */
export async function lookUpChannels(
  database: DataSource,
  agencyId: string,
  named: readonly string[] | undefined,
): Promise<NamedChannels> {
  const open = await query<{ id: string; priority: string }>(
    database,
    `SELECT id, priority FROM directory.channel WHERE state = 'open'
        AND id = ANY (COALESCE($2::text[], (SELECT default_channels FROM directory.organisation WHERE id = $1)))`,
    [agencyId, named ?? null],
  );
  const known = new Set(open.map(({ id }) => id));
  return {
    lane: open.some(({ priority }) => priority === 'emergency') ? 0 : 1,
    unknown: [...new Set(named)].filter((id) => !known.has(id)),
  };
}

/** Refuses names of channels that are not open, so that a slip of the pen is noticed at once. */
export function refuseUnknown({ unknown }: NamedChannels): void {
  if (unknown.length === 0) return;
  throw rejection('TOC_CHANNEL_UNKNOWN', 'a channel does not exist or is closed', { channels: unknown });
}

/**
 * Looks up named channels and refuses those that are not open.
 * @throws a rejection `TOC_CHANNEL_UNKNOWN` whose fact `channels` names them
 */
export async function refuseUnknownChannels(database: DataSource, named: readonly string[] | undefined): Promise<void> {
  if (named && named.length > 0) refuseUnknown(await lookUpChannels(database, NO_AGENCY, named));
}

/** Named channels need no agency. */
const NO_AGENCY = '00000000-0000-0000-0000-000000000000';
