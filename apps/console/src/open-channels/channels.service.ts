import { Injectable } from '@nestjs/common';
import { DataSource, In, type EntityManager } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { admits, rejection, type AudienceRule } from '#libs/domain';
import { changeState, Channel, Organisation, Subscription } from '#libs/persistence';
import { unlessTaken } from '../directory-conflicts.js';
import { audibleOf } from './audible-platform.js';
import type { ChannelGiven, KnownChannel } from './channel.dto.js';
import type { ChannelRow } from '../plain.js';

/** Opens channels, and shows them to whom they concern. */
@Injectable()
export class ChannelsService {
  constructor(private readonly database: DataSource) {}

  /** @throws rejections `TOC_REQUEST_CONFLICT` when the id is taken, `TOC_REQUEST_PARAMETER` when a member is no platform */
  async open(principal: Principal, given: ChannelGiven): Promise<KnownChannel> {
    authorise(principal, 'channel:create');
    const channel: ChannelRow = {
      id: given.id,
      title: given.title,
      audience: readAudience(given.audience),
      highestTlp: given.highest_tlp,
      priority: given.priority ?? 'ordinary',
      drill: given.drill ?? false,
      state: 'open',
    };
    return unlessTaken('A channel of this id exists, or existed.', () =>
      changeState(this.database, 'directory', async (manager) => {
        await requirePlatforms(manager, channel.audience.members ?? []);
        await manager.insert(Channel, channel);
        const { id, title: _title, state: _state, ...rule } = channel;
        const audit = { actor: principal.personId, action: 'open-channel', subject: `channel/${id}`, detail: rule };
        const [known] = await withPlatforms(manager, [channel]);
        return { result: known ?? { channel }, audit };
      }),
    );
  }

  /** The channels that concern this principal: a platform's own, all for the others. */
  async list(principal: Principal): Promise<KnownChannel[]> {
    authorise(principal, 'channel:list');
    const channels = await this.database.getRepository(Channel).find({ order: { id: 'ASC' } });
    if (principal.organisationKind !== 'platform') return withPlatforms(this.database.manager, channels);
    const own = await this.database.getRepository(Organisation).findOneBy({ id: principal.organisationId });
    const audible = own && audibleOf(own);
    return channels.filter(({ audience }) => audible && admits(audience, audible)).map((channel) => ({ channel }));
  }

  /** One channel; a platform is told of its own alone, and of no other even that it exists. */
  async read(principal: Principal, id: string): Promise<KnownChannel> {
    const known = (await this.list(principal)).find(({ channel }) => channel.id === id);
    if (!known) throw rejection('TOC_ACCESS_NOT_FOUND', 'There is no such channel for this key.');
    return known;
  }
}

function readAudience({ countries, kinds, members, licences }: AudienceRule): AudienceRule {
  return {
    ...(countries && { countries }),
    ...(kinds && { kinds }),
    ...(members && { members }),
    ...(licences && { licences }),
  };
}

async function requirePlatforms(manager: EntityManager, members: readonly string[]): Promise<void> {
  if (members.length === 0) return;
  const platforms = await manager.findBy(Organisation, { id: In([...members]), kind: 'platform' });
  if (platforms.length < members.length) {
    throw rejection('TOC_REQUEST_PARAMETER', 'A named member is not a platform of this exchange.');
  }
}

/** Adds how many platforms each channel admits and serves now. */
async function withPlatforms(manager: EntityManager, channels: ChannelRow[]): Promise<KnownChannel[]> {
  const platforms = (await manager.findBy(Organisation, { kind: 'platform', state: 'active' })).flatMap(
    (platform) => audibleOf(platform) ?? [],
  );
  const subscriptions = await manager.findBy(Subscription, { state: In(['active', 'paused']) });
  return channels.map((channel) => {
    const admitted = platforms.filter((platform) => admits(channel.audience, platform));
    const subscribers = new Set(
      subscriptions.flatMap(({ platformId, channels: ids }) => (ids.includes(channel.id) ? [platformId] : [])),
    );
    const subscribed = admitted.filter(({ id }) => subscribers.has(id)).length;
    return { channel, platforms: { admitted: admitted.length, subscribed } };
  });
}
