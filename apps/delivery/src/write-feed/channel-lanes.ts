import type { DataSource } from 'typeorm';
import { channelTopic } from '#libs/events';
import { query } from '#libs/persistence';
import { BackgroundLoop, type Logger, type NextStep, type Telemetry } from '#libs/runtime';
import type { Lane } from '../disclose-and-send/delivery-target.js';

const LOOK_MS = 1_000;

/** Something that reads the topics of one lane. */
interface LaneReader {
  subscribe(topics: readonly string[]): void;
}

/**
 * Knows the lane of every channel and keeps the reader of each lane on the topics of its channels; a channel that is
 * opened while this runs is read as soon as its topic is made.
 */
export class ChannelLanes {
  private readonly loop: BackgroundLoop;
  private lanes = new Map<string, Lane>();

  constructor(
    private readonly database: DataSource,
    private readonly readers: Record<Lane, LaneReader>,
    parts: { logger: Logger; telemetry: Telemetry },
  ) {
    this.loop = new BackgroundLoop('follow-channels', () => this.look(), parts);
  }

  start(): void {
    this.loop.start();
  }

  async stop(): Promise<void> {
    await this.loop.stop();
  }

  /** The directory changed: look now. */
  wake(): void {
    this.loop.wake();
  }

  laneOf(channelId: string): Lane {
    return this.lanes.get(channelId) ?? 'ordinary';
  }

  private async look(): Promise<NextStep> {
    const sql = `SELECT id, priority FROM directory.channel ORDER BY id`;
    const channels = await query<{ id: string; priority: Lane }>(this.database, sql);
    this.lanes = new Map(channels.map(({ id, priority }) => [id, priority]));
    for (const lane of ['emergency', 'ordinary'] as const) {
      const ofLane = channels.filter(({ priority }) => priority === lane);
      this.readers[lane].subscribe(ofLane.map(({ id }) => channelTopic(id)));
    }
    return LOOK_MS;
  }
}
