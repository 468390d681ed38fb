import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { gunzip } from './gunzip.js';

async function* inPieces(bytes: Buffer, length = 1000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield await Promise.resolve(bytes.subarray(at, at + length));
}

async function unpack(bytes: Buffer): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of gunzip(inPieces(bytes))) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('gunzip', () => {
  const document = Buffer.concat([Buffer.alloc(200_000, 'abc'), randomBytes(200_000)]);

  it('unpacks what comes in pieces', async () => {
    expect((await unpack(gzipSync(document))).equals(document)).toBe(true);
  });

  it('unpacks files that were joined', async () => {
    expect(await unpack(Buffer.concat([gzipSync('one'), gzipSync('two')]))).toEqual(Buffer.from('onetwo'));
  });

  it.each([
    ['cut off', () => gzipSync(document).subarray(0, -9)],
    ['broken', () => Buffer.concat([gzipSync(document).subarray(0, 100_000), randomBytes(50_000)])],
    [
      'with a wrong sum',
      () => {
        const bytes = gzipSync(document);
        bytes.writeUInt32LE(1, bytes.length - 8);
        return bytes;
      },
    ],
    ['nothing of the kind', () => Buffer.from('plain text')],
  ])('refuses bytes that are %s', async (_, make) => {
    await expect(unpack(make())).rejects.toMatchObject({ code: 'TOC_SUBMISSION_GZIP' });
  });

  it('refuses what unpacks to two hundred times its length, long before its end', async () => {
    let size = 0;
    const unpacking = async (): Promise<void> => {
      for await (const piece of gunzip(inPieces(gzipSync(Buffer.alloc(128 * 1024 * 1024))))) size += piece.length;
    };
    await expect(unpacking()).rejects.toMatchObject({ code: 'TOC_SUBMISSION_TOO_LARGE' });
    expect(size).toBeLessThan(34 * 1024 * 1024);
  });

  it('hands on what goes wrong at the source', async () => {
    async function* breaking(): AsyncGenerator<Buffer> {
      yield* inPieces(gzipSync(document).subarray(0, 5000));
      throw new Error('the line is dead');
    }
    const reading = async (): Promise<void> => {
      for await (const piece of gunzip(breaking())) expect(piece.length).toBeGreaterThan(0);
    };
    await expect(reading()).rejects.toThrow('the line is dead');
  });

  it('lets go of the source when nobody reads on', async () => {
    let closed = false;
    async function* endless(): AsyncGenerator<Buffer> {
      try {
        const packed = gzipSync(randomBytes(10_000_000));
        yield* inPieces(packed, 10_000);
      } finally {
        closed = true;
      }
    }
    for await (const piece of gunzip(endless())) if (piece.length > 0) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(closed).toBe(true);
  });
});
