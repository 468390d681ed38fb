/** Ceilings that a safeguard lowered alike, as the interface tells it. */
export interface LoweredRows {
  rule: string;
  from: string;
  to: string;
  country?: string;
  rows: number;
}

/** One line for each type of signal that was left out of items. */
export function leftOutLines(leftOut: Record<string, number> = {}): string[] {
  return Object.entries(leftOut).map(
    ([type, signals]) => `  ${signals} ${type} left out: no channel among those asked for may carry them`,
  );
}

/** One line for each kind. */
export function loweredLines(lowered: readonly LoweredRows[] = []): string[] {
  return lowered.map(
    ({ rule, from, to, country, rows }) =>
      `  ceiling lowered from ${from} to ${to}${country ? ` for ${country}` : ''} on ${rows} rows (${rule})`,
  );
}
