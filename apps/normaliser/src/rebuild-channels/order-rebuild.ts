import type { DataSource } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { NO_ITEMS, rejection } from '#libs/domain';
import { changeState } from '#libs/persistence';
import type { DirectoryReader } from '../read-directory/directory-snapshot.js';

/**
 * Orders the rebuild of a channel's topic as a job. Two operators decided it at the console; the job has the id of
 * their proposal, so that asking twice orders once.
 */
export async function orderRebuild(
  database: DataSource,
  directoryReader: DirectoryReader,
  principal: Principal,
  channelId: string,
  proposalId: string,
): Promise<{ id: string }> {
  authorise(principal, 'proposal:confirm');
  const channel = (await directoryReader.read()).channel(channelId);
  if (!channel) throw rejection('TOC_CHANNEL_UNKNOWN', 'there is no such channel');
  const id = proposalId;
  await changeState(database, 'normaliser', async (manager) => {
    await manager.query(
      `INSERT INTO normaliser.job (submission_id, kind, agency_id, person_id, format, parameters, bytes, bytes_left, lane, received_at, counts)
       VALUES ($1, 'rebuild', $2, $3, 'rebuild', $4, 0, 0, 1, now(), $5) ON CONFLICT DO NOTHING`,
      [
        id,
        principal.organisationId,
        principal.personId,
        JSON.stringify({ channel: channelId }),
        JSON.stringify(NO_ITEMS),
      ],
    );
    const audit = {
      actor: principal.personId,
      action: 'order-rebuild',
      subject: `channel/${channelId}`,
      detail: { job: id },
    };
    return { result: undefined, audit };
  });
  return { id };
}
