import { ApiProperty } from '@nestjs/swagger';
import type { AdmissionSaid } from '#libs/persistence';
import { Countries, Country, Id, Line, Matching, Part, Reason, Slug } from '../request-properties.js';

/** A functional address. */
export const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,190}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const SHA256 = /^[0-9a-f]{64}$/;
const WEB_PAGE = /^https:\/\/[a-z0-9.-]{1,253}(:\d{1,5})?(\/[\x21-\x7e]{0,500})?$/;
const MOST_COUNTRIES = 100;

/** Who the organisation is in law. */
export class LegalEntity {
  @Line(1, 200) name!: string;
  @Line(1, 80, { description: 'In the register of its country.' }) registration_number!: string;
  @Country({ description: 'Of establishment: ISO 3166-1 alpha-2.' }) country!: string;
}

/** The agreement under which it takes part; the document itself stays with the operators. */
export class Agreement {
  @Line(1, 200) reference!: string;
  @Matching(SHA256, { description: 'Of the signed document, in lower-case hexadecimal.' }) sha256!: string;
  @Matching(DAY, { example: '2026-01-31' }) signed_on!: string;
}

/** Why a platform may be told of abuse material. */
export class CseaAuthority {
  @Country() country!: string;
  @Line(3, 400, { description: 'The provision that lets it receive hashes of abuse material.' }) legal_ground!: string;
}

/** What a platform has to say. */
export class PlatformAdmission {
  @Countries(MOST_COUNTRIES, { description: 'Where people look at what is received.' })
  review_staff_countries!: string[];
  @Matching(WEB_PAGE, { description: 'Its published terms.' }) terms_url!: string;
  @Matching(WEB_PAGE, { description: 'Where its users appeal.' }) appeals_url!: string;
  @Matching(WEB_PAGE, { description: 'Where anybody reports content to it.' }) reporting_url!: string;
  @Matching(EMAIL, { description: 'A functional address, told when an endpoint fails; never a person’s own.' })
  notices_to!: string;
  @Part(CseaAuthority, { optional: true, description: 'Without it nothing of abuse material is received.' })
  csea_authority?: CseaAuthority;
}

/** What an agency has to say. */
export class AgencyAdmission {
  @Line(3, 400, { description: 'The provision that gives it its task.' }) mandate!: string;
  @Line(1, 200) oversight_body!: string;
  @Slug({ description: 'Which of its desks answers at any hour.' }) night_desk!: string;
}

/** An admission as proposed; `platform` or `agency` after the kind of the organisation. */
export class AdmissionGiven {
  @Part(LegalEntity) legal_entity!: LegalEntity;
  @Part(Agreement) agreement!: Agreement;
  @Id({ description: 'An agency, or another member, that vouches for it.' }) sponsor!: string;
  @Matching(DAY, { description: 'When it is looked at again: within a year.' }) review_on!: string;
  @Part(PlatformAdmission, { optional: true }) platform?: PlatformAdmission;
  @Part(AgencyAdmission, { optional: true }) agency?: AgencyAdmission;
  @Reason() reason!: string;
}

/** On which grounds an organisation is there, and whether somebody has to look at them. */
export class AdmissionShown {
  @ApiProperty({ format: 'uuid' }) organisation_id!: string;
  @ApiProperty() name!: string;
  @ApiProperty({ enum: ['agency', 'platform'] }) kind!: string;
  @ApiProperty({ type: String, nullable: true, enum: ['match-only', 'full'], description: 'Of a platform.' })
  standing!: string | null;
  @ApiProperty({
    enum: ['decided', 'before-admissions', 'none'],
    description: 'By two operators; there before anything was asked; nobody has decided yet.',
  })
  basis!: 'decided' | 'before-admissions' | 'none';
  @ApiProperty({ type: String, format: 'date', nullable: true }) review_on!: string | null;
  @ApiProperty({ description: 'Somebody has to look: the day has come, or two operators have not decided.' })
  due!: boolean;
  @ApiProperty({ type: 'object', additionalProperties: true, description: 'As proposed, word by word.' })
  said!: Partial<AdmissionSaid>;
  @ApiProperty({ type: String, format: 'uuid', nullable: true }) proposed_by!: string | null;
  @ApiProperty({ type: String, format: 'uuid', nullable: true }) confirmed_by!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) admitted_at!: string | null;
}

export class AdmissionsShown {
  @ApiProperty({ type: [AdmissionShown] }) admissions!: AdmissionShown[];
}
