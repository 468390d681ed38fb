import { randomBytes } from 'node:crypto';

/** Answers are a multiple of so many bytes: most are one, however much answers to the prefix. */
export const BLOCK_BYTES = 16_384;

const EMPTY = Buffer.byteLength(',"padding":""');

/**
 * Writes an object as JSON text of which the size does not tell how much is in it.
 * @returns text of a multiple of {@link BLOCK_BYTES} bytes, with a last field `padding` of letters by chance, so that it is not
 * told from the size after compression either
 */
export function padAnswer(answer: object): Buffer {
  const text = Buffer.from(JSON.stringify(answer));
  const missing = BLOCK_BYTES - ((text.length + EMPTY) % BLOCK_BYTES);
  const padding = randomBytes(Math.ceil((missing * 3) / 4))
    .toString('base64url')
    .slice(0, missing);
  return Buffer.concat([text.subarray(0, -1), Buffer.from(`,"padding":"${padding}"}`)]);
}
