import { createHash } from 'node:crypto';

/**
 * Whether an item is drawn for review, one in so many at random but the same at every reading. Such items wait in the very
 * words in which others wait for somebody's answer, so that a wait tells nobody whether there is somebody.
 * @param oneIn 0 for none
 */
export function isDrawnForReview(submissionId: string, position: number, oneIn: number): boolean {
  if (oneIn <= 0) return false;
  const digest = createHash('sha256').update(`${submissionId}/${position}`).digest();
  return digest.readUInt32BE(0) % oneIn === 0;
}
