import type { OrganisationKind, Role } from '#libs/persistence';

/** The person on whose behalf something is done, and for whom. */
export interface Principal {
  personId: string;
  organisationId: string;
  organisationKind: OrganisationKind;
  organisationName: string;
  country: string;
  roles: Role[];
  keyId: string;
}
