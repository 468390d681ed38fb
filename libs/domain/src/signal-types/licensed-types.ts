import type { SignalType } from './registry.js';

/** Kinds of hash that only those may have who hold a licence of their owner. */
export const LICENSED_TYPES = [
  'photodna',
  'tmk-pdqf',
  'videntifier',
  'netclean',
  'ssvh-pdna',
  'ssvh-safer-hash',
] as const satisfies readonly SignalType[];

const OPAQUE: ReadonlySet<SignalType> = new Set(LICENSED_TYPES);

/** What a platform can be licensed for: the opaque kinds, and perceptual hashes and hashed addresses of abuse material. */
export const HASH_LICENCES = [...LICENSED_TYPES, 'pdq', 'url-sha256'] as const;
export type HashLicence = (typeof HASH_LICENCES)[number];

/** Whether values of a type are neither computed nor compared here. */
export function isOpaqueHash(type: SignalType): boolean {
  return OPAQUE.has(type);
}

/**
 * The licence that a platform needs for signals of a type.
 * @param ofAbuse whether the harm is child sexual exploitation and abuse, whose perceptual hashes are images of it
 */
export function licenceFor(type: SignalType, ofAbuse: boolean): HashLicence | undefined {
  if (type === 'pdq' || type === 'url-sha256') return ofAbuse ? type : undefined;
  return HASH_LICENCES.find((licence) => licence === type);
}
