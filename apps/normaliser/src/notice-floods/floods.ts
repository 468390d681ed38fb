import type { DataSource } from 'typeorm';
import { query } from '#libs/persistence';
import type { Job } from '../job.js';
import type { Agency } from '../read-directory/directory-snapshot.js';

/** More than an agency is allowed within 24 hours without anybody looking. */
export interface Flood {
  allowedADay: number;
}

/** What an agency that has no habit yet may assert within 24 hours. */
export const ALLOWED_AT_FIRST = 50_000;
/** How many times its busiest day of four weeks an agency may reach. */
const TIMES_ITS_HABIT = 5;
const HABIT_FRESH_MS = 600_000;
const OTHERS_FRESH_MS = 5_000;
const MOST_REMEMBERED = 1_000;

interface Remembered {
  items: number;
  readAt: number;
}

const ASSERTED = `coalesce(sum((counts->>'asserted')::bigint), 0)`;

/**
 * The most that an agency had asserted of the submissions of one day (UTC), in the four weeks before this day; what was a
 * flood and let go is no habit.
 */
const BUSIEST_DAY = `
  SELECT coalesce(max(items), 0) AS items FROM (
    SELECT ${ASSERTED} AS items FROM normaliser.job
     WHERE agency_id = $1 AND received_at >= now() - interval '28 days'
       AND received_at < date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
       AND NOT EXISTS (SELECT FROM normaliser.hold h WHERE h.submission_id = job.submission_id AND h.reason = 'flood')
     GROUP BY date_trunc('day', received_at AT TIME ZONE 'UTC')) AS days`;

const OTHERS_TODAY = `
  SELECT ${ASSERTED} AS items FROM normaliser.job
   WHERE agency_id = $1 AND received_at > now() - interval '24 hours' AND submission_id <> $2`;

/**
 * Notices when an agency asserts far more than it is used to: a wrong export, a loop, or a key in wrong hands. What goes
 * beyond waits for a person. Counts of what is asserted at the same moment are some seconds old.
 */
export class Floods {
  private readonly habits = new Map<string, Remembered>();
  private readonly others = new Map<string, Remembered>();

  constructor(private readonly database: DataSource) {}

  /** @param items that are about to be asserted @returns undefined while they are within what is allowed */
  async noticed(job: Job, agency: Agency, items: number): Promise<Flood | undefined> {
    const allowedADay = await this.allowed(agency);
    const own = job.counts.asserted + items;
    if (own > allowedADay) return { allowedADay };
    const others = await this.remembered(this.others, job.submissionId, OTHERS_FRESH_MS, OTHERS_TODAY, [
      job.agencyId,
      job.submissionId,
    ]);
    return own + others > allowedADay ? { allowedADay } : undefined;
  }

  private async allowed({ id, itemsADay }: Agency): Promise<number> {
    const habit = await this.remembered(this.habits, id, HABIT_FRESH_MS, BUSIEST_DAY, [id]);
    return Math.max(itemsADay ?? ALLOWED_AT_FIRST, TIMES_ITS_HABIT * habit);
  }

  private async remembered(
    known: Map<string, Remembered>,
    key: string,
    freshMs: number,
    sql: string,
    values: unknown[],
  ): Promise<number> {
    const before = known.get(key);
    if (before && Date.now() - before.readAt < freshMs) return before.items;
    const [row] = await query<{ items: string }>(this.database, sql, values);
    if (known.size >= MOST_REMEMBERED) known.clear();
    const items = Number(row?.items ?? 0);
    known.set(key, { items, readAt: Date.now() });
    return items;
  }
}
