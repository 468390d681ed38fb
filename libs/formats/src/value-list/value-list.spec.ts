import { byteSource, describeFormat, readAll } from '#libs/testing';
import { valueList } from './value-list.js';

const sha256 = (number: number): string => number.toString(16).padStart(64, '0');

describeFormat(valueList, {
  *many(items) {
    for (let from = 0; from < items; from += 3_000) {
      yield Array.from({ length: Math.min(3_000, items - from) }, (_item, index) => `${sha256(from + index)}\n`).join(
        '',
      );
    }
  },
  endless: `${sha256(1)}\n`,
});

describe('a list of values', () => {
  it('takes all values as the type that the submission says', async () => {
    const { items } = await readAll(valueList, byteSource(`${sha256(7)}\nexample.org\n`), { signalType: 'pdq' });
    expect(items).toEqual([
      { kind: 'candidate', position: 1, signals: [{ type: 'pdq', value: sha256(7) }] },
      expect.objectContaining({ kind: 'rejected', position: 2, code: 'TOC_ITEM_VALUE' }),
    ]);
  });

  it('counts every line, also those that are no items', async () => {
    const { items } = await readAll(valueList, byteSource(`\n# one\n\n  \n${sha256(1)}\n#\nwhat is this\n`));
    expect(items.map((item) => 'position' in item && [item.position, item.kind])).toEqual([
      [5, 'candidate'],
      [7, 'rejected'],
    ]);
  });

  it('rejects the one line that is too long and reads on', async () => {
    const document = `${sha256(1)}\n${'a'.repeat(70_000)}\n${sha256(2)}\n`;
    const { items, batches } = await readAll(valueList, byteSource(document, [10, 40_000, 70_060]), { batchSize: 2 });
    expect(items.map((item) => ('code' in item ? item.code : item.kind))).toEqual([
      'candidate',
      'TOC_ITEM_TOO_LONG',
      'candidate',
    ]);
    expect(batches[0]?.next).toEqual({ byte: 65 + 70_001, items: 2, position: 2 });
  });

  it('takes a line of exactly the bound, whatever ends it', async () => {
    const longest = `https://a.example/${'b'.repeat(64 * 1024 - 18)}`;
    for (const end of ['\n', '\r\n', '']) {
      const { items } = await readAll(valueList, byteSource(longest + end));
      expect(items).toEqual([expect.objectContaining({ code: 'TOC_ITEM_VALUE' })]);
      const longer = await readAll(valueList, byteSource(`${longest}b${end}`));
      expect(longer.items).toEqual([expect.objectContaining({ code: 'TOC_ITEM_TOO_LONG' })]);
    }
  });

  it('leaves out the byte order mark', async () => {
    const { items } = await readAll(valueList, byteSource(`\ufeff${sha256(3)}\n`));
    expect(items).toEqual([{ kind: 'candidate', position: 1, signals: [{ type: 'sha256', value: sha256(3) }] }]);
  });
});
