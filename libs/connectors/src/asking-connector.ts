import type { Connector } from './connector.js';
import { SettingsReader } from './settings-reader.js';

/** A platform chooses nothing here: it asks with its own key. */
export type AskingSettings = Record<string, never>;

/**
 * A way to receive by which nothing is sent: the platform asks platform-api, when it likes and as fast as it can. There is nothing to
 * prove, since only who holds a key of the platform can ask.
 */
export function askingConnector(
  own: Pick<Connector<AskingSettings>, 'id' | 'title' | 'carries'>,
): Connector<AskingSettings> {
  return {
    ...own,
    onePerPlatform: true,
    batch: { records: 1_000, bytes: 5_000_000 },
    readSettings(given) {
      new SettingsReader(given ?? {}).finish();
      return {};
    },
    register: () => Promise.resolve({ settings: {}, secrets: {}, handOver: {} }),
  };
}
