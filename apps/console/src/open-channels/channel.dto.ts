import { ApiProperty } from '@nestjs/swagger';
import { HASH_LICENCES, TLP_LEVELS, type HashLicence, type AudienceRule, type Tlp } from '#libs/domain';
import { AllMatching, Countries, Flag, Ids, Line, Part, Slug, Word, Words } from '../request-properties.js';
import type { Plain, ChannelRow } from '../plain.js';

const PLATFORM_KIND = /^[a-z][a-z0-9-]{0,39}$/;
const PRIORITIES = ['ordinary', 'emergency'] as const;
const MOST_COUNTRIES = 250;
const MOST_KINDS = 40;
const MOST_MEMBERS = 1000;

/** All the conditions given must hold; a rule with none admits every platform. */
export class AudienceGiven implements AudienceRule {
  @Countries(MOST_COUNTRIES, { optional: true, description: 'Countries of establishment.' }) countries?: string[];
  @AllMatching(PLATFORM_KIND, MOST_KINDS, { optional: true, description: 'Kinds of platform.' }) kinds?: string[];
  @Ids(MOST_MEMBERS, { optional: true, description: 'Named platforms.' }) members?: string[];
  @Words(HASH_LICENCES, {
    optional: true,
    description: 'Licences that a platform has to hold, each of them. Hashes that need one go to no other channels.',
  })
  licences?: HashLicence[];
}

/** A channel to open. Nothing of it can be changed later but that it is closed. */
export class ChannelGiven {
  @Slug({ description: 'Becomes part of the topic name; never changes.', example: 'nordic' }) id!: string;
  @Line(1, 200) title!: string;
  @Part(AudienceGiven, { description: 'Who may read; never changes. A changed rule is a new channel.' })
  audience!: AudienceGiven;
  @Word(TLP_LEVELS, { description: 'The most restrictive label that the channel carries.' }) highest_tlp!: Tlp;
  @Word(PRIORITIES, { optional: true }) priority?: ChannelRow['priority'];
  @Flag({ optional: true, description: 'Whether everything on it is an exercise.' }) drill?: boolean;
}

/** How many platforms a channel reaches; never which. */
export class ChannelPlatforms {
  @ApiProperty({ description: 'Active platforms that the rule admits.' }) admitted!: number;
  @ApiProperty({ description: 'Those of them that have a subscription to the channel.' }) subscribed!: number;
}

/** A channel as shown. A platform is not told whom else the rule admits. */
export class ChannelShown {
  @ApiProperty() id!: string;
  @ApiProperty() title!: string;
  @ApiProperty({ enum: TLP_LEVELS }) highest_tlp!: string;
  @ApiProperty({ enum: PRIORITIES }) priority!: string;
  @ApiProperty() drill!: boolean;
  @ApiProperty({ enum: ['open', 'closed'] }) state!: string;
  @ApiProperty({ type: AudienceGiven, required: false, description: 'Not shown to platforms.' })
  audience?: AudienceRule;
  @ApiProperty({ type: ChannelPlatforms, required: false, description: 'Not shown to platforms.' })
  platforms?: ChannelPlatforms;
}

export class ChannelsShown {
  @ApiProperty({ type: [ChannelShown] }) channels!: ChannelShown[];
}

/** A channel with what is known of its audience; without it for platforms. */
export interface KnownChannel {
  channel: ChannelRow;
  platforms?: ChannelPlatforms;
}

/** What is shown of a channel; rule and reach only where the use case has put the reach in. */
export function showChannel({ channel, platforms }: KnownChannel): Plain<ChannelShown> {
  const { id, title, highestTlp, priority, drill, state, audience } = channel;
  const { countries, kinds, members, licences } = audience;
  return {
    id,
    title,
    highest_tlp: highestTlp,
    priority,
    drill,
    state,
    ...(platforms && { audience: { countries, kinds, members, licences }, platforms }),
  };
}
