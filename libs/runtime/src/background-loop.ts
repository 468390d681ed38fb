import { familyOf } from '#libs/domain';
import type { Logger } from './logging.js';
import type { Telemetry } from './telemetry.js';

/** What a step says comes next: again at once, or after so many milliseconds (or when woken). */
export type NextStep = 'again' | number;

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Runs steps one after the other. A transient error is waited out for as long as it lasts; a fault is loud and waited
 * out as well, because ending the loop would stop everybody's work for one broken thing.
 */
export class BackgroundLoop {
  private readonly stopping = new AbortController();
  private running?: Promise<void>;
  private wakeUp?: () => void;
  private woken = false;
  private failures = 0;

  constructor(
    private readonly name: string,
    private readonly step: (signal: AbortSignal) => Promise<NextStep>,
    private readonly parts: { logger: Logger; telemetry: Telemetry },
  ) {}

  start(): void {
    this.running ??= this.run();
  }

  /** Ends the wait between two steps; a wake during a step makes the next one follow at once. */
  wake(): void {
    this.woken = true;
    if (this.failures === 0) this.wakeUp?.();
  }

  /** Resolves when the running step has ended. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.wakeUp?.();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      this.woken = false;
      const next = await this.tryStep(signal);
      if (next !== 'again' && !this.wasWoken()) await this.wait(next, signal);
    }
  }

  /** Whether somebody woke the loop during the step; a failing step waits all the same. */
  private wasWoken(): boolean {
    return this.woken && this.failures === 0;
  }

  private async tryStep(signal: AbortSignal): Promise<NextStep> {
    try {
      const next = await this.step(signal);
      this.failures = 0;
      return next;
    } catch (thrown) {
      if (signal.aborted) return 0;
      this.failures += 1;
      const fault = familyOf(thrown) === 'fault';
      this.parts.logger[fault ? 'error' : 'warn'](
        { loop: this.name, failures: this.failures, err: thrown },
        'loop-step-failed',
      );
      this.parts.telemetry
        .counter('loop_failures_total', 'Steps of background loops that failed', ['loop', 'family'])
        .inc({ loop: this.name, family: familyOf(thrown) });
      return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.failures, 10)) * (0.5 + Math.random() / 2);
    }
  }

  private wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(done, milliseconds);
      this.wakeUp = done;
      function done(): void {
        clearTimeout(timer);
        resolve();
      }
    });
  }
}
