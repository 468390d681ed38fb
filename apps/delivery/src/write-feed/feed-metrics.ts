import { silentObserver, type MessagingObserver } from '#libs/messaging';
import type { Telemetry } from '#libs/runtime';
import type { Lane } from '../disclose-and-send/delivery-target.js';
import type { FeedWritten } from '#libs/feed';

/** Counts what feed writing does, and what the consumers under it tell. */
export class FeedMetrics {
  private readonly records;
  private readonly deadLetters;
  private readonly lag;
  private readonly paused;
  private readonly rebuilt;

  constructor(telemetry: Telemetry) {
    this.records = telemetry.counter('feed_records_total', 'Records of channel topics, by outcome', [
      'lane',
      'outcome',
    ]);
    this.deadLetters = telemetry.counter('dead_letters_total', 'Records set aside for a person', ['code']);
    const place = ['topic', 'partition'];
    this.lag = telemetry.gauge('consumer_lag_records', 'Records behind the end of the partition', place);
    this.paused = telemetry.gauge('consumer_paused', 'Whether the partition waits because of an error', place);
    this.rebuilt = telemetry.counter('consumer_rebuilt_total', 'Kafka clients replaced after a crash or silence', [
      'group',
    ]);
  }

  wrote(lane: Lane, { written, outdated }: FeedWritten): void {
    this.records.inc({ lane, outcome: 'written' }, written);
    this.records.inc({ lane, outcome: 'outdated' }, outdated);
  }

  deadLettered(code: string): void {
    this.deadLetters.inc({ code });
  }

  /** What messaging reports to. */
  observer(): MessagingObserver {
    return {
      ...silentObserver,
      lag: ({ topic, partition }, records) => this.lag.set({ topic, partition }, records),
      pausedChanged: ({ topic, partition }, paused) => this.paused.set({ topic, partition }, paused ? 1 : 0),
      deadLettered: (_place, code) => this.deadLettered(code),
      consumerRebuilt: (group) => this.rebuilt.inc({ group }),
    };
  }
}
