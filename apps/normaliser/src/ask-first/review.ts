import type { ContactDesk } from '#libs/domain';
import type { HoldVerdict } from '../decide-items/item-decider.js';
import type { Job } from '../job.js';
import type { Agency } from '../read-directory/directory-snapshot.js';
import type { IdentifiedCandidate } from '../read-documents/reader-messages.js';
import type { AskFirst, Asked } from './ask-first.js';
import { isDrawnForReview } from './drawn-for-review.js';

/** The words in which an item waits for review, whatever for. */
export const REVIEW = {
  ...{ verdict: 'hold', scope: 'item', reason: 'review', rule: 'review', ruleVersion: 1, detail: {} },
} as const satisfies HoldVerdict;

/** When an item that waits for review goes on by itself, and who is asked until then. */
export interface Review {
  dueInHours: number;
  asked?: Asked;
}

/** Hours after which an item goes on if nobody refused it; in an emergency sooner. */
const REVIEW_HOURS = { ordinary: 24, emergency: 1 } as const;

/** Why an item waits for review: somebody is to be asked first, or it is drawn; undefined when it does not. */
export function reviewOf(
  candidate: IdentifiedCandidate,
  { askFirst, job, agency, contact }: { askFirst: AskFirst; job: Job; agency: Agency; contact: ContactDesk },
): Review | undefined {
  const of = askFirst.holdersOf(candidate);
  if (of.length === 0 && !isDrawnForReview(job.submissionId, candidate.position, agency.reviewOneIn)) return undefined;
  const dueInHours = job.lane === 0 ? REVIEW_HOURS.emergency : REVIEW_HOURS.ordinary;
  return of.length === 0 ? { dueInHours } : { dueInHours, asked: { of, agency: agency.name, contact } };
}
