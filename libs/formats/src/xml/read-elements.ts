import type { ByteSource, ReadBatch, ReadItem, ReadOptions } from '../format.js';
import { cutXml, type IsCut } from './xml-cutter.js';
import type { XmlElement } from './xml-element.js';

/** What a format makes of its elements. */
export interface ElementReader {
  isCut: IsCut;
  /**
   * Everything that an element says.
   * @param element undefined when it is longer than the bound
   * @param before last position before it
   */
  itemsOf: (element: XmlElement | undefined, before: number) => Iterable<ReadItem>;
}

/**
 * Reads elements in order. Positions count items; a reading that goes on reads from the beginning and leaves out what came
 * before, since an element has no end known beforehand.
 */
export async function* readElements(
  source: ByteSource,
  options: ReadOptions,
  { isCut, itemsOf }: ElementReader,
): AsyncIterable<ReadBatch> {
  const after = options.from?.position ?? 0;
  let position = 0;
  let items: ReadItem[] = [];
  let next = { byte: 0, items: 0, position: 0 };
  let counted = 0;
  for await (const { element, byte } of cutXml(source, isCut)) {
    for (const item of itemsOf(element, position)) {
      if (item.kind === 'advisory') {
        if (position >= after) items.push(item);
        continue;
      }
      position += 1;
      if (position <= after) continue;
      items.push(item);
      counted += 1;
      next = { byte, items: position, position };
      if (counted < options.batchSize) continue;
      yield { items, next };
      items = [];
      counted = 0;
    }
  }
  if (items.length > 0) yield { items, next: counted > 0 ? next : { byte: source.size, items: position, position } };
}
