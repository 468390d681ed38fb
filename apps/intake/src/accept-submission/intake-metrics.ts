import type { Telemetry } from '#libs/runtime';

/** How the receiving of a submission ended. */
export type ReceivingOutcome = 'accepted' | 'repeated' | 'refused' | 'broken-off' | 'postponed' | 'failed';

/** Figures of what is received. */
export class IntakeMetrics {
  private readonly submissions;
  private readonly bytes;
  private readonly seconds;

  constructor(telemetry: Telemetry) {
    this.submissions = telemetry.counter(
      'intake_submissions_total',
      'Submissions by format and how receiving them ended',
      ['format', 'outcome'],
    );
    this.bytes = telemetry.counter('intake_bytes_total', 'Bytes of accepted submissions, decompressed');
    this.seconds = telemetry.histogram(
      'intake_commit_seconds',
      'Seconds from the first look at a request to the commit of its submission',
      [],
      [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800],
    );
  }

  accepted(format: string, bytes: number, seconds: number): void {
    this.submissions.inc({ format, outcome: 'accepted' });
    this.bytes.inc(bytes);
    this.seconds.observe(seconds);
  }

  ended(outcome: ReceivingOutcome, format = 'unknown'): void {
    this.submissions.inc({ format, outcome });
  }
}
