import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Principal } from '#libs/access';
import { noSuchChannel, pullChannels, type PullChannel, type PullConnector } from './pull-subscriptions.js';

/** Channels that a platform fetches. */
@Injectable()
export class Channels {
  constructor(@Inject(DataSource) private readonly database: DataSource) {}

  /** Of each channel the subscription in force comes first, then those by which something was told before. */
  of({ organisationId }: Principal, connector?: PullConnector): Promise<PullChannel[]> {
    return pullChannels(this.database.manager, organisationId, connector);
  }

  /** @throws a rejection `TOC_ACCESS_NOT_FOUND` where the platform fetches no such channel and never did */
  async find(principal: Principal, channelId: string, connector?: PullConnector): Promise<PullChannel> {
    const found = (await this.of(principal, connector)).find((channel) => channel.channelId === channelId);
    if (!found) throw noSuchChannel();
    return found;
  }
}
