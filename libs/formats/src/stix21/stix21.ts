import type { ByteSource, Format, ReadBatch, ReadItem, ReadOptions } from '../format.js';
import { EXAMPLES } from './examples.js';
import { JsonSlicer } from '../json/json-slicer.js';
import { itemOfSlice } from './read-object.js';
import { ADVISORY_LIMIT, BARE_LIST } from './stix-object.js';
import { surveyDocument } from './survey.js';

const BUNDLE = /"type"\s*:\s*"bundle"/;
const BUNDLE_ID = /"id"\s*:\s*"bundle--[0-9a-fA-F-]{36}"/;
const OBJECT_ID = /"id"\s*:\s*"[a-z][a-z0-9-]*--[0-9a-fA-F-]{36}"/;
const SPECIFICATION = /"spec_version"\s*:\s*"2\.\d"/;
const TYPE = /"type"\s*:\s*"[a-z][a-z0-9-]*"/;

/**
 * Reads a document in two passes: the first learns what speaks for later objects, the second reads the objects in
 * order. All advisories are declared in the first batch, since reports usually come after what they contain. A
 * checkpoint is the end of an object.
 */
async function* readDocument(source: ByteSource, options: ReadOptions): AsyncIterable<ReadBatch> {
  const { from } = options;
  const survey = await surveyDocument(source);
  const goesOn = from !== undefined && from.byte > 0;
  if (goesOn && from.byte >= source.size) return;
  if (survey.forbidden) {
    const { position } = survey.forbidden;
    if (!goesOn) yield { items: [survey.forbidden], next: { byte: source.size, items: 1, position } };
    return;
  }
  let items: ReadItem[] = goesOn ? [] : survey.advisories.declared();
  let counted = 0;
  let read = from?.items ?? 0;
  let next = { byte: source.size, items: read, position: from?.position ?? 0 };
  const slicer = new JsonSlicer({
    sliced: survey.sliced,
    bareList: BARE_LIST,
    limit: ADVISORY_LIMIT,
    after: goesOn ? { byte: from.byte, index: from.position } : undefined,
  });
  for await (const chunk of source.open(from?.byte)) {
    for (const slice of slicer.push(chunk)) {
      const item = slice.kind === 'element' ? itemOfSlice(slice, survey) : undefined;
      if (!item) continue;
      items.push(item);
      counted += 1;
      read += 1;
      next = { byte: survey.sliced === 'document' ? source.size : slice.end, items: read, position: slice.index };
      if (counted < options.batchSize) continue;
      yield { items, next };
      items = [];
      counted = 0;
    }
  }
  slicer.end();
  if (items.length > 0) yield { items, next };
}

/** STIX 2.1 or 2.0: a bundle, or one object. */
export const stix21: Format = {
  id: 'stix21',
  title: 'STIX 2.1 or 2.0 bundle',
  mediaTypes: ['application/stix+json', 'application/vnd.oasis.stix+json'],
  fileExtensions: ['.json', '.stix', '.stix2', '.stix21'],
  positionUnit: 'object',

  detect(head) {
    const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1');
    if (!/^(?:\u00ef\u00bb\u00bf)?\s*[{[]/.test(text)) return 0;
    if (BUNDLE_ID.test(text)) return 1;
    if (BUNDLE.test(text)) return 0.9;
    return TYPE.test(text) && (OBJECT_ID.test(text) || SPECIFICATION.test(text)) ? 0.8 : 0;
  },

  read: readDocument,

  examples: EXAMPLES,
};
