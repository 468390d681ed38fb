import { Controller } from '@nestjs/common';
import { fault, TocsinError } from '#libs/domain';
import { channelOfTopic } from '#libs/events';
import { BatchHandler, type ReceivedRecord, type RecordBatch } from '#libs/messaging';
import { crashPoint } from '#libs/runtime';
import { DeadLetters } from '../keep-dead-letters/dead-letters.js';
import { LaneDatabases } from '../lane-databases.js';
import { ChannelLanes } from './channel-lanes.js';
import { FeedMetrics } from './feed-metrics.js';
import { readFeedRecord, writeFeed, type FeedRecord } from '#libs/feed';

/**
 * Writes what channel topics carry into the feed. Several partitions of a channel take turns here rather than at the
 * lock in the database, so that waiting holds no connection.
 */
@Controller()
export class FeedConsumer {
  private readonly turns = new Map<string, Promise<unknown>>();

  constructor(
    private readonly databases: LaneDatabases,
    private readonly lanes: ChannelLanes,
    private readonly deadLetters: DeadLetters,
    private readonly metrics: FeedMetrics,
  ) {}

  /** A record that cannot be read becomes a dead letter, and the others go on (I9). */
  @BatchHandler('tocsin.channel.*.v1')
  async write(batch: RecordBatch): Promise<void> {
    const channelId = channelOfTopic(batch.topic);
    if (channelId === undefined) throw fault('this topic is not of a channel');
    const readable: FeedRecord[] = [];
    for (const record of batch.records) {
      const read = readOrRefuse(record);
      if (read instanceof TocsinError) await this.setAside(batch, record, read);
      else readable.push(read);
    }
    const lane = this.lanes.laneOf(channelId);
    const written = await this.inTurn(channelId, () => writeFeed(this.databases.of[lane], channelId, readable));
    crashPoint('after-effect-before-offset');
    this.metrics.wrote(lane, written);
  }

  private async setAside({ topic, partition }: RecordBatch, record: ReceivedRecord, error: TocsinError): Promise<void> {
    await this.deadLetters.write({ groupId: '', topic, partition, record }, error.code, error.detail);
    this.metrics.deadLettered(error.code);
  }

  private async inTurn<T>(channelId: string, work: () => Promise<T>): Promise<T> {
    const before = this.turns.get(channelId) ?? Promise.resolve();
    const mine = before.then(work);
    const ended = mine.catch(() => undefined);
    this.turns.set(channelId, ended);
    try {
      return await mine;
    } finally {
      if (this.turns.get(channelId) === ended) this.turns.delete(channelId);
    }
  }
}

function readOrRefuse(record: ReceivedRecord): FeedRecord | TocsinError {
  try {
    return readFeedRecord(record);
  } catch (thrown) {
    if (thrown instanceof TocsinError) return thrown;
    throw thrown;
  }
}
