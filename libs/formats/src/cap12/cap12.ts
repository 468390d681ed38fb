import type { ByteSource, Format, ReadBatch, ReadItem, ReadOptions } from '../format.js';
import { readElements } from '../xml/read-elements.js';
import { checkXml } from '../xml/xml-cutter.js';
import { EXAMPLES } from './examples.js';
import { itemsOfAlert } from './read-alert.js';

/** An alert by itself, and what alerts are wrapped in: lists, feeds (Atom, RSS) and envelopes (EDXL-DE). */
const ROOTS = new Set(['alert', 'alerts', 'feed', 'rss', 'EDXLDistribution']);
const OF_CAP = /urn:oasis:names:tc:emergency:cap:1\.\d/;
const ROOT = /<(?:[\w-]+:)?(?:alerts?|feed|rss|EDXLDistribution)[\s>]/;

const MEDIA: ReadItem = {
  ...{ kind: 'forbidden', position: 1, code: 'TOC_SUBMISSION_MEDIA' },
  detail: 'a resource of an alert is within the document (derefUri)',
};

/** Entries of feeds are looked into as wholes, so that those without an alert are seen. */
const isEntry = (name: string, parents: readonly string[]): boolean =>
  (name === 'entry' && parents.length === 1 && parents[0] === 'feed') ||
  (name === 'item' && parents.length === 2 && parents[0] === 'rss');

async function* readDocument(source: ByteSource, options: ReadOptions): AsyncIterable<ReadBatch> {
  const found: ReadItem[] = [];
  await checkXml(source, ({ name }) => ROOTS.has(name), 'alert of CAP, nor a list or feed of them', {
    isCut: (name) => name === 'derefUri',
    // One that is too long to be cut is no shorter for that.
    see: (element) => {
      if (found.length === 0 && element?.text.trim() !== '') found.push(MEDIA);
    },
  });
  if (found.length > 0) {
    if (!options.from) yield { items: found, next: { byte: source.size, items: 1, position: 1 } };
    return;
  }
  yield* readElements(source, options, {
    isCut: (name, parents) => name === 'alert' || isEntry(name, parents),
    itemsOf: itemsOfAlert,
  });
}

/** Common Alerting Protocol 1.2 (and 1.1): alerts as bulletins. */
export const cap12: Format = {
  id: 'cap12',
  title: 'CAP 1.2 alert, or a feed of them',
  mediaTypes: ['application/cap+xml'],
  fileExtensions: ['.cap', '.xml'],
  positionUnit: 'object',

  detect(head) {
    const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1');
    return OF_CAP.test(text) && ROOT.test(text) ? 1 : 0;
  },

  read: readDocument,

  examples: EXAMPLES,
};
