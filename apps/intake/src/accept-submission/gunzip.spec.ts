import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { gunzip } from './gunzip.js';

const MIB = 1024 * 1024;

async function* inPieces(bytes: Buffer, length = 1000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield await Promise.resolve(bytes.subarray(at, at + length));
}

/** What comes out, and how it ended. */
async function unpacked(
  compressed: AsyncIterable<Buffer>,
): Promise<{ bytes: number; content: Buffer; code?: unknown }> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of gunzip(compressed)) {
      bytes += piece.length;
      if (bytes < MIB) pieces.push(piece);
    }
  } catch (thrown) {
    return { bytes, content: Buffer.concat(pieces), code: (thrown as { code?: string }).code ?? thrown };
  }
  return { bytes, content: Buffer.concat(pieces) };
}

describe('gzip', () => {
  const document = Buffer.from('a line of a list\n'.repeat(2000));

  it.each([1, 7, 100_000])('is unpacked in pieces of %i bytes', async (length) => {
    const { content, code } = await unpacked(inPieces(gzipSync(document), length));
    expect(code).toBeUndefined();
    expect(content.equals(document)).toBe(true);
  });

  it('may have several members', async () => {
    const { content } = await unpacked(inPieces(Buffer.concat([gzipSync(document), gzipSync('and more\n')])));
    expect(content.toString()).toBe(`${document.toString()}and more\n`);
  });

  it('is refused when it is cut off anywhere', async () => {
    const whole = gzipSync(randomBytes(300));
    for (const length of [1, 2, 9, 10, 50, whole.length - 8, whole.length - 1]) {
      expect((await unpacked(inPieces(whole.subarray(0, length)))).code).toBe('TOC_SUBMISSION_GZIP');
    }
  });

  it('is refused when it is broken', async () => {
    const flipped = gzipSync(document);
    flipped.writeUInt8(flipped.readUInt8(flipped.length - 6) ^ 1, flipped.length - 6);
    expect((await unpacked(inPieces(flipped))).code).toBe('TOC_SUBMISSION_GZIP');
    expect((await unpacked(inPieces(Buffer.from('no gzip at all')))).code).toBe('TOC_SUBMISSION_GZIP');
  });

  it('is refused as a bomb after a bounded number of bytes', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * MIB), { level: 9 });
    const { bytes, code } = await unpacked(inPieces(bomb, 4096));
    expect(code).toBe('TOC_SUBMISSION_TOO_LARGE');
    expect(bytes).toBeLessThan(40 * MIB);
  });

  it('may be well compressed when it is small', async () => {
    expect(await unpacked(inPieces(gzipSync(Buffer.alloc(8 * MIB))))).toMatchObject({ bytes: 8 * MIB });
  });

  it('ends as its source does', async () => {
    async function* breaking(): AsyncGenerator<Buffer> {
      yield await Promise.resolve(gzipSync(document).subarray(0, 40));
      throw new Error('the sender is gone');
    }
    expect((await unpacked(breaking())).code).toMatchObject({ message: 'the sender is gone' });
  });

  it('stops its source when nobody reads on', async () => {
    let closed = false;
    async function* endless(): AsyncGenerator<Buffer> {
      try {
        const piece = gzipSync(randomBytes(100_000));
        for (;;) yield await Promise.resolve(piece);
      } finally {
        closed = true;
      }
    }
    for await (const piece of gunzip(endless())) if (piece.length > 0) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(closed).toBe(true);
  });
});
