import { rejection } from '#libs/domain';
import type { ByteSource, ReadBatch, ReadItem, ReadOptions } from '../format.js';
import { checkedText, refuseEmpty } from '../text/checked-text.js';
import { inspect } from './forbidden-matter.js';
import { JsonSlicer, type JsonSlice, type SlicerSettings } from './json-slicer.js';

/** A format whose document is a list of objects, each an item by itself. */
export interface JsonListFormat {
  /** Where the list is: the whole document, or an array of its object. */
  sliced: Exclude<SlicerSettings['sliced'], 'document'>;
  /** Longest object, in bytes. */
  limit: number;
  /** What a document that holds nothing of this format is refused with. */
  notThis: string;
  /** Whether a value is an object of this format; a list of which none is, is refused. */
  isOne: (value: unknown) => boolean;
  itemOf: (value: unknown, position: number) => ReadItem;
}

type Parsed = { value: unknown; media: boolean } | 'too-long' | 'broken' | 'twice';

function parsed({ bytes, keys }: JsonSlice): Parsed {
  if (!bytes) return 'too-long';
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    const { keys: held, media } = inspect(value);
    return held < keys ? 'twice' : { value, media };
  } catch {
    return 'broken';
  }
}

function itemOfSlice(slice: JsonSlice, { itemOf, limit }: JsonListFormat): ReadItem {
  const object = parsed(slice);
  const position = slice.index;
  if (typeof object === 'object') return itemOf(object.value, position);
  const [code, detail] = {
    'too-long': ['TOC_ITEM_TOO_LONG', `the object is longer than ${limit} bytes`] as const,
    twice: ['TOC_ITEM_DUPLICATE_KEY', 'the object says one key twice'] as const,
    broken: ['TOC_ITEM_MALFORMED', 'the object is not JSON'] as const,
  }[object];
  return { kind: 'rejected', position, code, detail };
}

const slicerFor = ({ sliced, limit, notThis }: JsonListFormat): JsonSlicer =>
  new JsonSlicer({ sliced, limit, bareList: notThis });

/** Reads a document once: that it is UTF-8, well-formed and of this format, and whether it holds media. */
async function survey(source: ByteSource, format: JsonListFormat): Promise<{ media: boolean }> {
  refuseEmpty(source);
  const cutter = slicerFor(format);
  let any = false;
  let known = false;
  let media = false;
  for await (const chunk of checkedText(source.open())) {
    for (const slice of cutter.push(chunk)) {
      if (slice.kind !== 'element') continue;
      any = true;
      const object = parsed(slice);
      if (typeof object !== 'object') continue;
      media ||= object.media;
      known ||= format.isOne(object.value);
    }
  }
  cutter.end();
  const hasList = format.sliced === 'list' || cutter.sawArray;
  if (!hasList || (any && !known)) throw rejection('TOC_SUBMISSION_FORMAT', format.notThis);
  return { media };
}

/**
 * Reads the objects of a list in order; positions count them. A reading that goes on reads from the beginning and leaves out
 * what came before.
 * @throws a rejection of the whole document, before the first batch
 */
export async function* readJsonList(
  source: ByteSource,
  options: ReadOptions,
  format: JsonListFormat,
): AsyncIterable<ReadBatch> {
  const after = options.from?.position ?? 0;
  if ((await survey(source, format)).media) {
    const detail = 'an object holds media, or a data URI';
    const items: ReadItem[] = [{ kind: 'forbidden', position: 1, code: 'TOC_SUBMISSION_MEDIA', detail }];
    if (after === 0) yield { items, next: { byte: source.size, items: 1, position: 1 } };
    return;
  }
  const cutter = slicerFor(format);
  let items: ReadItem[] = [];
  let next = { byte: 0, items: 0, position: 0 };
  for await (const chunk of source.open()) {
    for (const slice of cutter.push(chunk)) {
      if (slice.kind !== 'element' || slice.index <= after) continue;
      items.push(itemOfSlice(slice, format));
      next = { byte: slice.end, items: slice.index, position: slice.index };
      if (items.length < options.batchSize) continue;
      yield { items, next };
      items = [];
    }
  }
  if (items.length > 0) yield { items, next };
}
