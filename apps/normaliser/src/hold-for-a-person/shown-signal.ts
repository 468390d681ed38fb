import { isExactHash, type SignalType } from '#libs/domain';

/** A signal as a person is shown it; `masked` instead of the value where nobody may see that in clear. */
export type ShownSignal = { type: string; value: string } | { type: string; masked: 'csea' };

/**
 * Shows a signal. Of child-abuse material only exact hashes, of files and of addresses, are shown: an address, a phrase or a perceptual hash would
 * lead to the material, or be an image of it.
 */
export function showSignal({ type, value }: { type: SignalType; value: string }, ofAbuse: boolean): ShownSignal {
  const isHashed = isExactHash(type) || type === 'url-sha256';
  return ofAbuse && !isHashed ? { type, masked: 'csea' } : { type, value };
}
