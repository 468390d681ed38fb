import { prefixLengthFor } from './prefix-length.js';

it.each([
  [0, 3],
  [65_536, 3],
  [65_537, 4],
  [1_000_000, 4],
  [2_000_000, 5],
  [10 ** 9, 6],
])('a channel of %i rows is asked by %i digits', (rows, digits) => expect(prefixLengthFor(rows)).toBe(digits));
