import type { SignalType } from './registry.js';

const EXACT: ReadonlySet<SignalType> = new Set(['md5', 'sha1', 'sha256', 'sha512']);

/** Whether signals of a type match one file exactly and tell nothing of what is in it (cryptographic hashes). */
export function isExactHash(type: SignalType): boolean {
  return EXACT.has(type);
}
