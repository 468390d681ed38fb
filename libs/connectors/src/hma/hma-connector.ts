import type { SignalType } from '#libs/domain';
import { askingConnector } from '../asking-connector.js';

/**
 * Types of signals that have a fingerprint in the hash exchange of NCMEC (version 2), each with its element and the kind of
 * entry in which python-threatexchange matches it.
 */
export const HASHES_TOLD = {
  md5: { fingerprint: 'md5', entry: 'video' },
  sha1: { fingerprint: 'sha1', entry: 'video' },
  pdq: { fingerprint: 'pdq', entry: 'image' },
  photodna: { fingerprint: 'pdna', entry: 'image' },
} as const satisfies Partial<Record<SignalType, { fingerprint: string; entry: 'image' | 'video' }>>;

/**
 * Hasher-Matcher-Actioner, or another user of python-threatexchange, fetches hashes in the form of NCMEC's hash exchange. To that
 * form every entry is something to act on: it can say neither a ceiling nor a drill.
 */
export const hma = askingConnector({
  id: 'hma',
  title: 'Hash exchange (Hasher-Matcher-Actioner fetches)',
  carries: { ceiling: false, drill: false },
});
