import { createGunzip } from 'node:zlib';
import { Readable } from 'node:stream';
import type { Container } from '../container.js';

/** A file compressed with gzip (RFC 1952), as it lies in a mail or an archive; a submission's own is unpacked before. */
export const gzip: Container = {
  id: 'gzip',
  title: 'gzip file',
  mediaTypes: ['application/gzip', 'application/x-gzip'],
  fileExtensions: ['.gz'],

  recognises: ({ head }) => head[0] === 0x1f && head[1] === 0x8b && head[2] === 8,

  async open(bytes, opening) {
    const pieces: Buffer[] = [];
    let size = 0;
    const unpacked = createGunzip();
    try {
      for await (const piece of Readable.from([bytes]).pipe(unpacked) as AsyncIterable<Buffer>) {
        size += piece.length;
        opening.charge(piece.length, bytes.length, size);
        pieces.push(piece);
      }
    } catch (thrown) {
      if (thrown instanceof Error && thrown.name === 'TocsinError') throw thrown;
      throw opening.refused('the gzip file is broken', 'broken');
    }
    await opening.takeFile('', Buffer.concat(pieces));
  },
};
