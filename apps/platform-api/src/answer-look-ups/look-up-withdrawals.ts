import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Principal } from '#libs/access';
import { withoutAudit } from '#libs/persistence';
import { cursorRefused, SignedCursors } from '../signed-cursors.js';
import { whenLookedUp } from './look-up-users.js';

const KIND = 'look-up-withdrawals';
/** Withdrawals that are read at once. */
const PAGE = 1_000;

/** Withdrawals as published, and a cursor behind them. */
export interface LookUpWithdrawalPage {
  records: string[];
  cursor: string;
  more: boolean;
}

interface WithdrawalRow {
  position: string;
  record: string;
  could_be_found: boolean;
}

/**
 * Every withdrawal of a channel: who looked what up is not known, so each is told to everybody who could have found it. That
 * holds whatever the platform may look up now (I4).
 */
@Injectable()
export class LookUpWithdrawals {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    private readonly cursors: SignedCursors,
  ) {}

  /**
   * @param since a cursor; without one, from the first look-up on
   * @throws rejections `TOC_ACCESS_NOT_FOUND` for a channel in which the platform never looked anything up, `TOC_REQUEST_CURSOR`
   */
  async *walk(
    { organisationId }: Principal,
    channelId: string,
    since: string | undefined,
    limit: number,
    gone: AbortSignal,
  ): AsyncIterable<LookUpWithdrawalPage> {
    const bound = `${organisationId}/${channelId}/`;
    let position = since === undefined ? undefined : this.open(since, bound);
    for (let left = limit; ;) {
      gone.throwIfAborted();
      const page = await this.read(organisationId, channelId, position, Math.min(left, PAGE));
      position = page.until;
      left -= page.records.length;
      yield { records: page.records, cursor: this.cursors.sign(KIND, `${bound}${page.until}`), more: page.more };
      if (!page.more || left <= 0) return;
    }
  }

  private open(cursor: string, bound: string): bigint {
    const said = this.cursors.open(KIND, cursor);
    if (!said.startsWith(bound)) throw cursorRefused();
    return BigInt(said.slice(bound.length));
  }

  private read(
    platformId: string,
    channelId: string,
    after: bigint | undefined,
    most: number,
  ): Promise<{ records: string[]; until: bigint; more: boolean }> {
    return withoutAudit(this.database, async (manager) => {
      const [channel] = await manager.query<{ head: string }[]>('SELECT head FROM feed.channel WHERE channel_id = $1', [
        channelId,
      ]);
      const head = BigInt(channel?.head ?? 0);
      // Behind the head: what is looked up from now on is live at it, so that its withdrawal comes later.
      const lookedUp = await whenLookedUp(manager, platformId, channelId);
      const from = after ?? lookedUp.from;
      const rows = await manager.query<WithdrawalRow[]>(
        `SELECT position, record, first_at <= $4 AS could_be_found FROM feed.withdrawal
          WHERE channel_id = $1 AND position > $2 AND position <= $3 ORDER BY position LIMIT $5`,
        [channelId, from.toString(), head.toString(), lookedUp.until, most],
      );
      const more = rows.length === most;
      const last = rows.at(-1);
      const until = more && last ? BigInt(last.position) : head > from ? head : from;
      return { records: rows.flatMap((row) => (row.could_be_found ? [row.record] : [])), until, more };
    });
  }
}
