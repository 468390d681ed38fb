import type { IdentifiedItem } from '../read-documents/reader-messages.js';

/** More than this of one chunk are not at fault themselves. */
const MOST_AT_FAULT = 50;

/**
 * Finds the items of a chunk that cannot be worked on, by halving: what works together is not looked at one by one.
 * @param works whether some items can be worked on together
 * @returns none when no item is at fault by itself, or so many fail that the fault lies elsewhere
 */
export async function findPoison(
  items: readonly IdentifiedItem[],
  works: (items: readonly IdentifiedItem[]) => Promise<boolean>,
): Promise<IdentifiedItem[]> {
  const asserting = items.filter((item) => 'objectRef' in item || item.kind === 'candidate');
  const poison: IdentifiedItem[] = [];
  const search = async (some: readonly IdentifiedItem[]): Promise<void> => {
    const [first] = some;
    if (!first || poison.length > MOST_AT_FAULT || (await works(some))) return;
    if (some.length === 1) return void poison.push(first);
    const middle = Math.ceil(some.length / 2);
    await search(some.slice(0, middle));
    await search(some.slice(middle));
  };
  await search(asserting);
  const nothingWorks = asserting.length > 1 && poison.length === asserting.length;
  return nothingWorks || poison.length > MOST_AT_FAULT ? [] : poison;
}
