import type { DataSource, EntityManager } from 'typeorm';
import type { Principal } from '#libs/access';
import { changeState } from '#libs/persistence';
import { noSuchChannel, type PullStanding } from '../entitle-platform/pull-subscriptions.js';

/** What was answered may have been there until so long after it was last noted that the platform looks up. */
const NOTED_FOR_MS = 3_600_000;
/** It is noted anew so long before: rows are dated by another machine. */
const MARGIN_MS = 300_000;
const MOST_REMEMBERED = 20_000;

/**
 * Notes that a platform looks up in a channel, from where and until when: never what. Whatever could be looked up meanwhile
 * is what its withdrawals are told of, for good.
 */
export class LookUpUsers {
  /** How far it is noted, as this process knows. */
  private readonly noted = new Map<string, number>();

  constructor(private readonly database: DataSource) {}

  /** To be done before anything is answered. */
  async note(principal: Principal, { subscription, head }: PullStanding, channelId: string, now: Date): Promise<void> {
    const key = `${subscription.id}/${channelId}`;
    if ((this.noted.get(key) ?? 0) > now.getTime() + MARGIN_MS) return;
    const until = new Date(now.getTime() + NOTED_FOR_MS);
    await changeState(this.database, 'platform_api', async (manager) => {
      await manager.query(
        `INSERT INTO platform_api.look_up_user AS u (subscription_id, channel_id, from_position, until) VALUES ($1, $2, $3, $4)
         ON CONFLICT (subscription_id, channel_id) DO UPDATE SET until = greatest(u.until, excluded.until)`,
        [subscription.id, channelId, head.toString(), until],
      );
      const subject = `subscription/${subscription.id}`;
      const detail = { channel: channelId, until: until.toISOString() };
      return { result: undefined, audit: { actor: principal.personId, action: 'look-up', subject, detail } };
    });
    if (this.noted.size >= MOST_REMEMBERED) this.noted.clear();
    this.noted.set(key, until.getTime());
  }
}

/** From where and until when a platform could look up in a channel, by whatever subscriptions. */
export interface LookedUp {
  from: bigint;
  until: Date;
}

/** @throws a rejection `TOC_ACCESS_NOT_FOUND` where it never did */
export async function whenLookedUp(manager: EntityManager, platformId: string, channelId: string): Promise<LookedUp> {
  const [row] = await manager.query<{ from: string | null; until: Date | null }[]>(
    `SELECT min(u.from_position)::text AS "from", max(u.until) AS until
       FROM directory.subscription s JOIN platform_api.look_up_user u ON u.subscription_id = s.id AND u.channel_id = $2
      WHERE s.platform_id = $1 AND s.connector = 'look-up'`,
    [platformId, channelId],
  );
  if (!row?.until || row.from === null) throw noSuchChannel();
  return { from: BigInt(row.from), until: row.until };
}
