import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { CEILINGS, HARM_PATTERN, SIGNAL_TYPES } from '#libs/domain';
import { CONNECTORS, type PublicKeysShown } from '#libs/connectors';
import type { SubscriptionFilter } from '#libs/persistence';
import { AllMatching, FreeObject, Part, Reason, Slugs, Whole, Word, Words } from '../request-properties.js';
import { LEAVE_POLICIES } from '../admit-organisations/organisation.dto.js';
import type { Plain, SubscriptionRow } from '../plain.js';

/** Types that a filter may name; a bulletin has no signal and is asked for by this word. */
const ROW_TYPES = [...SIGNAL_TYPES, 'bulletin'];
const LANGUAGE = /^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8}){0,3}$/;
const MOST_CHANNELS = 100;
const MOST_PREVIEWED = 10;
/** Longest time for which an old secret may live beside the new one, in hours. */
export const LONGEST_OVERLAP_HOURS = 168;

/** A condition that is absent lets everything through; of a list, one word has to fit. */
export class FilterGiven implements SubscriptionFilter {
  @Words(ROW_TYPES, { optional: true }) types?: string[];
  @AllMatching(HARM_PATTERN, 20, { optional: true, description: 'A word covers the finer ones below it.' })
  harms?: string[];
  @AllMatching(LANGUAGE, 40, { optional: true }) languages?: string[];
  @Words(CEILINGS, { optional: true }) ceilings?: string[];
}

/** A standing request of the platform whose key is used; for another there is no way to ask. */
export class SubscriptionGiven {
  @Word(CONNECTORS.map(({ id }) => id)) connector!: string;
  @Slugs(MOST_CHANNELS) channels!: string[];
  @Part(FilterGiven, { optional: true }) filter?: FilterGiven;
  @FreeObject({
    optional: true,
    description:
      'As the connector asks for them; the webhook: url, signature, batch_size; signed files: full_at, keep_days, mail, and of a bucket endpoint, region, bucket, prefix, access_key, secret_key.',
  })
  settings?: Record<string, unknown>;
}

/** What would be asked for; nothing is kept. */
export class PreviewGiven {
  @Word(CONNECTORS.map(({ id }) => id), {
    optional: true,
    description: 'Where its form carries less, less is counted; the webhook unless said.',
  })
  connector?: string;
  @Slugs(MOST_PREVIEWED) channels!: string[];
  @Part(FilterGiven, { optional: true }) filter?: FilterGiven;
}

const COUNTS = { type: 'object', additionalProperties: { type: 'integer' } } as const;

/** How many live rows of a channel would pass at this moment. */
export class ChannelPreview {
  @ApiProperty() channel!: string;
  @ApiProperty({ type: 'integer' }) rows!: number;
  @ApiProperty({ description: 'Otherwise the channel is larger than what is looked at, and each number is the least.' })
  complete!: boolean;
  @ApiProperty(COUNTS) types!: Record<string, number>;
  @ApiProperty({ ...COUNTS, description: 'A row with several harms counts for each.' }) harms!: Record<string, number>;
  @ApiProperty(COUNTS) ceilings!: Record<string, number>;
  @ApiPropertyOptional({ enum: ['stopped'], description: 'Publishing is stopped, and so is counting.' })
  content_withheld?: string;
}

export class PreviewShown {
  @ApiProperty({ type: [ChannelPreview] }) channels!: ChannelPreview[];
}

/** Any change is a new revision, delivered from the beginning; what no longer passes is withdrawn. */
export class SubscriptionChanges {
  @Slugs(MOST_CHANNELS, { optional: true }) channels?: string[];
  @Part(FilterGiven, { optional: true, description: 'Replaces the filter as a whole.' }) filter?: FilterGiven;
}

/** Why, where somebody wants to say it: a pause can be undone. */
export class PauseReason {
  @Reason({ optional: true }) reason?: string;
}

/** How a rotation of secrets overlaps. */
export class SecretRotation {
  @Whole(0, LONGEST_OVERLAP_HOURS, { description: 'Hours for which the old secret stays good beside the new one.' })
  overlap_hours!: number;
  @FreeObject({
    optional: true,
    description: 'Secrets that the platform made: of a bucket, access_key and secret_key.',
  })
  given?: Record<string, unknown>;
}

/** How a subscription ends. */
export class Departure {
  @Word(LEAVE_POLICIES, { description: 'What the platform does with what it holds.' })
  policy!: (typeof LEAVE_POLICIES)[number];
  @Reason() reason!: string;
}

/** A subscription as shown; its secrets never are. */
export class SubscriptionShown {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ format: 'uuid' }) platform_id!: string;
  @ApiProperty() connector!: string;
  @ApiProperty({ type: [String] }) channels!: string[];
  @ApiProperty({ type: FilterGiven }) filter!: SubscriptionFilter;
  @ApiPropertyOptional({ type: 'object', additionalProperties: true, description: 'To the platform itself.' })
  settings?: object;
  @ApiProperty() revision!: number;
  @ApiProperty({ enum: ['active', 'paused', 'left'] }) state!: string;
  @ApiProperty({ type: String, enum: LEAVE_POLICIES, nullable: true }) leave_policy!: string | null;
  @ApiProperty({ format: 'date-time' }) changed_at!: string;
  @ApiPropertyOptional({
    type: [String],
    description:
      'By which deliveries are verified now, newest first. While keys are rotated there are several, and all sign.',
  })
  public_keys?: string[];
  @ApiPropertyOptional({ type: [String], description: 'Of the public keys, index by index.' })
  public_key_ids?: string[];
}

export class SubscriptionsShown {
  @ApiProperty({ type: [SubscriptionShown] }) subscriptions!: SubscriptionShown[];
}

/** A new subscription, or new secrets, with what is shown this once. */
export class SubscriptionHandOver extends SubscriptionShown {
  @ApiProperty({
    type: 'object',
    additionalProperties: { oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
    description: 'What the platform’s engineer needs: public keys, secrets, topic names. Shown now and never again.',
  })
  hand_over!: Record<string, string | string[]>;
}

/**
 * What is shown of a subscription. Settings name an endpoint, sometimes with a token in its path, and go to the
 * platform itself alone.
 * @param keys those by which its deliveries are verified now
 */
export function showSubscription(
  subscription: SubscriptionRow,
  viewerOrganisationId: string,
  keys?: PublicKeysShown,
): Plain<SubscriptionShown> {
  const { types, harms, languages, ceilings } = subscription.filter;
  return {
    id: subscription.id,
    platform_id: subscription.platformId,
    connector: subscription.connector,
    channels: subscription.channels,
    filter: { types, harms, languages, ceilings },
    ...(viewerOrganisationId === subscription.platformId && { settings: subscription.settings }),
    revision: subscription.revision,
    state: subscription.state,
    leave_policy: subscription.leavePolicy,
    changed_at: subscription.changedAt.toISOString(),
    ...keys,
  };
}
