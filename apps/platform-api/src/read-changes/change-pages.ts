import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { Principal } from '#libs/access';
import { feed } from '#libs/connectors';
import {
  chooseContent,
  chooseWithdrawals,
  LONGEST_RANGE,
  membershipEnded,
  notEntitled,
  rowRulesOf,
  toldRows,
  type Choice,
  type Chosen,
  type NotEntitled,
} from '#libs/feed';
import { changeState } from '#libs/persistence';
import {
  isNobodys,
  noSuchChannel,
  readPullStanding,
  wasTold,
  type PullConnector,
  type PullStanding,
} from '../entitle-platform/pull-subscriptions.js';
import { inTurn } from '../entitle-platform/in-turn.js';
import type { ChangePosition } from './change-cursor.js';
import { auditOfRead, discloseRead, type GivenToReader } from '../keep-ledger/disclose-read.js';
import { markFetched } from '../keep-ledger/mark-fetched.js';

/** What a platform fetches at once of one channel. */
export interface ChangePage {
  /** Records as published, each JSON text. */
  records: string[];
  next: ChangePosition;
  /** Whether there is more already. */
  more: boolean;
  /** Why there is no content; withdrawals come in any case. */
  withheld?: NotEntitled;
  platformCountry: string;
}

/** Where a reader stands: at a cursor, behind some withdrawals, or at the beginning of a subscription's channel. */
export type ReadFrom = Pick<ChangePosition, 'subscriptionId' | 'channelId'> & Partial<ChangePosition>;

/** By which path a channel is read, and what the form of its answers can say. */
export interface ReadAs {
  connector: PullConnector;
  carries: { ceiling: boolean; drill: boolean };
  /** Narrows the filter to what the form has a word for. */
  narrow(standing: PullStanding): PullStanding;
}

const ALL: ReadAs = { connector: 'feed', carries: feed.carries, narrow: (standing) => standing };

type Found = Omit<GivenToReader, 'channelId'>;

const MOST_BYTES = 1_048_576;
/** Looks at the feed in one read that find nothing to give; then the reader is told to come again. */
const MOST_LOOKS = 20;

/** Reads channels for platforms that fetch: chosen by the same functions as what is sent, and written down before it leaves. */
@Injectable()
export class ChangePages {
  constructor(@Inject(DataSource) private readonly database: DataSource) {}

  /**
   * The next records behind a place: withdrawals first, then the end of a membership, then content if it may go (I5).
   * @param how `only` withdrawals; whether the place was `presented` by the reader, who has read everything before it then
   * @throws a rejection `TOC_ACCESS_NOT_FOUND` for a channel of which this platform was never told and may not be
   */
  read(
    principal: Principal,
    from: ReadFrom,
    most: number,
    { only, presented = false, as = ALL }: { only?: 'withdrawals'; presented?: boolean; as?: ReadAs } = {},
  ): Promise<ChangePage> {
    return inTurn(() =>
      changeState(this.database, 'platform_api', async (manager) => {
        const { subscriptionId, channelId } = from;
        const standing = as.narrow(
          await readPullStanding(manager, principal.organisationId, subscriptionId, channelId, as.connector),
        );
        const fetched = presented ? await markFetched(manager, from) : 0;
        const reading = new Reading(manager, channelId, standing, { most: Math.min(most, LONGEST_RANGE), as });
        const { found, next } = await reading.goOn(from, only);
        const isNew = found !== undefined && (await reading.disclose(found));
        const withheld = notEntitled(standing);
        const more = next.withdrawals < standing.head || (!only && !withheld && reading.hasMoreContent(next));
        const page: ChangePage = {
          records: found?.outgoing.map(({ record }) => record.body) ?? [],
          ...{ next, more, withheld },
          platformCountry: standing.platform.country,
        };
        const detail = { channel: channelId, walk: found?.walk, records: page.records.length, fetched };
        return { result: page, audit: auditOfRead(principal, standing, isNew, detail) };
      }),
    );
  }
}

/** One read of one channel, in its transaction. */
class Reading {
  private readonly choice: Choice;

  constructor(
    private readonly manager: EntityManager,
    private readonly channelId: string,
    private readonly standing: PullStanding,
    { most, as }: { most: number; as: ReadAs },
  ) {
    const { subscription } = standing;
    this.choice = {
      manager,
      ledger: 'platform_api',
      subscriptionId: subscription.id,
      channelId,
      revision: subscription.revision,
      rules: rowRulesOf(standing, as.carries),
      limits: { records: most, bytes: MOST_BYTES },
    };
  }

  async goOn(from: ReadFrom, only?: 'withdrawals'): Promise<{ found?: Found; next: ChangePosition }> {
    const next = await this.begin(from, only);
    const found =
      (await this.withdrawals(next)) ??
      (only ? undefined : ((await this.end(next)) ?? (await this.released(next)) ?? (await this.content(next))));
    return { found, next };
  }

  hasMoreContent({ content, waitingAfter }: ChangePosition): boolean {
    return content < this.standing.head || (waitingAfter !== undefined && this.standing.stops.agencies.size === 0);
  }

  /** Where the reading begins: content anew when the subscription was changed since. */
  private async begin(from: ReadFrom, only?: 'withdrawals'): Promise<ChangePosition> {
    const { platform, subscription, head } = this.standing;
    const { revision } = subscription;
    const at = { platformId: platform.id, subscriptionId: subscription.id, channelId: this.channelId, revision };
    const { withdrawals, content } = from;
    if (from.revision === revision && withdrawals !== undefined && content !== undefined)
      return { ...from, ...at, withdrawals, content };
    const wasTold = await this.wasTold();
    // Nothing is said of a channel that is not the platform's to read, and never was.
    if (!wasTold && !only && isNobodys(this.standing)) throw noSuchChannel();
    return { ...at, withdrawals: withdrawals ?? (wasTold ? 0n : head), content: 0n };
  }

  private wasTold(): Promise<boolean> {
    return wasTold(this.manager, this.choice.subscriptionId, this.channelId);
  }

  private async withdrawals(next: ChangePosition): Promise<Found | undefined> {
    const { head } = this.standing;
    for (let look = 0; next.withdrawals < head && look < MOST_LOOKS; look += 1) {
      const chosen = await chooseWithdrawals(this.choice, next.withdrawals, head);
      next.withdrawals = chosen?.until ?? head;
      if (chosen && chosen.outgoing.length > 0) return { walk: 1, ...chosen };
    }
    return undefined;
  }

  /** The one message that ends a membership, once in each revision. */
  private async end(next: ChangePosition): Promise<Found | undefined> {
    const { subscription, head } = this.standing;
    const isOver = subscription.state === 'left' || !subscription.listed;
    if (!isOver || next.ended || next.withdrawals < head || !(await this.wasTold())) return undefined;
    next.ended = true;
    const { id: subscriptionId, revision, leavePolicy: policy } = subscription;
    const record = membershipEnded(this.channelId, { subscriptionId, revision, policy });
    return { walk: 2, outgoing: [{ position: head, live: false, record }], until: head };
  }

  /** Content that was passed over while its agencies were stopped, once no agency is. */
  private async released(next: ChangePosition): Promise<Found | undefined> {
    if (next.waitingAfter === undefined || !this.mayHaveContent(next) || this.standing.stops.agencies.size > 0)
      return undefined;
    for (let look = 0; next.waitingAfter !== undefined && look < MOST_LOOKS; look += 1) {
      const chosen: Chosen | undefined = await chooseContent(this.choice, next.waitingAfter, next.content);
      next.waitingAfter = chosen && chosen.until < next.content ? chosen.until : undefined;
      if (!chosen) return undefined;
      const positions = chosen.outgoing.map(({ position }) => position);
      const told = await toldRows(this.choice, positions);
      const outgoing = chosen.outgoing.filter(({ live, position }, at) => !live || told[at]?.liveAt !== position);
      if (outgoing.length > 0) return { walk: 3, outgoing, until: chosen.until };
    }
    return undefined;
  }

  private async content(next: ChangePosition): Promise<Found | undefined> {
    if (!this.mayHaveContent(next)) return undefined;
    const { head } = this.standing;
    for (let look = 0; next.content < head && look < MOST_LOOKS; look += 1) {
      const chosen = await chooseContent(this.choice, next.content, head);
      next.content = chosen?.until ?? head;
      const firstWaiting = chosen?.waiting[0]?.position;
      if (firstWaiting !== undefined) next.waitingAfter ??= firstWaiting - 1n;
      if (chosen && chosen.outgoing.length > 0) return { walk: 0, ...chosen };
    }
    return undefined;
  }

  /** Withdrawals go before anything else. */
  private mayHaveContent(next: ChangePosition): boolean {
    return next.withdrawals >= this.standing.head && notEntitled(this.standing) === undefined;
  }

  /** @returns whether it is new */
  disclose(found: Found): Promise<boolean> {
    return discloseRead(this.manager, this.standing, { channelId: this.channelId, ...found });
  }
}
