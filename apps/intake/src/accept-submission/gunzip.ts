import { createGunzip, type Gunzip } from 'node:zlib';
import { rejection } from '#libs/domain';
import { roomToWrite } from './room-to-write.js';

/** Below this much output nobody asks how well it was compressed. */
const FREE_BYTES = 32 * 1024 * 1024;
/** Lists and reports compress two- to thirtyfold; gzip can do a thousand. */
const HIGHEST_RATIO = 200;

/** Whether bytes begin as gzip does (RFC 1952, section 2.3.1). */
export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/**
 * Decompresses gzip with bounded memory.
 * @throws rejections `TOC_SUBMISSION_GZIP` for broken or truncated bytes, `TOC_SUBMISSION_TOO_LARGE` for bytes that
 *   unpack to far more than documents do
 */
export async function* gunzip(compressed: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const unpacking = createGunzip();
  const feeding = feed(compressed, unpacking);
  let size = 0;
  try {
    for await (const piece of unpacking as AsyncIterable<Buffer>) {
      size += piece.length;
      if (size > FREE_BYTES && size > unpacking.bytesWritten * HIGHEST_RATIO) {
        throw rejection(
          'TOC_SUBMISSION_TOO_LARGE',
          `the bytes unpack to more than ${HIGHEST_RATIO} times their length`,
        );
      }
      yield piece;
    }
    await feeding;
  } catch (thrown) {
    throw isZlibError(thrown) ? rejection('TOC_SUBMISSION_GZIP', 'the compressed bytes are broken or cut off') : thrown;
  } finally {
    unpacking.destroy();
    feeding.catch(() => undefined);
  }
}

/** Writes into the unpacker as fast as it takes; what goes wrong at the source comes out at its other end. */
async function feed(compressed: AsyncIterable<Uint8Array>, unpacking: Gunzip): Promise<void> {
  try {
    for await (const piece of compressed) {
      if (unpacking.destroyed) return;
      if (!unpacking.write(piece)) await roomToWrite(unpacking);
    }
    unpacking.end();
  } catch (thrown) {
    unpacking.destroy(thrown instanceof Error ? thrown : new Error('the source failed'));
  }
}

function isZlibError(thrown: unknown): boolean {
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' && code.startsWith('Z_');
}
