import { ApiProperty } from '@nestjs/swagger';
import { HASH_LICENCES, type ContactDesk } from '#libs/domain';
import type { ListPermission, OrganisationKind } from '#libs/persistence';
import {
  Country,
  Flag,
  FreeObject,
  Line,
  Matching,
  Parts,
  Reason,
  Slug,
  Slugs,
  Whole,
  Word,
  Words,
} from '../request-properties.js';
import { EMAIL } from './admission.dto.js';
import { showStandingDefaults } from './standing-defaults.js';
import type { Plain, OrganisationRow } from '../plain.js';

/** Kinds that are admitted here; operators are admitted on the host, see `open-exchange`. */
export const ADMITTED_KINDS = ['agency', 'platform', 'oversight'] as const satisfies readonly OrganisationKind[];
/** `suspended`: gets and gives no content for now; `left`: for good. Withdrawals reach a platform in either. */
export const ORGANISATION_STATES = ['active', 'suspended', 'left'] as const;
/** What a platform that leaves is asked to do with what it holds: let it expire, or delete it now. */
export const LEAVE_POLICIES = ['keep-until-expiry', 'delete-all'] as const;
export type LeavePolicy = (typeof LEAVE_POLICIES)[number];

const PLATFORM_KIND = /^[a-z][a-z0-9-]{0,39}$/;
const PHONE = /^\+?[0-9 ()-]{3,30}$/;
const MOST_DESKS = 20;
const MOST_DEFAULT_CHANNELS = 20;

/** A functional desk; never a person's name, address or number. */
export class DeskGiven implements ContactDesk {
  @Slug({ example: 'duty' }) id!: string;
  @Line(1, 120, { example: 'Duty desk' }) name!: string;
  @Matching(EMAIL, { optional: true, example: 'duty@agency.example' }) email?: string;
  @Matching(PHONE, { optional: true }) phone?: string;
}

/** An organisation to admit. Which fields it has depends on its kind. */
export class OrganisationGiven {
  @Word(ADMITTED_KINDS) kind!: (typeof ADMITTED_KINDS)[number];
  @Line(1, 200) name!: string;
  @Country() country!: string;
  @Matching(PLATFORM_KIND, { optional: true, example: 'video', description: 'Platforms only, and needed for them.' })
  platform_kind?: string;
  @Words(HASH_LICENCES, {
    optional: true,
    description: 'Platforms only: kinds of hash that their owners licensed the platform for.',
  })
  licences?: string[];
  @Slug({
    optional: true,
    example: 'example-group',
    description: 'Platforms only: a word for the company that they are of; without one it is a group of its own.',
  })
  corporate_group?: string;
  @Parts(DeskGiven, MOST_DESKS, { optional: true, description: 'Agencies only.' }) desks?: DeskGiven[];
  @FreeObject({
    optional: true,
    description: 'Agencies only: standing defaults, in the words of the submission parameters.',
  })
  defaults?: Record<string, unknown>;
  @Slugs(MOST_DEFAULT_CHANNELS, { optional: true, least: 0, description: 'Agencies only.' })
  default_channels?: string[];
}

/** What changes of an organisation; what is not named stays. Kind and country never change. */
export class OrganisationChanges {
  @Line(1, 200, { optional: true }) name?: string;
  @Parts(DeskGiven, MOST_DESKS, { optional: true }) desks?: DeskGiven[];
  @FreeObject({ optional: true, description: 'Replaces the standing defaults as a whole.' })
  defaults?: Record<string, unknown>;
  @Slugs(MOST_DEFAULT_CHANNELS, { optional: true, least: 0 }) default_channels?: string[];
  @Whole(1, 1_000_000_000, {
    optional: true,
    description: 'Of an agency: signals that it may assert in a day without anybody looking; beyond, they wait.',
  })
  signals_a_day?: number;
  @Whole(0, 1_000_000, {
    optional: true,
    description: 'Of an agency: one item in so many waits a day for review, so that a wait tells nothing; 0 for none.',
  })
  review_one_in?: number;
  @Words(HASH_LICENCES, {
    optional: true,
    least: 0,
    description: 'Of a platform; replaces what was recorded as a whole.',
  })
  licences?: string[];
  @Matching(EMAIL, {
    optional: true,
    description: 'Of a platform: the functional address that is told of endpoints that fail.',
  })
  notices_to?: string;
  @Slug({ optional: true, description: 'Of a platform: a word for the company that it is of.' })
  corporate_group?: string;
  @Word(['active', 'suspended'], {
    optional: true,
    description:
      'A change of state needs a reason. That an organisation leaves for good, or takes part again, is proposed: two operators decide.',
  })
  state?: 'active' | 'suspended';
  @Flag({
    optional: true,
    description:
      'With the suspension of a platform: take its Kafka user too. Then it reads nothing any more, and its withdrawals wait.',
  })
  cut_off?: boolean;
  @Reason({ optional: true }) reason?: string;
}

/** Conditions in the query of the list; all that are given must hold. */
export class OrganisationFilter {
  @Word(['agency', 'platform', 'operator', 'oversight'], { optional: true }) kind?: OrganisationKind;
  @Word(ORGANISATION_STATES, { optional: true }) state?: OrganisationRow['state'];
}

/** What the owner of a list permitted an agency, as operators recorded it. */
export class ListPermissionShown implements ListPermission {
  @ApiProperty({ example: 'ncmec', description: 'As in the origin third-party-list:ncmec.' }) list!: string;
  @ApiProperty({ description: 'The agreement that says so.' }) terms!: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) until!: string | null;
}

/** An organisation as shown. */
export class OrganisationShown {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ enum: ['agency', 'platform', 'operator', 'oversight'] }) kind!: string;
  @ApiProperty() name!: string;
  @ApiProperty() country!: string;
  @ApiProperty({ type: String, nullable: true }) platform_kind!: string | null;
  @ApiProperty({ enum: ORGANISATION_STATES }) state!: string;
  @ApiProperty({ type: [DeskGiven] }) desks!: DeskGiven[];
  @ApiProperty({ type: 'object', additionalProperties: true }) defaults!: Record<string, unknown>;
  @ApiProperty({ type: [String] }) default_channels!: string[];
  @ApiProperty({ type: 'integer', nullable: true }) signals_a_day!: number | null;
  @ApiProperty({ type: 'integer' }) review_one_in!: number;
  @ApiProperty({ enum: HASH_LICENCES, isArray: true }) licences!: string[];
  @ApiProperty({
    type: String,
    nullable: true,
    enum: ['match-only', 'full'],
    description: 'Of a platform. match-only: signals for automated matching, no bulletins.',
  })
  standing!: string | null;
  @ApiProperty({ description: 'Whether a platform has a legal ground to be told of abuse material.' })
  receives_csea!: boolean;
  @ApiProperty({ type: String, nullable: true }) notices_to!: string | null;
  @ApiProperty({ type: String, nullable: true }) corporate_group!: string | null;
  @ApiProperty({ type: [ListPermissionShown] }) list_permissions!: ListPermissionShown[];
}

export class OrganisationsShown {
  @ApiProperty({ type: [OrganisationShown] }) organisations!: OrganisationShown[];
}

/** What is shown of an organisation, field by field; the creation time and whatever comes later stay inside. */
export function showOrganisation(organisation: OrganisationRow): Plain<OrganisationShown> {
  return {
    id: organisation.id,
    kind: organisation.kind,
    name: organisation.name,
    country: organisation.country,
    platform_kind: organisation.platformKind,
    state: organisation.state,
    desks: organisation.desks.map(({ id, name, email, phone }) => ({ id, name, email, phone })),
    defaults: showStandingDefaults(organisation.defaults),
    default_channels: organisation.defaultChannels,
    signals_a_day: organisation.signalsADay,
    review_one_in: organisation.reviewOneIn,
    licences: organisation.licences,
    standing: organisation.kind === 'platform' ? organisation.standing : null,
    receives_csea: organisation.receivesCsea,
    notices_to: organisation.noticesTo,
    corporate_group: organisation.corporateGroup,
    list_permissions: organisation.listPermissions.map(({ list, terms, until }) => ({ list, terms, until })),
  };
}
