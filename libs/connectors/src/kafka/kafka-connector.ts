import { TocsinError } from '#libs/domain';
import type { DeliveryOutcome, SendingConnector } from '../connector.js';
import { SettingsReader } from '../settings-reader.js';
import { cloudEventHeaders } from './cloud-event-headers.js';
import { kafkaAccess } from './kafka-access.js';

/** A platform chooses nothing here: topic, user and group prefix follow from its id. */
export type KafkaSettings = Record<string, never>;

const LIMITS = { records: 500, bytes: 5_000_000 };

/**
 * Writes to the platform's own compacted topic. The key is channel and row, so that the topic is a table in which the
 * newest version of a row stays; a withdrawal is a record like any other, never a bare tombstone.
 */
export const kafka: SendingConnector<KafkaSettings> = {
  id: 'kafka',
  title: 'Kafka (a topic of the platform’s own)',
  carries: { ceiling: true, drill: true },
  readWith: 'kafka-user',
  onePerPlatform: true,
  batch: LIMITS,

  readSettings(given) {
    new SettingsReader(given ?? {}).finish();
    return {};
  },

  /** Nothing to prove: only the holder of the credentials, made elsewhere, can read the topic. */
  register(platformId) {
    const { topic, groupPrefix } = kafkaAccess(platformId);
    return Promise.resolve({ settings: {}, secrets: {}, handOver: { topic, group_prefix: groupPrefix } });
  },

  async deliver(batch, _settings, _secrets, context): Promise<DeliveryOutcome> {
    const { topic } = kafkaAccess(batch.platformId);
    const bytes = batch.records.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0);
    const sent = { records: batch.records.length, bytes };
    if (sent.records > LIMITS.records || sent.bytes > LIMITS.bytes) {
      return { outcome: 'refused', detail: 'The batch is larger than one write takes.', evidence: sent };
    }
    const started = context.now().getTime();
    try {
      await context.topics.produce(
        topic,
        batch.records.map((record) => ({
          key: `${batch.channelId}/${record.rowId}`,
          value: record.body,
          headers: cloudEventHeaders(batch, record),
        })),
      );
    } catch (error) {
      if (!(error instanceof TocsinError) || error.family === 'fault') throw error;
      const outcome = error.family === 'rejection' ? 'refused' : 'unavailable';
      return { outcome, detail: error.detail };
    }
    return { outcome: 'sent', evidence: { ...sent, duration_ms: context.now().getTime() - started } };
  },
};
