import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { AudienceRule, ContactDesk, StatementDraft, Tlp } from '#libs/domain';

export type OrganisationKind = 'agency' | 'platform' | 'operator' | 'oversight';
export type Role = 'officer' | 'approver' | 'admin' | 'analyst' | 'operator' | 'overseer';

/** What the owner of a list permitted an agency, as operators recorded it. `list` is the name in its origin. */
export interface ListPermission {
  list: string;
  /** Where the terms are: a reference to the agreement, in words. */
  terms: string;
  /** ISO 8601, or null while it is in force without an end. */
  until: string | null;
}

/** What is said of an organisation that is to be admitted. */
export interface AdmissionSaid {
  legal_entity: { name: string; registration_number: string; country: string };
  agreement: { reference: string; sha256: string; signed_on: string };
  /** An agency, or another member, that vouches for it. */
  sponsor: string;
  /** ISO 8601 date, at most a year ahead. */
  review_on: string;
  platform?: {
    review_staff_countries: string[];
    terms_url: string;
    appeals_url: string;
    reporting_url: string;
    notices_to: string;
    csea_authority?: { country: string; legal_ground: string };
  };
  agency?: { mandate: string; oversight_body: string; night_desk: string };
}

/** An agency, a platform, the operator of this exchange, or an oversight body. */
@Entity({ schema: 'directory', name: 'organisation' })
export class Organisation {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') kind!: OrganisationKind;
  @Column('text') name!: string;
  @Column('char', { length: 2 }) country!: string;
  @Column('text', { name: 'platform_kind', nullable: true }) platformKind!: string | null;
  @Column('text') state!: 'active' | 'suspended' | 'left';
  @Column('jsonb') desks!: ContactDesk[];
  /** Standing defaults of an agency for what a format and the parameters do not say. */
  @Column('jsonb') defaults!: StatementDraft;
  @Column('text', { name: 'default_channels', array: true }) defaultChannels!: string[];
  /** Kinds of hash that a platform is licensed for. */
  @Column('text', { array: true, default: [] }) licences!: string[];
  /** How many items an agency may assert in a day without anybody looking; null where nobody said. */
  @Column('integer', { name: 'signals_a_day', nullable: true }) signalsADay!: number | null;
  /** One item of an agency in so many is drawn for review; 0 for none. */
  @Column('integer', { name: 'review_one_in', default: 0 }) reviewOneIn!: number;
  /** Lists of third parties that an agency may submit. */
  @Column('jsonb', { name: 'list_permissions', default: [] }) listPermissions!: ListPermission[];
  /** Of a platform: which ones are one company's, by a word; null where it is a group of its own. */
  @Column('text', { name: 'corporate_group', nullable: true }) corporateGroup!: string | null;
  /** What a platform is given: `match-only`, signals for automated matching; nothing that was written for people. */
  @Column('text', { default: 'match-only' }) standing!: 'match-only' | 'full';
  /** Whether a platform has a legal ground to receive hashes of abuse material. */
  @Column('boolean', { name: 'receives_csea', default: false }) receivesCsea!: boolean;
  /** The functional address that is told of endpoints that fail; null where nobody said. */
  @Column('text', { name: 'notices_to', nullable: true }) noticesTo!: string | null;
}

/** The grounds on which an organisation was admitted, as two operators decided; said in the words in which they were given. */
@Entity({ schema: 'directory', name: 'admission' })
export class Admission {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid', { name: 'organisation_id' }) organisationId!: string;
  /** `before-admissions`: it was there before anything was asked. */
  @Column('text') basis!: 'decided' | 'before-admissions';
  @Column('jsonb') said!: Partial<AdmissionSaid>;
  /** ISO 8601 date. */
  @Column('date', { name: 'review_on' }) reviewOn!: string;
  @Column('uuid', { name: 'proposed_by', nullable: true }) proposedBy!: string | null;
  @Column('uuid', { name: 'confirmed_by', nullable: true }) confirmedBy!: string | null;
  @Column('timestamptz', { name: 'admitted_at' }) admittedAt!: Date;
  @Column('timestamptz', { name: 'replaced_at', nullable: true }) replacedAt!: Date | null;
}

/** Somebody who acts for an organisation. */
@Entity({ schema: 'directory', name: 'person' })
export class Person {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid', { name: 'organisation_id' }) organisationId!: string;
  @Column('text') name!: string;
  @Column('text', { array: true }) roles!: Role[];
  @Column('text') state!: 'active' | 'left';
}

/** A key of a person; only a hash of its secret is stored. */
@Entity({ schema: 'directory', name: 'api_key' })
export class ApiKey {
  @PrimaryColumn('text') id!: string;
  @Column('uuid', { name: 'person_id' }) personId!: string;
  @Column('bytea', { name: 'secret_hash' }) secretHash!: Buffer;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('timestamptz', { name: 'expires_at', nullable: true }) expiresAt!: Date | null;
  @Column('timestamptz', { name: 'revoked_at', nullable: true }) revokedAt!: Date | null;
}

/** A table of signals and bulletins that one audience may read. Its rule never changes; a changed rule is a new channel. */
@Entity({ schema: 'directory', name: 'channel' })
export class Channel {
  @PrimaryColumn('text') id!: string;
  @Column('text') title!: string;
  @Column('jsonb') audience!: AudienceRule;
  @Column('text', { name: 'highest_tlp' }) highestTlp!: Tlp;
  @Column('text') priority!: 'ordinary' | 'emergency';
  @Column('boolean') drill!: boolean;
  @Column('text') state!: 'open' | 'closed';
}

/** A host that a platform says is its service: its site, its short links, its delivery network. */
@Entity({ schema: 'directory', name: 'service' })
export class Service {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid', { name: 'platform_id' }) platformId!: string;
  /** Canonical; what is below it belongs to it. */
  @Column('text') host!: string;
  @Column('text') kind!: 'site' | 'short-links' | 'delivery-network';
  /** What the platform has to put into the DNS or a file to prove it. */
  @Column('text') token!: string;
  @Column('timestamptz', { name: 'proved_at', nullable: true }) provedAt!: Date | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
}

/** The channel of one member for what is on the services of a platform. */
export function serviceChannelOf(platformId: string): string {
  return `service-${platformId}`;
}

/** What a subscription lets through; an absent condition lets everything through. */
export interface SubscriptionFilter {
  types?: string[];
  harms?: string[];
  languages?: string[];
  ceilings?: string[];
}

/** A platform's standing request: channels × filter × connector, with revisions. */
@Entity({ schema: 'directory', name: 'subscription' })
export class Subscription {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid', { name: 'platform_id' }) platformId!: string;
  @Column('text') connector!: string;
  @Column('text', { array: true }) channels!: string[];
  @Column('jsonb') filter!: SubscriptionFilter;
  @Column('jsonb') settings!: object;
  /** The connector's secrets, encrypted by the `endpoint-secrets` key ring. */
  @Column('bytea', { name: 'sealed_secrets' }) sealedSecrets!: Buffer;
  @Column('integer') revision!: number;
  @Column('text') state!: 'active' | 'paused' | 'left';
  @Column('text', { name: 'leave_policy', nullable: true }) leavePolicy!: 'keep-until-expiry' | 'delete-all' | null;
  @Column('timestamptz', { name: 'changed_at' }) changedAt!: Date;
}

/** The SCRAM user of a platform on Kafka: what should be there; the credentials port makes it so. */
@Entity({ schema: 'directory', name: 'kafka_user' })
export class KafkaUser {
  @PrimaryColumn('uuid', { name: 'platform_id' }) platformId!: string;
  @Column('text') name!: string;
  @Column('text') state!: 'granted' | 'revoked';
  @Column('timestamptz', { name: 'changed_at' }) changedAt!: Date;
}

export type ProposalAction =
  | 'stop'
  | 'lift-stop'
  | 'purge'
  | 'rebuild'
  | 'retract'
  | 'issue-key'
  | 'grant-role'
  | 'replace-protected-list'
  | 'close-channel'
  | 'release-organisation'
  | 'permit-list'
  | 'undo-submitter'
  | 'admit'
  | 'change-standing'
  | 'reinstate'
  | 'close-duty';

/** A new version of a protected list that waits for a second operator. */
export type ProposedList = Pick<ProtectedList, 'title' | 'judges' | 'entries'>;

/** What two operators decide together. */
@Entity({ schema: 'directory', name: 'proposal' })
export class Proposal {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') action!: ProposalAction;
  @Column('jsonb') subject!: Record<string, string>;
  /** What is put in force when it is confirmed, where the subject cannot say it; kept no longer than that. */
  @Column('jsonb', { nullable: true }) content!: ProposedList | AdmissionSaid | null;
  @Column('text') reason!: string;
  @Column('uuid', { name: 'proposed_by' }) proposedBy!: string;
  @Column('timestamptz', { name: 'proposed_at' }) proposedAt!: Date;
  @Column('uuid', { name: 'confirmed_by', nullable: true }) confirmedBy!: string | null;
  @Column('timestamptz', { name: 'confirmed_at', nullable: true }) confirmedAt!: Date | null;
  @Column('timestamptz', { name: 'done_at', nullable: true }) doneAt!: Date | null;
  @Column('jsonb', { nullable: true }) outcome!: Record<string, unknown> | null;
}

/** A stop of publishing that is in force until lifted; withdrawals and corrections go on. */
@Entity({ schema: 'directory', name: 'stop' })
export class Stop {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') scope!: 'everything' | 'agency' | 'channel';
  @Column('text', { nullable: true }) subject!: string | null;
  @Column('timestamptz') since!: Date;
  @Column('timestamptz', { name: 'lifted_at', nullable: true }) liftedAt!: Date | null;
}

/**
 * A protected list. `judges` says which hits hold: `any-hit` any URL or host on it, `whole-host` a host, root or domain
 * but not one exact item, `digest` exact hash values, `near-hash` perceptual hashes (PDQ) with what is near.
 */
@Entity({ schema: 'directory', name: 'protected_list' })
export class ProtectedList {
  @PrimaryColumn('text') id!: string;
  @Column('text') title!: string;
  @Column('integer') version!: number;
  @Column('text') judges!: 'any-hit' | 'whole-host' | 'digest' | 'near-hash';
  @Column('text', { array: true }) entries!: string[];
}

export const DIRECTORY_ENTITIES = [
  Organisation,
  Admission,
  Person,
  ApiKey,
  Channel,
  Subscription,
  KafkaUser,
  Proposal,
  Stop,
  ProtectedList,
  Service,
];
