import { rejection } from '#libs/domain';
import type { ByteSource, Format, ReadBatch, ReadItem, ReadOptions } from '../format.js';
import { inspect } from '../json/forbidden-matter.js';
import { JsonSlicer, type JsonSlice } from '../json/json-slicer.js';
import { checkedText, refuseEmpty } from '../text/checked-text.js';
import { EXAMPLES } from './examples.js';
import { isEntry, itemOfEntry } from './read-entry.js';

/** Longest entry, in bytes. */
const ENTRY_LIMIT = 64 * 1024;
const NO_LIST = 'this is no hash list of Tech Against Terrorism, which is a list of objects';
const OF_THE_LIST = /^(?:\u00ef\u00bb\u00bf)?\s*\[\s*\{[^[\]]*"hash_digest"\s*:/;

const slicer = (): JsonSlicer => new JsonSlicer({ sliced: 'list', limit: ENTRY_LIMIT, bareList: NO_LIST });

function parsed({ bytes, keys }: JsonSlice): { value: unknown; media: boolean } | 'too-long' | 'broken' | 'twice' {
  if (!bytes) return 'too-long';
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    const { keys: held, media } = inspect(value);
    return held < keys ? 'twice' : { value, media };
  } catch {
    return 'broken';
  }
}

function itemOfSlice(slice: JsonSlice): ReadItem {
  const entry = parsed(slice);
  const position = slice.index;
  if (typeof entry === 'object') return itemOfEntry(entry.value, position);
  if (entry === 'too-long')
    return {
      kind: 'rejected',
      position,
      code: 'TOC_ITEM_TOO_LONG',
      detail: `an entry is longer than ${ENTRY_LIMIT} bytes`,
    };
  if (entry === 'twice')
    return { kind: 'rejected', position, code: 'TOC_ITEM_DUPLICATE_KEY', detail: 'the entry says one key twice' };
  return { kind: 'rejected', position, code: 'TOC_ITEM_MALFORMED', detail: 'the entry is not JSON' };
}

/**
 * Reads a document once: that it is UTF-8 and a list, that any of it is an entry of the list, and whether it holds media.
 * @throws a rejection of the whole document
 */
async function survey(source: ByteSource): Promise<{ media: boolean }> {
  refuseEmpty(source);
  const cutter = slicer();
  let entries = 0;
  let media = false;
  let any = false;
  for await (const chunk of checkedText(source.open())) {
    for (const slice of cutter.push(chunk)) {
      any = true;
      const entry = parsed(slice);
      if (typeof entry !== 'object') continue;
      media ||= entry.media;
      if (isEntry(entry.value)) entries += 1;
    }
  }
  cutter.end();
  if (any && entries === 0) throw rejection('TOC_SUBMISSION_FORMAT', NO_LIST);
  return { media };
}

async function* readDocument(source: ByteSource, options: ReadOptions): AsyncIterable<ReadBatch> {
  const after = options.from?.position ?? 0;
  if ((await survey(source)).media) {
    const detail = 'an entry holds a data URI';
    const items: ReadItem[] = [{ kind: 'forbidden', position: 1, code: 'TOC_SUBMISSION_MEDIA', detail }];
    if (after === 0) yield { items, next: { byte: source.size, items: 1, position: 1 } };
    return;
  }
  const cutter = slicer();
  let items: ReadItem[] = [];
  let next = { byte: 0, items: 0, position: 0 };
  for await (const chunk of source.open()) {
    for (const slice of cutter.push(chunk)) {
      if (slice.index <= after) continue;
      items.push(itemOfSlice(slice));
      next = { byte: slice.end, items: slice.index, position: slice.index };
      if (items.length < options.batchSize) continue;
      yield { items, next };
      items = [];
    }
  }
  if (items.length > 0) yield { items, next };
}

/** The hash list of Tech Against Terrorism: a list of objects. */
export const tatHashList: Format = {
  id: 'tat-hash-list',
  title: 'Tech Against Terrorism hash list (JSON)',
  mediaTypes: ['application/vnd.tat.hash-list+json'],
  fileExtensions: ['.json'],
  positionUnit: 'object',

  detect(head) {
    const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1');
    if (!OF_THE_LIST.test(text)) return 0;
    return /"ideology"\s*:/.test(text) ? 1 : 0.9;
  },

  read: readDocument,

  examples: EXAMPLES,
};
