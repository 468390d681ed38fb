import type { OutgoingBatch } from '#libs/connectors';
import type { Telemetry } from '#libs/runtime';
import type { PreparedDelivery } from './delivery-target.js';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 86_400];

/** The time is among the first fields of a record, so nothing is parsed for it. */
const PUBLISHED_AT = /"published_at":"([^"]{10,40})"/;
const HEAD_LENGTH = 700;

/** When a record was published, in milliseconds since 1970; undefined when its head does not say. */
export function publishedAtMs(body: string): number | undefined {
  const text = PUBLISHED_AT.exec(body.slice(0, HEAD_LENGTH))?.[1];
  const at = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

/** Counts what dispatching does. */
export class DispatchMetrics {
  private readonly attempts;
  private readonly records;
  private readonly seconds;
  private readonly parkedRecords;
  private readonly pauses;

  constructor(telemetry: Telemetry) {
    const of = ['lane', 'outcome'];
    this.attempts = telemetry.counter('delivery_attempts_total', 'Batches handed to connectors, by outcome', of);
    this.records = telemetry.counter(
      'delivery_records_total',
      'Records in batches handed to connectors, by outcome',
      of,
    );
    this.seconds = telemetry.histogram(
      'delivery_seconds',
      'From publication to the receiver’s acceptance',
      ['lane'],
      SECONDS,
    );
    this.parkedRecords = telemetry.counter('delivery_parked_total', 'Records parked because a receiver refused them', [
      'lane',
    ]);
    this.pauses = telemetry.counter('delivery_pauses_total', 'Endpoints paused; a person has to look');
  }

  attempted({ lane, records }: OutgoingBatch, outcome: string): void {
    this.attempts.inc({ lane, outcome });
    this.records.inc({ lane, outcome }, records.length);
  }

  /** Only live content on its first way counts: a catch-up says nothing about speed, a withdrawal is measured alike. */
  sent({ batch }: PreparedDelivery, now: number): void {
    for (const { body } of batch.records) {
      const at = publishedAtMs(body);
      if (at !== undefined) this.seconds.observe({ lane: batch.lane }, Math.max(0, now - at) / 1000);
    }
  }

  parked({ lane, records }: OutgoingBatch): void {
    this.parkedRecords.inc({ lane }, records.length);
  }

  paused(): void {
    this.pauses.inc();
  }
}
