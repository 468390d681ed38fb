import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Principal } from '#libs/access';
import { REPORTING_DUTY, reportingRouteOf } from '#libs/domain';
import { notEntitled } from '#libs/feed';
import { collectionId } from '#libs/stix';
import { collection, type Collection } from '#libs/taxii';
import { Channels } from '../entitle-platform/channels.js';
import {
  isNobodys,
  listedChannels,
  noSuchChannel,
  readPullStandingNow,
  wasTold,
  type SubscribedChannel,
  type PullStanding,
} from '../entitle-platform/pull-subscriptions.js';

/** How long the channel of a collection is remembered; whether it may be read is asked each time. */
const REMEMBERED_MS = 10_000;
const MOST_REMEMBERED = 10_000;

/** The channels that a platform fetches, or fetched, as collections. */
@Injectable()
export class Collections {
  private readonly found = new Map<string, { channel: SubscribedChannel; until: number }>();

  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    private readonly channels: Channels,
  ) {}

  /** In the same order each time. */
  async of(principal: Principal): Promise<Collection[]> {
    const channels = await this.channels.of(principal);
    const firsts = channels.filter(
      ({ channelId }, at) => channels.findIndex((other) => other.channelId === channelId) === at,
    );
    const all: Collection[] = [];
    for (const channel of firsts) {
      const shown = await this.show(principal, channel);
      if (shown) all.push(shown);
    }
    return all;
  }

  /** @throws a rejection `TOC_ACCESS_NOT_FOUND` */
  async get(principal: Principal, idOrAlias: string): Promise<Collection> {
    const shown = await this.show(principal, await this.find(principal, idOrAlias));
    if (!shown) throw noSuchChannel();
    return shown;
  }

  /**
   * @param idOrAlias the id of a collection, or of its channel, which is its alias
   * @throws a rejection `TOC_ACCESS_NOT_FOUND` where the platform fetches no such channel and never did
   */
  async find(principal: Principal, idOrAlias: string): Promise<SubscribedChannel> {
    const key = `${principal.organisationId}/${idOrAlias}`;
    const remembered = this.found.get(key);
    if (remembered && remembered.until > Date.now()) return remembered.channel;
    const isIt = ({ channelId }: SubscribedChannel): boolean =>
      channelId === idOrAlias || collectionId(channelId) === idOrAlias.toLowerCase();
    const { manager } = this.database;
    const listed = (await listedChannels(manager, principal.organisationId)).find(isIt);
    const channel = listed ?? (await this.channels.of(principal)).find(isIt);
    if (!channel) throw noSuchChannel();
    if (this.found.size >= MOST_REMEMBERED) this.found.clear();
    this.found.set(key, { channel, until: Date.now() + REMEMBERED_MS });
    return channel;
  }

  private async show(
    { organisationId, country }: Principal,
    { subscriptionId, channelId }: SubscribedChannel,
  ): Promise<Collection | undefined> {
    const { manager } = this.database;
    const standing = await readPullStandingNow(manager, organisationId, subscriptionId, channelId);
    if (isNobodys(standing) && !(await wasTold(manager, subscriptionId, channelId))) return undefined;
    return collection({
      ...{ id: collectionId(channelId), title: standing.channel?.title ?? channelId, alias: channelId },
      description: descriptionOf(standing, country),
      ...{ can_read: true, can_write: false },
    });
  }
}

/** What a reader has to know: why there is no content, a drill, and where abuse material is reported. */
function descriptionOf(standing: PullStanding, country: string): string {
  const withheld = notEntitled(standing);
  const { leavePolicy } = standing.subscription;
  const afterwards = leavePolicy === 'delete-all' ? 'delete all of it' : 'keep it until it expires';
  const { name, url } = reportingRouteOf(country);
  return [
    ...(withheld ? [`Content is withheld (${withheld}); withdrawals are given all the same.`] : []),
    ...(isNobodys(standing) ? [`The membership has ended: ${afterwards}.`] : []),
    ...(standing.channel?.drill ? ['This is a drill.'] : []),
    `Abuse material is reported to ${name} (${url}). ${REPORTING_DUTY}`,
  ].join(' ');
}
