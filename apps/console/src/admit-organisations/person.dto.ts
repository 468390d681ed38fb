import { ApiProperty } from '@nestjs/swagger';
import type { OrganisationKind, Role } from '#libs/persistence';
import { Line, Reason, Word, Words } from '../request-properties.js';
import type { Plain, PersonRow } from '../plain.js';

/** Which roles make sense in which kind of organisation. */
export const ROLES_OF_KIND = {
  agency: ['officer', 'approver'],
  platform: ['admin', 'analyst'],
  operator: ['operator'],
  oversight: ['overseer'],
} as const satisfies Record<OrganisationKind, readonly Role[]>;

/** Operators' roles are given on the host, never here. */
const ROLES_GIVEN = [...ROLES_OF_KIND.agency, ...ROLES_OF_KIND.platform, ...ROLES_OF_KIND.oversight];

/** A person to admit; roles have to fit the kind of the organisation. */
export class PersonGiven {
  @Line(1, 120, { description: 'How this organisation calls the person; a staff number will do.' }) name!: string;
  @Words(ROLES_GIVEN) roles!: Role[];
}

/** What changes of a person, always with a reason, since roles are power. */
export class PersonChanges {
  @Words(ROLES_GIVEN, { optional: true }) roles?: Role[];
  @Word(['left'], { optional: true, description: 'For good; every key of the person ends at once.' }) state?: 'left';
  @Reason() reason!: string;
}

/** A person as shown to who may manage them. */
export class PersonShown {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ format: 'uuid' }) organisation_id!: string;
  @ApiProperty() name!: string;
  @ApiProperty({ type: [String], enum: [...ROLES_GIVEN, 'operator'] }) roles!: string[];
  @ApiProperty({ enum: ['active', 'left'] }) state!: string;
}

export class PeopleShown {
  @ApiProperty({ type: [PersonShown] }) people!: PersonShown[];
}

/** What is shown of a person. */
export function showPerson({ id, organisationId, name, roles, state }: PersonRow): Plain<PersonShown> {
  return { id, organisation_id: organisationId, name, roles, state };
}
