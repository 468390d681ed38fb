import type { FormatExample } from '../format.js';

const MD5 = '9e107d9d372bb6826bd81d3542a419d6';
const SHA1 = '2fd4e1c67a2d28fced849ee1bb76e7391b93eb12';

const entry = (name: string, id: string, more: string): string =>
  `<${name}><member id="7">A member</member><timestamp>2026-01-05T10:00:00Z</timestamp><id>${id}</id>${more}</${name}>`;

/** A page of entries of the exchange's version 2. */
export const pageOf = (images: string, videos = ''): string =>
  `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<queryResult xmlns="https://hashsharing.ncmec.org/hashsharing/v2">
  <images count="2" maxTimestamp="2026-01-05T10:00:00Z">${images}</images>
  <videos count="1" maxTimestamp="2026-01-05T10:00:00Z">${videos}</videos>
  <paging><next>/v2/entries?from=2026-01-01T00%3A00%3A00.000Z&amp;start=2001</next></paging>
</queryResult>
`;

export const EXAMPLES: readonly FormatExample[] = [
  {
    name: 'a page with an image, a video and what was deleted',
    document: pageOf(
      entry(
        'image',
        'image-1',
        `<classification>A1</classification><fingerprints><md5>${MD5}</md5><sha1>${SHA1}</sha1></fingerprints>`,
      ) + entry('deletedImage', 'image-2', ''),
      entry(
        'video',
        'video-1',
        `<fingerprints><md5>${MD5.toUpperCase()}</md5><tmk-pdqf rel="self" href="/v2/entries/1/fingerprints/TMK_PDQF"/></fingerprints>`,
      ),
    ),
    expect: { signals: [MD5, SHA1, MD5], ignored: 1 },
  },
];
