import { describeFormat } from '#libs/testing';
import { textAdvisory } from './text-advisory.js';

const sha256 = (number: number): string => (number + 0xabc).toString(16).padStart(64, 'a');

describeFormat(textAdvisory, {
  *many(items) {
    for (let from = 0; from < items; from += 3_000) {
      const lines = Array.from(
        { length: Math.min(3_000, items - from) },
        (_item, index) => `Seen at hxxps://video[.]example/${from + index}, file ${sha256(from + index)}.\n`,
      );
      yield lines.join('');
    }
  },
  endless: `A file ${sha256(1)}\n`,
});
