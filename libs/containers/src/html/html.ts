import type { Container } from '../container.js';
import { decodeHtml } from './decode-html.js';
import { textOfHtml } from '../html-text/text-of-html.js';

const BEGINNING =
  /^\ufeff?(?:\s|<\?xml[^>]{0,200}\?>|<!--[\s\S]{0,2000}?-->){0,20}<(?:!doctype\s+html|html|head|body)(?=[\s>])/i;

/** A page: what it shows as text, and where its links lead. */
export const html: Container = {
  id: 'html',
  title: 'HTML page',
  mediaTypes: ['text/html', 'application/xhtml+xml'],
  fileExtensions: ['.html', '.htm', '.xhtml'],

  recognises: ({ head, mediaType }) =>
    BEGINNING.test(
      Buffer.from(head.subarray(0, 4096))
        .toString('latin1')
        .replace(/^\xef\xbb\xbf/, ''),
    ) ||
    (html.mediaTypes.includes(mediaType) && !head.includes(0)),

  async open(bytes, opening) {
    opening.charge(bytes.length);
    opening.keepProse('text', textOfHtml(decodeHtml(bytes), opening));
    await Promise.resolve();
  },
};
