import { hashUrl, isCsea, isExactHash, type RowIds } from '#libs/domain';
import type { Candidate } from '#libs/formats';
import type { IdentifiedCandidate } from '../read-documents/reader-messages.js';
import type { Assertable } from './decide-statement.js';
import type { AssertedItem } from './item-decider.js';

/** What one advisory says of an item. */
interface Saying {
  verdict: AssertedItem;
}

/**
 * An item as it leaves, with what its advisories say of it by then. One that any of them calls abuse material is that for all
 * of them: what may leave in a certain way only does not leave by the words of the others, and its addresses leave as hashes.
 * @param said what each advisory that contains the item says of its signals, in their order
 */
export function asItLeaves<Said extends Saying>(
  candidate: IdentifiedCandidate,
  said: readonly Said[],
  rowIds: RowIds,
): { candidate: IdentifiedCandidate; said: readonly Said[] } {
  const alike = alikeOfAbuse(candidate, said);
  const isHashed = (index: number): boolean => alike.some(({ verdict }) => verdict.signals[index]?.asHash);
  if (!candidate.signals.some((_signal, index) => isHashed(index))) return { candidate, said: alike };
  const signals = candidate.signals.map((signal, index) => {
    if (signal.type !== 'url' || !isHashed(index)) return signal;
    const value = hashUrl(signal.value);
    return { id: rowIds.ofSignal('url-sha256', value), type: 'url-sha256' as const, value };
  });
  return { candidate: { ...candidate, signals }, said: alike };
}

const speaksOfAbuse = (words: Assertable | undefined): boolean => words !== undefined && isCsea(words.statement.harms);

function alikeOfAbuse<Said extends Saying>({ signals }: Candidate, said: readonly Said[]): readonly Said[] {
  if (!said.some(({ verdict }) => verdict.signals.some(speaksOfAbuse))) return said;
  const mayLeave = (words: Assertable | undefined, index: number): boolean => {
    const type = signals[index]?.type;
    return speaksOfAbuse(words) || (type !== undefined && isExactHash(type));
  };
  return said.map((one) => ({
    ...one,
    verdict: {
      ...one.verdict,
      signals: one.verdict.signals.map((words, index) => (mayLeave(words, index) ? words : undefined)),
    },
  }));
}
