import { randomBytes } from 'node:crypto';
import { kafkaAccess } from '#libs/connectors';

/** A platform's Kafka user as the directory wants it. */
export interface WantedUser {
  platformId: string;
  name: string;
  state: 'granted' | 'revoked';
}

/** What has to be looked at, told from the names of the users that are there. */
export interface UserPlan {
  /** Platforms with a user that must not be there (any more); the most urgent. */
  surplus: string[];
  /** Platforms whose user is there as it should be; its grants may still differ. */
  present: string[];
  /** Platforms whose user is not there. Nobody knows its password, so only the platform can ask for new credentials. */
  missing: string[];
  /** Users named like a platform's, of no platform of this directory: left alone, and told. */
  strangers: string[];
}

const RANDOM_BYTES = 4;

function prefixOf(platformId: string): string {
  return `${kafkaAccess(platformId).user}-`;
}

/**
 * A name for a platform's next user. Each issue has its own: what is connected under an earlier name does not come back
 * to life when grants are made for the new one.
 */
export function newUserName(platformId: string): string {
  return prefixOf(platformId) + randomBytes(RANDOM_BYTES).toString('hex');
}

/** Those of the present users that belong to a platform. */
export function usersOf(platformId: string, present: readonly string[]): string[] {
  return present.filter((name) => name.startsWith(prefixOf(platformId)));
}

/**
 * Compares the users that should be there with those that are.
 * @param platformIds all platforms of the directory
 * @param present names of all users of the cluster
 */
export function planUsers(
  wanted: readonly WantedUser[],
  platformIds: readonly string[],
  present: readonly string[],
): UserPlan {
  const plan: UserPlan = { surplus: [], present: [], missing: [], strangers: [] };
  const known = new Set<string>();
  for (const platformId of platformIds) {
    const row = wanted.find((user) => user.platformId === platformId);
    const granted = row?.state === 'granted' ? row.name : undefined;
    const own = usersOf(platformId, present);
    own.forEach((name) => known.add(name));
    if (own.some((name) => name !== granted)) plan.surplus.push(platformId);
    else if (granted !== undefined) plan[own.includes(granted) ? 'present' : 'missing'].push(platformId);
  }
  const shape = new RegExp(`^${prefixOf('[0-9a-f-]{36}')}[0-9a-f]{${2 * RANDOM_BYTES}}$`);
  plan.strangers = present.filter((name) => shape.test(name) && !known.has(name));
  return plan;
}
