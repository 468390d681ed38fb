import { TocsinError } from '#libs/domain';
import type { ConnectorContext, DeliveryOutcome, PublicKeysShown, SendingConnector } from '../connector.js';
import { SettingsReader } from '../settings-reader.js';
import { signedFiles } from './signed-files.js';

/** A platform chooses nothing here: its folder follows from its id. */
export type SignedFileSettings = Record<string, never>;

const LIMITS = { records: 500, bytes: 5_000_000 };

/**
 * Puts signed files into the platform's own folder, from where it takes them as the two have agreed: over SFTP, on a share, by a
 * carrier. What is sent is what is in its place whole.
 */
export const signedFile: SendingConnector<SignedFileSettings> = {
  id: 'signed-file',
  title: 'Signed files (a folder of the platform’s own)',
  carries: { ceiling: true, drill: true },
  onePerPlatform: true,
  batch: LIMITS,

  readSettings(given) {
    new SettingsReader(given ?? {}).finish();
    return {};
  },

  /** Nothing to prove: who may read the folder is the operator's to see to. */
  register: (platformId, _settings, context) =>
    Promise.resolve({ settings: {}, secrets: {}, handOver: { folder: platformId, ...keysShown(context) } }),

  publicKeys: (_settings, context) => keysShown(context),

  async deliver(batch, _settings, _secrets, context): Promise<DeliveryOutcome> {
    const bytes = batch.records.reduce((sum, { body }) => sum + Buffer.byteLength(body) + 1, 0);
    const sent = { records: batch.records.length, bytes };
    if (sent.records > LIMITS.records || sent.bytes > LIMITS.bytes)
      return { outcome: 'refused', detail: 'The batch is larger than one file holds.', evidence: sent };
    if (!context.files) return { outcome: 'unavailable', detail: 'No folder for files is configured.' };
    const started = context.now().getTime();
    const files = signedFiles(batch, context.signing);
    try {
      for (const file of files) await context.files.put([batch.platformId, batch.channelId], file.name, file.bytes);
    } catch (error) {
      if (!(error instanceof TocsinError) || error.family !== 'transient') throw error;
      return { outcome: 'unavailable', detail: error.detail };
    }
    const file = files[0]?.name ?? '';
    return { outcome: 'sent', evidence: { ...sent, file, duration_ms: context.now().getTime() - started } };
  },
};

function keysShown({ signing }: Pick<ConnectorContext, 'signing'>): PublicKeysShown {
  const keys = signing.publicKeys();
  return {
    public_keys: keys.map(({ raw }) => `whpk_${raw.toString('base64')}`),
    public_key_ids: keys.map(({ keyId }) => keyId),
  };
}
