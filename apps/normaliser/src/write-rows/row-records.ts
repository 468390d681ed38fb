import type { EntityManager } from 'typeorm';
import { channelTopic, EVENT_TYPES } from '#libs/events';
import { writeOutbox, type FinishedRecord } from '#libs/persistence';
import type { ChannelSeen } from '../read-directory/directory-snapshot.js';

/** The source attribute of every event of a channel (CloudEvents 1.0, section 3.1). */
const SOURCE = '/tocsin/normaliser';

/** What the headers of a channel record say beside the body, so that the feed can be written without parsing. */
interface RecordLabels {
  rowId: string;
  version: number;
  publishedAt: string;
  /** Reason of a withdrawal; absent for a live row. */
  reason?: string;
}

/** Collects the finished records of one chunk, channel by channel, and puts them into the outbox as one row each. */
export class RowRecords {
  private readonly byChannel = new Map<string, { channel: ChannelSeen; records: FinishedRecord[] }>();

  add(channel: ChannelSeen, labels: RecordLabels, record: { id: string; text: string }): void {
    const entry = this.byChannel.get(channel.id) ?? { channel, records: [] };
    this.byChannel.set(channel.id, entry);
    entry.records.push({
      key: labels.rowId,
      headers: {
        ce_specversion: '1.0',
        ce_id: record.id,
        ce_source: SOURCE,
        ce_type: labels.reason ? EVENT_TYPES.withdrawal : EVENT_TYPES.row,
        ce_time: labels.publishedAt,
        'content-type': 'application/json',
        version: String(labels.version),
        ...(labels.reason ? { reason: labels.reason } : {}),
      },
      value: record.text,
    });
  }

  /** Number of records so far. */
  get size(): number {
    let size = 0;
    for (const { records } of this.byChannel.values()) size += records.length;
    return size;
  }

  async writeTo(manager: EntityManager): Promise<void> {
    for (const { channel, records } of this.byChannel.values()) {
      await writeOutbox(
        manager,
        'normaliser',
        channel.priority === 'emergency' ? 0 : 1,
        channelTopic(channel.id),
        records,
      );
    }
  }
}
