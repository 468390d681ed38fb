const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** A Monday, 00:00 UTC. */
const FIRST_MONDAY = Date.UTC(2024, 0, 1);

/** A week of UTC, from Monday 00:00; what is published of it never changes. */
export interface Period {
  from: Date;
  until: Date;
}

/** The week in which a moment lies. */
export function periodOf(moment: Date): Period {
  const from = FIRST_MONDAY + Math.floor((moment.getTime() - FIRST_MONDAY) / WEEK_MS) * WEEK_MS;
  return { from: new Date(from), until: new Date(from + WEEK_MS) };
}

/** The week before the one in which a moment lies: the newest that has ended. */
export function lastEndedPeriod(moment: Date): Period {
  return periodOf(new Date(periodOf(moment).from.getTime() - 1));
}
