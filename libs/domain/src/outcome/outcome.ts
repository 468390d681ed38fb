import type { ActionTakenWord, Feedback, OpinionStep } from '../feedback/index.js';

/** What an outcome is about: whether a platform found the row, what it did because of it, what it thinks of it. */
export const OUTCOME_KINDS = ['matched', 'acted', 'opinion'] as const;
export type OutcomeKind = (typeof OUTCOME_KINDS)[number];

/** The cell in which a platform's answer about a row counts; answers of different cells are never added up. */
export type OutcomeCell = 'matched' | 'acted' | `opinion-${OpinionStep}`;

/** Actions by which something was done because of a row. */
const ACTED: ReadonlySet<ActionTakenWord> = new Set([
  'reviewed',
  'limited',
  'removed',
  'account-measure',
  'reported-to-authority',
]);

/** An answer as far as it counts. */
export interface Outcome {
  kind: OutcomeKind;
  cell: OutcomeCell;
  /** ISO 8601: the beginning of what was counted; absent of an opinion. */
  from?: string;
}

/** What an answer counts as; undefined for what is counted nowhere. How often something happened counts nowhere at all. */
export function outcomeOf(feedback: Feedback): Outcome | undefined {
  switch (feedback.kind) {
    case 'sighting':
      return { kind: 'matched', cell: 'matched', from: feedback.from };
    case 'action-taken':
      return ACTED.has(feedback.action) ? { kind: 'acted', cell: 'acted', from: feedback.from } : undefined;
    case 'opinion':
      return { kind: 'opinion', cell: `opinion-${feedback.opinion}` };
    default:
      return undefined;
  }
}
