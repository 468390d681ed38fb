import type { SignalType } from '#libs/domain';
import type { Connector } from '../connector.js';
import { SettingsReader } from '../settings-reader.js';

/** A platform chooses nothing here: it fetches with its own key. */
export type HmaSettings = Record<string, never>;

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
 * Nothing is sent: Hasher-Matcher-Actioner, or another user of python-threatexchange, fetches hashes from platform-api in
 * the form of NCMEC's hash exchange. To that form every entry is something to act on: it can say neither a ceiling nor a drill.
 */
export const hma: Connector<HmaSettings> = {
  id: 'hma',
  title: 'Hash exchange (Hasher-Matcher-Actioner fetches)',
  carries: { ceiling: false, drill: false },
  onePerPlatform: true,
  batch: { records: 1_000, bytes: 5_000_000 },

  readSettings(given) {
    new SettingsReader(given ?? {}).finish();
    return {};
  },

  /** Nothing to prove: only who holds a key of the platform can fetch. */
  register: () => Promise.resolve({ settings: {}, secrets: {}, handOver: {} }),
};
