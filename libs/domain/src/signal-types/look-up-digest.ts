import { createHash } from 'node:crypto';
import type { SignalType } from './registry.js';
import { hashUrl } from './url-sha256.js';

/**
 * Types that may be asked for by a prefix: those of which a value matches exactly or not at all. Perceptual and opaque hashes
 * match by likeness, phrases within a text, and neither can be found by a digest.
 */
export const LOOK_UP_TYPES = [
  ...(['md5', 'sha1', 'sha256', 'sha512'] as const),
  ...(['url', 'url-sha256', 'domain'] as const),
] as const satisfies readonly SignalType[];
export type LookUpType = (typeof LOOK_UP_TYPES)[number];

/** Whether signals of a type can be looked up. */
export function isLookedUp(type: unknown): type is LookUpType {
  return LOOK_UP_TYPES.some((one) => one === type);
}

/**
 * The plain SHA-256 under which a signal is looked up, so that whoever has the value computes it without asking anybody:
 *
 * - hashes and domains: of the canonical value as text in UTF-8; of a hash, of its lower-case hexadecimal digits;
 * - `url`: of its most exact expression, `host/path?query`, which has neither scheme nor port: either scheme finds the other;
 * - `url-sha256`: the value itself, which is that digest already, so that asking for an address finds both.
 *
 * @param value in canonical form
 * @returns 64 lower-case hexadecimal digits
 */
export function lookUpDigest(type: LookUpType, value: string): string {
  if (type === 'url-sha256') return value;
  return type === 'url' ? hashUrl(value) : createHash('sha256').update(value).digest('hex');
}
