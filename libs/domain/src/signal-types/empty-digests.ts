import { createHash } from 'node:crypto';

function ofNothing(algorithm: string): string {
  return createHash(algorithm).digest('hex');
}

/** The digests of a file without content, by signal type: they match every empty file and so never name one item. */
export const EMPTY_DIGESTS = {
  md5: ofNothing('md5'),
  sha1: ofNothing('sha1'),
  sha256: ofNothing('sha256'),
  sha512: ofNothing('sha512'),
} as const;
