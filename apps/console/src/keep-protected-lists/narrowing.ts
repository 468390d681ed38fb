import type { ListContent } from '#libs/safeguards';

/** Entries of one version that are not in the other. */
export function entriesWithout(from: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return from.filter((entry) => !known.has(entry));
}

/**
 * Whether a new version of a list protects less: an entry is gone, or fewer hits of an entry hold an item. An entry
 * that another one covers counts as gone as well: whoever tidies up says so to a second person.
 */
export function narrows(before: ListContent, after: ListContent): boolean {
  const judgesLess = before.judges !== after.judges && !(before.judges === 'whole-host' && after.judges === 'any-hit');
  return judgesLess || entriesWithout(before.entries, after.entries).length > 0;
}
