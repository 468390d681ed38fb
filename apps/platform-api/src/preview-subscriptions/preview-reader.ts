import { setImmediate as turn } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { connectorById } from '#libs/connectors';
import { transient, type AudienceRule } from '#libs/domain';
import type { RowRecord } from '#libs/events';
import {
  admittedOf,
  judgeRow,
  notEntitled,
  rowRulesOf,
  stopsOn,
  type Admitted,
  type Entitlement,
  type StopInForce,
} from '#libs/feed';
import { query, type SubscriptionFilter } from '#libs/persistence';
import { noSuchChannel } from '../entitle-platform/pull-subscriptions.js';

/** Rows of a channel that are looked at; beyond, the counts are at least so many. */
const MOST_LOOKED_AT = 100_000;
/** Rows read and judged in one go, between which others have their turn. */
const AT_ONCE = 500;
/** Platforms whose previews are under way at a time in one process, one of each. */
const MOST_UNDER_WAY = 4;
/** Words of a kind that are told, those with most rows. */
const MOST_WORDS = 50;

/** What is previewed: one channel by a filter, as a connector would carry it. */
export interface PreviewAsked {
  channel: string;
  filter: SubscriptionFilter;
  connector: string;
}

/** How many live rows pass at this moment. */
export interface ChannelPreview {
  channel: string;
  rows: number;
  /** Whether every row of the channel was looked at; else each number is the least that it is. */
  complete: boolean;
  types: Record<string, number>;
  /** A row with several harms counts for each. */
  harms: Record<string, number>;
  ceilings: Record<string, number>;
  /** Publishing is stopped, and so is counting. */
  content_withheld?: 'stopped';
}

interface StandingRow {
  country: string;
  platform_kind: string | null;
  licences: string[];
  active: boolean;
  admitted: Admitted;
  channel: { audience: AudienceRule; drill: boolean } | null;
  stops: StopInForce[];
}

const STANDING = `
  SELECT o.country, o.platform_kind, o.licences, o.kind = 'platform' AND o.state = 'active' AS active,
    ${admittedOf('o')} AS admitted,
    (SELECT jsonb_build_object('audience', audience, 'drill', drill) FROM directory.channel WHERE id = $2 AND state = 'open') AS channel,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('scope', scope, 'subject', subject)), '[]')
       FROM directory.stop WHERE lifted_at IS NULL) AS stops
  FROM directory.organisation o WHERE o.id = $1`;

const NEXT = `
  SELECT position, live, CASE WHEN live THEN record END AS record FROM feed.row
  WHERE channel_id = $1 AND walk = 0 AND position > $2 ORDER BY position LIMIT ${AT_ONCE}`;

/** Counts what a subscription would bring, by what decides about every row that is sent. */
@Injectable()
export class PreviewReader {
  private readonly underWay = new Set<string>();

  constructor(@Inject(DataSource) private readonly database: DataSource) {}

  /**
   * @throws a rejection `TOC_ACCESS_NOT_FOUND` for a channel that does not admit the platform as for none, a transient
   * `TOC_REQUEST_TOO_MANY` while others are counted
   */
  async preview(platformId: string, asked: PreviewAsked): Promise<ChannelPreview> {
    if (this.underWay.has(platformId) || this.underWay.size >= MOST_UNDER_WAY)
      throw transient('TOC_REQUEST_TOO_MANY', 'Other previews are under way; ask again in a moment.');
    this.underWay.add(platformId);
    try {
      return await this.count(platformId, asked);
    } finally {
      this.underWay.delete(platformId);
    }
  }

  private async count(platformId: string, { channel, filter, connector }: PreviewAsked): Promise<ChannelPreview> {
    const entitlement = await this.entitlement(platformId, channel, filter);
    const withheld = notEntitled(entitlement);
    if (withheld !== undefined && withheld !== 'stopped') throw noSuchChannel();
    const rules = rowRulesOf(entitlement, connectorById(connector)?.carries ?? { ceiling: false, drill: false });
    const tally = new Tally();
    if (withheld === 'stopped') return { ...tally.told(channel, false), content_withheld: withheld };
    let after = '0';
    for (let looked = 0; looked < MOST_LOOKED_AT; looked += AT_ONCE) {
      const rows = await query<{ position: string; live: boolean; record: string | null }>(this.database, NEXT, [
        channel,
        after,
      ]);
      for (const { record } of rows) {
        const row = record === null ? undefined : readRow(record);
        if (row && judgeRow(row, rules) === 'send') tally.add(row);
      }
      if (rows.length < AT_ONCE) return tally.told(channel, true);
      after = rows.at(-1)?.position ?? after;
      await turn();
    }
    return tally.told(channel, false);
  }

  /** As if there were such a subscription. */
  private async entitlement(platformId: string, channelId: string, filter: SubscriptionFilter): Promise<Entitlement> {
    const [row] = await query<StandingRow>(this.database, STANDING, [platformId, channelId]);
    if (!row) throw noSuchChannel();
    const { country, platform_kind, licences, active, admitted, channel, stops } = row;
    return {
      platform: { id: platformId, country, kind: platform_kind ?? '', licences, active, admitted },
      subscription: { id: platformId, revision: 0, state: 'active', listed: true, filter },
      channel: channel ?? undefined,
      stops: stopsOn(channelId, stops),
    };
  }
}

/** What cannot be read as a row is sent to nobody. */
function readRow(record: string): RowRecord | undefined {
  try {
    return JSON.parse(record) as RowRecord;
  } catch {
    return undefined;
  }
}

class Tally {
  private rows = 0;
  private readonly types = new Map<string, number>();
  private readonly harms = new Map<string, number>();
  private readonly ceilings = new Map<string, number>();

  add({ signal, harms, ceiling }: RowRecord): void {
    this.rows += 1;
    const count = (words: Map<string, number>, word: string): unknown => words.set(word, (words.get(word) ?? 0) + 1);
    count(this.types, signal?.type ?? 'bulletin');
    count(this.ceilings, ceiling);
    for (const harm of harms) count(this.harms, harm);
  }

  told(channel: string, complete: boolean): ChannelPreview {
    const most = (words: Map<string, number>): Record<string, number> =>
      Object.fromEntries([...words].sort(([, a], [, b]) => b - a).slice(0, MOST_WORDS));
    const { rows } = this;
    return {
      ...{ channel, rows, complete },
      ...{ types: most(this.types), harms: most(this.harms), ceilings: most(this.ceilings) },
    };
  }
}
