import type { DataSource, EntityManager } from 'typeorm';
import { rejection } from '#libs/domain';
import { changeState } from '#libs/persistence';
import { countAsking, noSuchChannel, wakeDrivers } from './asked-again.js';

/** From where channels are walked once more: a moment, or a position of one channel. */
export interface RecoveryAsked {
  since?: Date;
  position?: bigint;
  /** Absent for all channels of the subscription. */
  channel?: string;
}

/** What is walked once more of one channel. */
export interface RecoveryView {
  channel: string;
  walk: 'content' | 'withdrawals';
  from_position: string;
  until_position: string;
}

const CHANNELS = `
  SELECT DISTINCT channel_id FROM delivery.cursor WHERE subscription_id = $1 AND ($2::text IS NULL OR channel_id = $2)
  ORDER BY channel_id`;

/** The position before the first that was added at the moment or later. A batch that was under way then goes whole. */
const BEFORE = `
  SELECT coalesce((SELECT first_position - 1 FROM feed.addition
    WHERE channel_id = $1 AND added_at >= $2 ORDER BY added_at LIMIT 1), (SELECT head FROM feed.channel WHERE channel_id = $1), 0)
  AS position`;

/** Up to where each walk came. Asked again from later on, a recovery under way stays as it is. */
const BEGIN = `
  INSERT INTO delivery.recovery AS r (subscription_id, channel_id, walk, revision, position, until_position)
  SELECT $1, $2, c.walk, s.revision, $3, c.position
  FROM directory.subscription s
  CROSS JOIN LATERAL (
    SELECT walk, max(position) AS position FROM delivery.cursor
    WHERE subscription_id = $1 AND channel_id = $2 AND (walk = 1 OR walk = 0 AND revision = s.revision) GROUP BY walk
  ) c
  WHERE s.id = $1 AND c.position > $3
  ON CONFLICT (subscription_id, channel_id, walk) DO UPDATE SET revision = excluded.revision,
    position = CASE WHEN r.revision = excluded.revision THEN least(r.position, excluded.position) ELSE excluded.position END,
    until_position = greatest(r.until_position, excluded.until_position)
  RETURNING walk, position, until_position`;

/**
 * Has channels walked once more from a moment or position on, up to where they were walked: withdrawals first, then what is
 * live and still passes, each as the same record under the same event id (I8). The cursors stay where they are, so that
 * nothing new is lost by it; it is as much work as there are live rows beyond the position, in the turns of this
 * subscription alone.
 * @throws rejections `TOC_ACCESS_NOT_FOUND`, `TOC_REQUEST_PARAMETER`, a transient `TOC_REQUEST_TOO_MANY`
 */
export async function recover(
  database: DataSource,
  subscriptionId: string,
  asked: RecoveryAsked,
  actor: string,
): Promise<RecoveryView[]> {
  const { since, position, channel } = asked;
  if ((since === undefined) === (position === undefined) || (position !== undefined && channel === undefined))
    throw rejection('TOC_REQUEST_PARAMETER', 'Say a moment, or a channel and a position of it.');
  return changeState(database, 'delivery', async (manager) => {
    const channels = await manager.query<{ channel_id: string }[]>(CHANNELS, [subscriptionId, channel ?? null]);
    if (channels.length === 0 && channel !== undefined) throw noSuchChannel();
    await countAsking(manager, subscriptionId, 'recover');
    const begun: RecoveryView[] = [];
    for (const { channel_id } of channels) begun.push(...(await begin(manager, subscriptionId, channel_id, asked)));
    await wakeDrivers(
      manager,
      channels.map(({ channel_id }) => channel_id),
    );
    const detail = { ...(since && { since: since.toISOString() }), ...(channel && { channel }), walks: begun.length };
    const audit = { actor, action: 'recover', subject: `subscription/${subscriptionId}`, detail };
    return { result: begun, audit };
  });
}

async function begin(
  manager: EntityManager,
  subscriptionId: string,
  channel: string,
  { since, position }: RecoveryAsked,
): Promise<RecoveryView[]> {
  const from =
    position ?? BigInt((await manager.query<{ position: string }[]>(BEFORE, [channel, since]))[0]?.position ?? 0);
  const begun = await manager.query<{ walk: 0 | 1; position: string; until_position: string }[]>(BEGIN, [
    ...[subscriptionId, channel, from.toString()],
  ]);
  return begun
    .sort((a, b) => b.walk - a.walk)
    .map(({ walk, position: from_position, until_position }) => ({
      ...{ channel, walk: walk === 1 ? ('withdrawals' as const) : ('content' as const), from_position, until_position },
    }));
}
