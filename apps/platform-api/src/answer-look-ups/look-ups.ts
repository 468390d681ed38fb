import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import type { RowRecord } from '#libs/events';
import { judgeRow, lookUpRange, notEntitled, rowRulesOf, type NotEntitled } from '#libs/feed';
import { query } from '#libs/persistence';
import {
  isNobodys,
  listedChannels,
  noSuchChannel,
  readPullStandingNow,
  type PullStanding,
  type SubscribedChannel,
} from '../entitle-platform/pull-subscriptions.js';
import { lookUpEntry, type LookUpEntry } from './look-up-entry.js';
import { LookUpQuota } from './look-up-quota.js';
import { LookUpUsers } from './look-up-users.js';
import { countLookedUp, prefixLengthFor } from './prefix-length.js';

/** Rows that answer to one prefix at most; only somebody who made them for it has so many. */
const MOST_ROWS = 1_000;
const SIZE_REMEMBERED_MS = 600_000;
const MOST_REMEMBERED = 20_000;

/** How a channel is asked. */
export interface LookUpTerms {
  prefixLength: number;
  withheld?: NotEntitled;
}

/** What answers to a prefix. */
export interface LookUpAnswer {
  entries: LookUpEntry[];
  /** Whether these are all. */
  complete: boolean;
  withheld?: NotEntitled;
  revision: number;
  /** Of the platform. */
  country: string;
}

/** Answers by prefixes. What was asked is kept nowhere. */
@Injectable()
export class LookUps {
  private readonly lengths = new Map<string, { length: number; until: number }>();
  private readonly users: LookUpUsers;

  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    private readonly quota: LookUpQuota,
  ) {
    this.users = new LookUpUsers(database);
  }

  /** @throws a rejection `TOC_ACCESS_NOT_FOUND` for a channel that the platform may not look up in */
  async terms(principal: Principal, channelId: string): Promise<LookUpTerms> {
    const standing = await this.standing(principal, channelId);
    return { prefixLength: await this.prefixLength(channelId), withheld: notEntitled(standing) };
  }

  /**
   * @throws rejections `TOC_ACCESS_NOT_FOUND`, `TOC_LOOK_UP_PREFIX` where the prefix is no prefix, or not as long as the channel
   * is asked by; a transient `TOC_LOOK_UP_QUOTA`
   */
  async answer(principal: Principal, channelId: string, prefix: string, now: Date): Promise<LookUpAnswer> {
    const standing = await this.standing(principal, channelId);
    const length = await this.prefixLength(channelId);
    if (prefix.length !== length || !/^[0-9a-f]+$/.test(prefix))
      throw rejection('TOC_LOOK_UP_PREFIX', `This channel is asked by ${length} lower-case hexadecimal digits.`, {
        prefix_length: length,
      });
    this.quota.spend(standing.platform.id, channelId, length, now);
    const about = { revision: standing.subscription.revision, country: standing.platform.country };
    const withheld = notEntitled(standing);
    if (withheld) return { entries: [], complete: true, withheld, ...about };
    await this.users.note(principal, standing, channelId, now);
    const { from, to } = lookUpRange(prefix);
    const rows = await query<{ record: string }>(
      this.database,
      `SELECT record FROM feed.row WHERE channel_id = $1 AND look_up >= $2 AND look_up < $3 ORDER BY look_up LIMIT ${MOST_ROWS + 1}`,
      [channelId, from, to],
    );
    // What was read may go if the platform is entitled now, whatever was decided since it asked.
    const after = await this.standingOf(principal, { subscriptionId: standing.subscription.id, channelId });
    const stopped = notEntitled(after);
    if (stopped) return { entries: [], complete: true, withheld: stopped, ...about };
    const entries = rows.slice(0, MOST_ROWS).flatMap(({ record }) => entryFor(after, record, prefix, now) ?? []);
    return { entries, complete: rows.length <= MOST_ROWS, ...about };
  }

  private async standing(principal: Principal, channelId: string): Promise<PullStanding> {
    const channels = await listedChannels(this.database.manager, principal.organisationId, 'look-up');
    const found = channels.find((channel) => channel.channelId === channelId);
    if (!found) throw noSuchChannel();
    return this.standingOf(principal, found);
  }

  private async standingOf(
    { organisationId }: Principal,
    { subscriptionId, channelId }: SubscribedChannel,
  ): Promise<PullStanding> {
    const { manager } = this.database;
    const standing = await readPullStandingNow(manager, organisationId, subscriptionId, channelId, 'look-up');
    if (isNobodys(standing)) throw noSuchChannel();
    return standing;
  }

  private async prefixLength(channelId: string): Promise<number> {
    const known = this.lengths.get(channelId);
    if (known && known.until > Date.now()) return known.length;
    const length = prefixLengthFor(await countLookedUp(this.manager, channelId));
    if (this.lengths.size >= MOST_REMEMBERED) this.lengths.clear();
    this.lengths.set(channelId, { length, until: Date.now() + SIZE_REMEMBERED_MS });
    return length;
  }

  private get manager(): EntityManager {
    return this.database.manager;
  }
}

/** A row that passes as it would on any other path, and has not run out. */
function entryFor(standing: PullStanding, record: string, prefix: string, now: Date): LookUpEntry | undefined {
  try {
    const row = JSON.parse(record) as RowRecord;
    const rules = rowRulesOf(standing, { ceiling: true, drill: true });
    if (judgeRow(row, rules) !== 'send' || Date.parse(row.valid_until) <= now.getTime()) return undefined;
    return lookUpEntry(row, prefix);
  } catch {
    return undefined;
  }
}
