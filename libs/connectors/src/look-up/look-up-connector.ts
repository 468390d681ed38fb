import type { Connector } from '../connector.js';
import { SettingsReader } from '../settings-reader.js';

/** A platform chooses nothing here: it asks with its own key. */
export type LookUpSettings = Record<string, never>;

/**
 * Nothing is sent: the platform asks platform-api by short prefixes of digests and decides itself what it found. What it asked
 * is kept nowhere, so that it is given every withdrawal of its channels.
 */
export const lookUp: Connector<LookUpSettings> = {
  id: 'look-up',
  title: 'Look-up (the platform asks by a prefix)',
  carries: { ceiling: true, drill: true },
  onePerPlatform: true,
  batch: { records: 1_000, bytes: 5_000_000 },

  readSettings(given) {
    new SettingsReader(given ?? {}).finish();
    return {};
  },

  /** Nothing to prove: only who holds a key of the platform can ask. */
  register: () => Promise.resolve({ settings: {}, secrets: {}, handOver: {} }),
};
