import type { Connector } from '../connector.js';
import { SettingsReader } from '../settings-reader.js';

/** A platform chooses nothing here: it fetches with its own key. */
export type FeedSettings = Record<string, never>;

/**
 * Nothing is sent: the platform fetches what is new from platform-api, when it likes and as fast as it can. The records are
 * those that others are sent, byte for byte.
 */
export const feed: Connector<FeedSettings> = {
  id: 'feed',
  title: 'Feed (the platform fetches)',
  carries: { ceiling: true, drill: true },
  onePerPlatform: true,
  batch: { records: 1_000, bytes: 5_000_000 },

  readSettings(given) {
    new SettingsReader(given ?? {}).finish();
    return {};
  },

  /** Nothing to prove: only who holds a key of the platform can fetch. */
  register: () => Promise.resolve({ settings: {}, secrets: {}, handOver: {} }),
};
