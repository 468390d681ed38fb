/**
 * The life of a submission: accepted → working → settled; working → held → working (completed or released) or
 * refused; failed on a fault of ours, until an operator has it tried again.
 */
export const SUBMISSION_STATES = ['accepted', 'working', 'held', 'settled', 'refused', 'failed'] as const;
export type SubmissionState = (typeof SUBMISSION_STATES)[number];

/** What a submission asks for. Each is stored, receipted and worked on in the same way. */
export const SUBMISSION_KINDS = ['advisory', 'revision', 'retraction'] as const;
export type SubmissionKind = (typeof SUBMISSION_KINDS)[number];

/** How items read from a submission ended; every item counts exactly once (I2). */
export interface ItemCounts {
  /** Items read so far; always the sum of the others. */
  read: number;
  asserted: number;
  repeated: number;
  held: number;
  rejected: number;
  ignored: number;
  dead_lettered: number;
}

export const NO_ITEMS: Readonly<ItemCounts> = Object.freeze({
  read: 0,
  asserted: 0,
  repeated: 0,
  held: 0,
  rejected: 0,
  ignored: 0,
  dead_lettered: 0,
});

/** Whether the sum that I2 promises holds. */
export function addsUp(counts: ItemCounts): boolean {
  const { read, ...ends } = counts;
  return read === Object.values(ends).reduce((sum, count) => sum + count, 0);
}
