import type { DataSource } from 'typeorm';
import { query } from '#libs/persistence';
import type { Telemetry } from '#libs/runtime';
import type { DriverView } from '../disclose-and-send/dispatch-driver.js';

/** Figures that are looked up when somebody scrapes them. */
export function watchDelivery(telemetry: Telemetry, database: DataSource, views: () => DriverView[]): void {
  const oldest = telemetry.gauge(
    'delivery_oldest_undelivered_seconds',
    'Age of the oldest record that waits for delivery',
    ['lane', 'platform'],
  );
  const cursorAge = telemetry.gauge('delivery_cursor_age_seconds', 'Time since the cursors last stood at the head', [
    'platform',
  ]);
  const paused = telemetry.gauge('delivery_endpoints_paused', 'Endpoints that wait for a person');
  const failing = telemetry.gauge('delivery_endpoints_failing', 'Endpoints that are tried again');
  const parked = telemetry.gauge('delivery_parked_records', 'Records that are parked', ['because', 'walk']);
  const deadLetters = telemetry.gauge('dead_letters', 'Dead letters that were not replayed');

  const showDrivers = (): void => {
    const now = Date.now();
    oldest.reset();
    cursorAge.reset();
    for (const { lane, platform, oldestMs, behindMs } of worstByPlatform(views())) {
      oldest.set({ lane, platform }, Math.max(0, now - (oldestMs ?? now)) / 1000);
      cursorAge.set({ platform }, Math.max(0, now - (behindMs ?? now)) / 1000);
    }
  };
  telemetry.beforeScrape(async () => {
    showDrivers();
    const [endpoints] = await query<{ paused: number; failing: number; letters: number }>(
      database,
      `SELECT count(*) FILTER (WHERE paused_at IS NOT NULL)::integer AS paused,
         count(*) FILTER (WHERE failing_since IS NOT NULL)::integer AS failing,
         (SELECT count(*)::integer FROM delivery.dead_letter WHERE replayed_at IS NULL) AS letters
       FROM delivery.endpoint`,
    );
    paused.set(endpoints?.paused ?? 0);
    failing.set(endpoints?.failing ?? 0);
    deadLetters.set(endpoints?.letters ?? 0);
    const counts = await query<{ because: string; walk: number; parked: number }>(
      database,
      `SELECT because, walk, count(*)::integer AS parked FROM delivery.parked GROUP BY because, walk`,
    );
    parked.reset();
    for (const { because, walk, parked: records } of counts) parked.set({ because, walk }, records);
  });
}

interface Worst {
  lane: string;
  platform: string;
  oldestMs?: number;
  behindMs?: number;
}

/** The oldest of each lane and platform; the cursor's age is the platform's in whichever lane comes last. */
function worstByPlatform(views: readonly DriverView[]): Worst[] {
  const worst = new Map<string, Worst>();
  const earlier = (a?: number, b?: number): number | undefined =>
    a === undefined || (b !== undefined && b < a) ? b : a;
  for (const { target, oldestUndeliveredMs, behindSinceMs } of views) {
    const key = `${target.lane}/${target.platformId}`;
    const known = worst.get(key) ?? { lane: target.lane, platform: target.platformId };
    worst.set(key, {
      ...known,
      oldestMs: earlier(known.oldestMs, oldestUndeliveredMs),
      behindMs: earlier(known.behindMs, behindSinceMs),
    });
  }
  return [...worst.values()];
}
