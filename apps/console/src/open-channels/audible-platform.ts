import type { Audible } from '#libs/domain';
import type { OrganisationRow } from '../plain.js';

/** What an audience rule needs to know of a platform; undefined for other organisations. */
export function audibleOf({ id, country, kind, platformKind, licences }: OrganisationRow): Audible | undefined {
  return kind === 'platform' && platformKind !== null ? { id, country, kind: platformKind, licences } : undefined;
}
