import { rejection, TocsinError, type RejectionCode } from '#libs/domain';
import type { ByteSource, Format, ReadBatch, ReadItem, ReadOptions } from '../format.js';
import { inspect } from '../json/forbidden-matter.js';
import { JsonSlicer, type JsonSlice, type SlicerSettings } from '../json/json-slicer.js';
import { checkedText, refuseEmpty } from '../text/checked-text.js';
import { EXAMPLES } from './examples.js';
import { carriesFile, isFields, itemsOfEvent, type Fields } from './read-event.js';

/** Longest event, in bytes. */
const EVENT_LIMIT = 8 * 1024 * 1024;
const BARE_LIST = 'this is a bare list; MISP events are read one by itself, or in the list of a response';
const EVENT = /"Event"\s*:\s*\{/;
const RESPONSE = /^(?:\u00ef\u00bb\u00bf)?\s*\{\s*"response"\s*:\s*\[/;
const OF_MISP = /"(?:Attribute|Orgc|threat_level_id|publish_timestamp|Object)"\s*:/;

/** What is under `Event`. @throws a rejection of the event */
function readEvent({ bytes, keys }: JsonSlice): { event: Fields; media: boolean } {
  if (!bytes) throw rejection('TOC_ITEM_TOO_LONG', `an event is longer than ${EVENT_LIMIT} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw rejection('TOC_ITEM_MALFORMED', 'the event is not JSON');
  }
  const { keys: held, media } = inspect(value);
  if (held < keys) throw rejection('TOC_ITEM_DUPLICATE_KEY', 'the event says one key twice');
  const event = isFields(value) ? value.Event : undefined;
  if (!isFields(event)) throw rejection('TOC_ITEM_MALFORMED', 'Event: a JSON object was expected');
  return { event, media: media || carriesFile(event) };
}

function slicerFor(sliced: SlicerSettings['sliced']): JsonSlicer {
  return new JsonSlicer({ sliced, limit: EVENT_LIMIT, bareList: BARE_LIST });
}

/** What has to be known before the first item is used. */
interface Survey {
  sliced: SlicerSettings['sliced'];
  media: boolean;
}

/**
 * Reads a document once: that it is UTF-8 and well-formed, that it holds events, and whether any carries a file.
 * @throws a rejection of the whole document
 */
async function survey(source: ByteSource): Promise<Survey> {
  refuseEmpty(source);
  const sliced = { array: 'response' };
  const slicer = slicerFor(sliced);
  let media = false;
  let hasEvent = false;
  const look = (slice: JsonSlice): void => {
    try {
      media ||= readEvent(slice).media;
    } catch (thrown) {
      if (!(thrown instanceof TocsinError)) throw thrown;
    }
  };
  for await (const chunk of checkedText(source.open())) {
    for (const slice of slicer.push(chunk)) {
      if (slice.kind === 'element') look(slice);
      else hasEvent ||= slice.key === 'Event';
    }
  }
  slicer.end();
  if (slicer.sawArray) return { sliced, media };
  if (!hasEvent) {
    throw rejection(
      'TOC_SUBMISSION_FORMAT',
      'the document is no MISP event: it has no Event, and no response with events (a manifest or a search result is none)',
    );
  }
  const single = slicerFor('document');
  for await (const chunk of source.open()) for (const slice of single.push(chunk)) look(slice);
  return { sliced: 'document', media };
}

function itemsOfSlice(slice: JsonSlice, before: number): Iterable<ReadItem> {
  try {
    return itemsOfEvent(readEvent(slice).event, before);
  } catch (thrown) {
    if (!(thrown instanceof TocsinError) || thrown.family !== 'rejection') throw thrown;
    return [{ kind: 'rejected', position: before + 1, code: thrown.code as RejectionCode, detail: thrown.detail }];
  }
}

/**
 * Reads events in order. Positions count attributes through all events; an event that cannot be read counts as one. A
 * reading that goes on reads from the beginning and leaves out what came before: an event has no end known beforehand.
 */
async function* readDocument(source: ByteSource, options: ReadOptions): AsyncIterable<ReadBatch> {
  const { from } = options;
  const { sliced, media } = await survey(source);
  const after = from?.position ?? 0;
  if (media) {
    const detail = 'an attribute carries a file, or a data URI';
    const items: ReadItem[] = [{ kind: 'forbidden', position: 1, code: 'TOC_SUBMISSION_MEDIA', detail }];
    if (after === 0) yield { items, next: { byte: source.size, items: 1, position: 1 } };
    return;
  }
  const slicer = slicerFor(sliced);
  let position = 0;
  let items: ReadItem[] = [];
  let next = { byte: 0, items: 0, position: 0 };
  for await (const chunk of source.open()) {
    for (const slice of slicer.push(chunk)) {
      if (slice.kind !== 'element') continue;
      for (const item of itemsOfSlice(slice, position)) {
        position += 1;
        if (position <= after) continue;
        items.push(item);
        next = { byte: slice.end, items: position, position };
        if (items.length < options.batchSize) continue;
        yield { items, next };
        items = [];
      }
    }
  }
  if (items.length > 0) yield { items, next };
}

/** MISP core format: an event, or the events of a response. */
export const misp: Format = {
  id: 'misp',
  title: 'MISP event (JSON)',
  mediaTypes: ['application/misp+json'],
  fileExtensions: ['.json'],
  positionUnit: 'object',

  detect(head) {
    const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1');
    if (!/^(?:\u00ef\u00bb\u00bf)?\s*\{/.test(text)) return 0;
    if (EVENT.test(text)) return OF_MISP.test(text) ? 1 : 0.9;
    return RESPONSE.test(text) ? 0.5 : 0;
  },

  read: readDocument,

  examples: EXAMPLES,
};
