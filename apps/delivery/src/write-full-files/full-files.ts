import type { DataSource } from 'typeorm';
import { familyOf } from '#libs/domain';
import { BackgroundLoop, type NextStep, type Telemetry } from '#libs/runtime';
import { dueFiles } from './due-files.js';
import { FullFileWriter, type FullFileOutcome, type FullFileParts } from './full-file-writer.js';

/** How often it is looked whether a full file is due. */
const EVERY_MS = 10_000;
/** A place that is slower than this for one file lets the others have their turn. */
const MOST_MS = 3_600_000;

/** Writes full files when they are due, one after the other in this process. */
export class FullFiles {
  private readonly loop: BackgroundLoop;
  private readonly writer: FullFileWriter;
  private readonly outcomes;

  constructor(
    private readonly database: DataSource,
    private readonly parts: FullFileParts & { telemetry: Telemetry },
  ) {
    this.writer = new FullFileWriter(database, parts);
    this.loop = new BackgroundLoop('write-full-files', (signal) => this.step(signal), parts);
    this.outcomes = parts.telemetry.counter('delivery_full_files_total', 'Full files that were due, by outcome', [
      'outcome',
    ]);
  }

  start(): void {
    this.loop.start();
  }

  /** Resolves when the one under way was given up. */
  async stop(): Promise<void> {
    await this.loop.stop();
  }

  private async step(signal: AbortSignal): Promise<NextStep> {
    for (const target of await dueFiles(this.database, new Date())) {
      signal.throwIfAborted();
      const { subscriptionId: subscription, channelId: channel } = target;
      let outcome: FullFileOutcome | 'failed' = 'failed';
      try {
        outcome = await this.writer.write(target, AbortSignal.any([signal, AbortSignal.timeout(MOST_MS)]));
      } catch (thrown) {
        signal.throwIfAborted();
        // One whose place is away keeps no other waiting.
        const level = familyOf(thrown) === 'fault' ? 'error' : 'warn';
        this.parts.logger[level]({ subscription, channel, err: thrown }, 'full-file-failed');
      }
      if (outcome !== 'busy') this.outcomes.inc({ outcome });
      this.parts.logger.debug({ subscription, channel, outcome }, 'full-file');
    }
    return EVERY_MS;
  }
}
