import { createHash } from 'node:crypto';

/** So many lines of SHA-256, the same for one seed. */
export function hashList(lines: number, seed = ''): Buffer {
  const text = Array.from({ length: lines }, (_, index) =>
    createHash('sha256').update(`${seed}${index}`).digest('hex'),
  );
  return Buffer.from(`${text.join('\n')}\n`);
}
