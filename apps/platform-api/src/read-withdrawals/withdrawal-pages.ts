import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { Channels } from '../entitle-platform/channels.js';
import { ChangePages } from '../read-changes/change-pages.js';
import { keyOf, type WithdrawalPositions } from './withdrawal-cursor.js';

/** Withdrawals of one channel, and how far all of them are read then. */
interface WithdrawalPage {
  records: string[];
  positions: WithdrawalPositions;
  more: boolean;
}

/** Goes through every channel that a platform fetches, or fetched, for what was taken back. */
@Injectable()
export class WithdrawalPages {
  constructor(
    private readonly channels: Channels,
    private readonly pages: ChangePages,
  ) {}

  /** @param positions where to go on; the last page says whether there is more */
  async *walk(
    principal: Principal,
    positions: WithdrawalPositions,
    limit: number,
    gone: AbortSignal,
  ): AsyncIterable<WithdrawalPage> {
    let left = limit;
    for (const channel of await this.channels.of(principal)) {
      gone.throwIfAborted();
      let presented = positions.has(keyOf(channel));
      if (positions.get(keyOf(channel)) === BigInt(channel.head) && !channel.open) continue;
      for (let again = true; again;) {
        if (left <= 0) {
          yield { records: [], positions, more: true };
          return;
        }
        const from = { ...channel, withdrawals: positions.get(keyOf(channel)) };
        const page = await this.pages.read(principal, from, left, { only: 'withdrawals', presented });
        presented = false;
        positions.set(keyOf(channel), page.next.withdrawals);
        left -= page.records.length;
        again = page.more;
        if (page.records.length > 0) yield { records: page.records, positions, more: true };
      }
    }
    yield { records: [], positions, more: false };
  }
}
