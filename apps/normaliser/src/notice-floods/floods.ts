import type { DataSource } from 'typeorm';
import { query } from '#libs/persistence';
import type { Job } from '../job.js';
import type { Agency } from '../read-directory/directory-snapshot.js';

/** More than an agency is allowed within 24 hours without anybody looking. */
export interface Flood {
  allowedADay: number;
}

/** Signals that an agency without a habit may assert within 24 hours. */
export const ALLOWED_AT_FIRST = 50_000;
/** How many times its habit an agency may reach. */
const TIMES_ITS_HABIT = 5;
const HABIT_FRESH_MS = 600_000;
const OTHERS_FRESH_MS = 5_000;
const MOST_REMEMBERED = 1_000;

interface Remembered {
  signals: number;
  readAt: number;
}

/**
 * An agency's habit: what it asserted on its third-busiest day (UTC) of the four weeks before this day, so that no
 * single day or two raise what it is allowed. What was a flood is none of it, also when it was let go.
 */
const HABIT = `
  SELECT sum(signals) AS signals FROM normaliser.job
   WHERE agency_id = $1 AND received_at >= now() - interval '28 days'
     AND received_at < date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
     AND NOT EXISTS (SELECT FROM normaliser.hold h WHERE h.submission_id = job.submission_id AND h.reason = 'flood')
   GROUP BY date_trunc('day', received_at AT TIME ZONE 'UTC')
   ORDER BY 1 DESC OFFSET 2 LIMIT 1`;

/** What its other submissions asserted without anybody looking: a flood that was let go takes nobody's allowance. */
const OTHERS_TODAY = `
  SELECT sum(signals) AS signals FROM normaliser.job
   WHERE agency_id = $1 AND received_at > now() - interval '24 hours' AND submission_id <> $2 AND NOT 'flood' = ANY (released)`;

/**
 * Notices when an agency asserts far more than it is used to: a wrong export, a loop, or a key in wrong hands. What goes
 * beyond waits for a person. Counts of what is asserted at the same moment are some seconds old.
 */
export class Floods {
  private readonly habits = new Map<string, Remembered>();
  private readonly others = new Map<string, Remembered>();

  constructor(private readonly database: DataSource) {}

  /** @param signals that are about to be asserted @returns undefined while they are within what is allowed */
  async noticed(job: Job, agency: Agency, signals: number): Promise<Flood | undefined> {
    const allowedADay = await this.allowed(agency);
    const own = job.signals + signals;
    if (own > allowedADay) return { allowedADay };
    const others = await this.remembered(this.others, job.submissionId, OTHERS_FRESH_MS, OTHERS_TODAY, [
      job.agencyId,
      job.submissionId,
    ]);
    return own + others > allowedADay ? { allowedADay } : undefined;
  }

  private async allowed({ id, signalsADay }: Agency): Promise<number> {
    const habit = await this.remembered(this.habits, id, HABIT_FRESH_MS, HABIT, [id]);
    return Math.max(signalsADay ?? ALLOWED_AT_FIRST, TIMES_ITS_HABIT * habit);
  }

  private async remembered(
    known: Map<string, Remembered>,
    key: string,
    freshMs: number,
    sql: string,
    values: unknown[],
  ): Promise<number> {
    const before = known.get(key);
    if (before && Date.now() - before.readAt < freshMs) return before.signals;
    const [row] = await query<{ signals: string | null }>(this.database, sql, values);
    if (known.size >= MOST_REMEMBERED) known.clear();
    const signals = Number(row?.signals ?? 0);
    known.set(key, { signals, readAt: Date.now() });
    return signals;
  }
}
