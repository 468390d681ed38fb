/** One count of a table. */
export interface Cell {
  word: string;
  /** What decides whether it is shown. */
  count: number;
}

/** Least of a count of advisories or retractions that is shown. */
export const LEAST_SHOWN = 5;

/**
 * Withholds small counts, and so many more of the smallest that what is withheld together is at least two counts and at
 * least {@link LEAST_SHOWN}: whoever learns the sum of a table elsewhere can subtract to no small count.
 * @returns what is shown, in the order given, and how many counts are not
 */
export function withholdSmall<T extends Cell>(cells: readonly T[]): { shown: T[]; withheld: number } {
  const smallestFirst = [...cells].sort((a, b) => a.count - b.count);
  let withheld = smallestFirst.filter(({ count }) => count < LEAST_SHOWN).length;
  const sum = (): number => smallestFirst.slice(0, withheld).reduce((total, { count }) => total + count, 0);
  while (withheld > 0 && withheld < cells.length && (withheld < 2 || sum() < LEAST_SHOWN)) withheld += 1;
  const kept = new Set(smallestFirst.slice(withheld));
  return { shown: cells.filter((cell) => kept.has(cell)), withheld };
}
