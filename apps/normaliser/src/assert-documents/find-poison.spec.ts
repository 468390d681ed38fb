import fc from 'fast-check';
import type { IdentifiedItem } from '../read-documents/reader-messages.js';
import { findPoison } from './find-poison.js';

const itemAt = (position: number): IdentifiedItem => ({ kind: 'candidate', position, signals: [] });
const itemsTo = (count: number): IdentifiedItem[] => Array.from({ length: count }, (_, index) => itemAt(index + 1));
const without =
  (bad: ReadonlySet<number>) =>
  (items: readonly IdentifiedItem[]): Promise<boolean> =>
    Promise.resolve(items.every((item) => 'position' in item && !bad.has(item.position)));

describe('finding the items at fault', () => {
  it('finds exactly those that do not work, wherever they are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 300 }),
        fc.array(fc.nat(299), { maxLength: 20 }),
        async (count, at) => {
          const bad = new Set(at.map((place) => (place % (count - 1)) + 1));
          const found = await findPoison(itemsTo(count), without(bad));
          expect(found.map((item) => 'position' in item && item.position)).toEqual([...bad].sort((a, b) => a - b));
        },
      ),
    );
  });

  it('asks about as often as the logarithm for one among a thousand', async () => {
    let asked = 0;
    const works = without(new Set([617]));
    await findPoison(itemsTo(1000), (items) => {
      asked += 1;
      return works(items);
    });
    expect(asked).toBeLessThan(25);
  });

  it('blames no item when nothing works, or too much does not, or only all of them together', async () => {
    expect(await findPoison(itemsTo(5), () => Promise.resolve(false))).toEqual([]);
    let asked = 0;
    const fails = (): Promise<boolean> => Promise.resolve(++asked > 100_000);
    expect(await findPoison(itemsTo(1000), fails)).toEqual([]);
    expect(asked).toBeLessThan(250);
    expect(await findPoison(itemsTo(6), (items) => Promise.resolve(items.length < 6))).toEqual([]);
  });

  it('blames the only item, and never one that is already rejected', async () => {
    expect(await findPoison([itemAt(1)], () => Promise.resolve(false))).toHaveLength(1);
    const rejected: IdentifiedItem = { kind: 'rejected', position: 2, code: 'TOC_ITEM_VALUE', detail: '' };
    expect(await findPoison([rejected], () => Promise.resolve(false))).toEqual([]);
  });
});
