import { BLOCK_BYTES, padAnswer } from './pad-answer.js';

it.each([0, 1, 100, BLOCK_BYTES - 28, BLOCK_BYTES - 27, BLOCK_BYTES - 26, BLOCK_BYTES, 3 * BLOCK_BYTES])(
  'an answer with %i bytes in it has a size that does not tell it',
  (bytes) => {
    const answer = { entries: 'ü'.repeat(bytes >> 1) + 'x'.repeat(bytes & 1) };
    const padded = padAnswer(answer);
    expect(padded.length % BLOCK_BYTES).toBe(0);
    expect(padded.length).toBeLessThanOrEqual(bytes + 2 * BLOCK_BYTES);
    const read = JSON.parse(padded.toString()) as { entries: string; padding: string };
    expect(read.entries).toBe(answer.entries);
    expect(read.padding).toMatch(/^[\w-]+$/);
  },
);
