import type { DataSource } from 'typeorm';
import { query } from '#libs/persistence';
import { BackgroundLoop, type Logger, type Telemetry } from '#libs/runtime';
import type { DutyClock } from './duty-clock.js';
import { escalateDuty } from './escalate-duties.js';
import { findEvidence } from './find-evidence.js';
import { DutyOpener } from './open-duties.js';

const LOOK_AGAIN_MS = 500;

/** Follows what agencies took back until every platform that had it was told and has said what it did. */
export class ReachFollower {
  private readonly loops: BackgroundLoop[];

  constructor(database: DataSource, clock: DutyClock, parts: { logger: Logger; telemetry: Telemetry }) {
    const opener = new DutyOpener(database, clock);
    const loop = (name: string, step: () => Promise<boolean>): BackgroundLoop =>
      new BackgroundLoop(name, async () => ((await step()) ? 'again' : LOOK_AGAIN_MS), parts);
    this.loops = [
      loop('open-duties', () => opener.step()),
      loop('find-evidence', () => findEvidence(database)),
      loop('escalate-duties', () => escalateDuty(database, parts.logger)),
    ];
    watchDuties(database, parts.telemetry);
  }

  start(): void {
    for (const loop of this.loops) loop.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.loops.map((loop) => loop.stop()));
  }
}

/** Figures that are looked up when somebody scrapes them, from indexes over what is open. */
function watchDuties(database: DataSource, telemetry: Telemetry): void {
  const overdue = telemetry.gauge('duties_overdue', 'Retractions at platforms whose clock ran out, each platform once');
  const waiting = telemetry.gauge(
    'word_ends_unfollowed',
    'Chunks of retractions of which nobody knows yet who had them',
  );
  telemetry.beforeScrape(async () => {
    const [counts] = await query<{ overdue: number; waiting: number }>(
      database,
      `SELECT (SELECT count(DISTINCT (retraction_id, platform_id))::integer FROM platform_api.duty
                WHERE closed_at IS NULL AND escalated_at IS NOT NULL) AS overdue,
              (SELECT count(*)::integer FROM normaliser.word_end WHERE followed_at IS NULL) AS waiting`,
    );
    overdue.set(counts?.overdue ?? 0);
    waiting.set(counts?.waiting ?? 0);
  });
}
