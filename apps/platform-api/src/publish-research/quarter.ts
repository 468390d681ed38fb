/** Three months of UTC. */
export interface Quarter {
  /** As `2026-Q3`. */
  name: string;
  from: Date;
  until: Date;
}

const MONTHS = 3;

function quarter(year: number, nth: number): Quarter {
  const from = new Date(Date.UTC(year, nth * MONTHS, 1));
  const until = new Date(Date.UTC(year, (nth + 1) * MONTHS, 1));
  return { name: `${from.getUTCFullYear()}-Q${Math.floor(from.getUTCMonth() / MONTHS) + 1}`, from, until };
}

/** The quarter in which a moment lies. */
export function quarterOf(moment: Date): Quarter {
  return quarter(moment.getUTCFullYear(), Math.floor(moment.getUTCMonth() / MONTHS));
}

/** @returns undefined where the name is none of a quarter */
export function quarterNamed(name: string): Quarter | undefined {
  const [, year, nth] = /^(20\d{2})-Q([1-4])$/.exec(name) ?? [];
  return year === undefined ? undefined : quarter(Number(year), Number(nth) - 1);
}

/** Quarters that have ended by a moment, from the one in which the first lies, oldest first. */
export function endedQuarters(first: Date, by: Date): Quarter[] {
  const ended: Quarter[] = [];
  for (let next = quarterOf(first); next.until <= by; next = quarterOf(next.until)) ended.push(next);
  return ended;
}
