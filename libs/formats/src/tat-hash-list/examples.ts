import type { FormatExample } from '../format.js';

const SHA256 = 'd7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592';
const MD5 = '9e107d9d372bb6826bd81d3542a419d6';
const PDQ = 'f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22';

const entry = (id: number, algorithm: string, hash_digest: string, more: object = {}): object => ({
  ...{ id, algorithm, hash_digest, ideology: 'far-right', file_type: 'image/jpeg', deleted: false },
  ...{ created_on: '2026-01-04', updated_on: 1767607200.709035 },
  ...more,
});

export const EXAMPLES: readonly FormatExample[] = [
  {
    name: 'a list with an entry that was deleted',
    document: JSON.stringify([
      entry(1, 'SHA256', SHA256),
      entry(2, 'MD5', MD5, { ideology: 'islamist' }),
      entry(3, 'PDQ', PDQ),
      entry(4, 'MD5', MD5, { deleted: true }),
    ]),
    expect: { signals: [SHA256, MD5, PDQ] },
  },
];
