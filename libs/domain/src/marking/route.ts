import type { HashLicence } from '../signal-types/index.js';
import { compareTlp, type Tlp } from './tlp.js';
import { KNOWN_CAVEATS, type Country, type Marking } from './marking.js';

/** The one audience rule of a channel. All the conditions given must hold; a rule with none admits every platform. */
export interface AudienceRule {
  /** Countries of establishment; absent means any. */
  countries?: Country[];
  /** Kinds of platform (`video`, `forum`, …); absent means any. */
  kinds?: string[];
  /** Named platforms; absent means any. */
  members?: string[];
  /** Licences that a platform has to hold, each of them; absent means none. */
  licences?: HashLicence[];
}

/** What routing needs to know of a platform. */
export interface Audible {
  id: string;
  country: Country;
  kind: string;
  /** Kinds of hash that its owners licensed it for. */
  licences: readonly string[];
}

/** What routing needs to know of a channel. */
export interface RoutableChannel {
  id: string;
  audience: AudienceRule;
  highestTlp: Tlp;
  priority: 'ordinary' | 'emergency';
  drill: boolean;
}

/** Whether a channel's rule admits this platform. */
export function admits(rule: AudienceRule, platform: Audible): boolean {
  return (
    (!rule.countries || rule.countries.includes(platform.country)) &&
    (!rule.kinds || rule.kinds.includes(platform.kind)) &&
    (!rule.members || rule.members.includes(platform.id)) &&
    (rule.licences ?? []).every((licence) => platform.licences.includes(licence))
  );
}

/**
 * Whether every platform that the channel's rule could admit, now or later, is allowed by the marking.
 * Named members are known one by one; otherwise the rule's countries must all be releasable, and a rule without
 * countries could admit any country. A caveat that is not known takes every channel away.
 */
export function mayCarry(
  channel: RoutableChannel,
  marking: Marking,
  countryOf: (platformId: string) => Country | undefined,
): boolean {
  if (compareTlp(marking.tlp, channel.highestTlp) > 0) return false;
  const { releasableTo, caveats } = marking;
  const known: readonly string[] = KNOWN_CAVEATS;
  if (caveats.some((caveat) => !known.includes(caveat))) return false;
  if (releasableTo === 'all') return true;
  const { countries, members } = channel.audience;
  const allowed = (country: Country | undefined): boolean => country !== undefined && releasableTo.includes(country);
  if (countries && countries.every(allowed)) return true;
  return members !== undefined && members.every((member) => allowed(countryOf(member)));
}
