import { ceilingsSafeguard } from './ceilings/ceilings.js';
import { hashHygieneSafeguard } from './hash-hygiene/hash-hygiene.js';
import { hostingSafeguard } from './hosting/hosting.js';
import { listPermissionsSafeguard } from './list-permissions/list-permissions.js';
import { peopleDataSafeguard } from './people-data/people-data.js';
import { phrasesSafeguard } from './phrases/phrases.js';
import { protectedListsSafeguard } from './protected-lists/safeguard.js';
import type { Safeguard, SafeguardRule } from './safeguard.js';
import { validitySafeguard } from './validity/validity.js';

/** All safeguards, in the order in which they judge: the first that decides about a signal decides. */
export const SAFEGUARDS: readonly Safeguard[] = [
  protectedListsSafeguard,
  hashHygieneSafeguard,
  phrasesSafeguard,
  ceilingsSafeguard,
  hostingSafeguard,
  listPermissionsSafeguard,
  validitySafeguard,
  peopleDataSafeguard,
];

/**
 * The rules of safeguards by id.
 * @throws when two rules, or two safeguards, have the same id
 */
export function rulesById(safeguards: readonly Safeguard[]): ReadonlyMap<string, SafeguardRule> {
  const names = new Set(safeguards.map(({ id }) => id));
  if (names.size < safeguards.length) throw new Error('two safeguards have the same id');
  const rules = safeguards.flatMap((safeguard) => safeguard.rules);
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  if (byId.size < rules.length) throw new Error('two rules of safeguards have the same id');
  return byId;
}

/** Every rule in force, by the id that decisions name. */
export const SAFEGUARD_RULES = rulesById(SAFEGUARDS);
