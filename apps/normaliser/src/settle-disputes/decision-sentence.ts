import type { Principal } from '#libs/access';
import { isReleasableLine, rejection } from '#libs/domain';
import { findPeopleData } from '#libs/safeguards';

const LONGEST_SENTENCE = 500;

/** The sentence of a decision in the body of a request; empty when there is none. */
export function sentenceIn(body: unknown): string {
  const sentence: unknown = typeof body === 'object' && body !== null && 'sentence' in body ? body.sentence : undefined;
  return typeof sentence === 'string' ? sentence : '';
}

/** @throws a rejection `TOC_REQUEST_PARAMETER` unless it is a line that says why and names nobody */
export function checkSentence(sentence: string, principal: Principal): void {
  if (!isReleasableLine(sentence) || sentence.length > LONGEST_SENTENCE)
    throw rejection(
      'TOC_REQUEST_PARAMETER',
      `a decision says why in one line of at most ${LONGEST_SENTENCE} characters`,
    );
  const found = findPeopleData(sentence, principal.country);
  if (found.length > 0)
    throw rejection('TOC_REQUEST_PARAMETER', 'others read the sentence: it may not identify a person', { found });
}
