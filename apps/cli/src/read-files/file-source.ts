import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { rejection } from '#libs/domain';
import type { ByteSource } from '#libs/formats';

/** Bytes by which a format is told. */
export const HEAD_BYTES = 65_536;

/** A file on this machine, decompressed when it is gzip. */
export async function fileSource(path: string): Promise<{ source: ByteSource; head: Uint8Array }> {
  const handle = await open(path);
  const { size } = await handle.stat();
  const magic = Buffer.alloc(2);
  await handle.read(magic, 0, 2, 0);
  await handle.close();
  const gzip = magic[0] === 0x1f && magic[1] === 0x8b;
  const source: ByteSource = {
    size,
    open: (fromByte = 0) => {
      if (!gzip) return createReadStream(path, { start: fromByte });
      if (fromByte > 0) throw rejection('TOC_SUBMISSION_GZIP', 'a compressed file is read from its start');
      return createReadStream(path).pipe(createGunzip());
    },
  };
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of source.open()) {
    pieces.push(piece);
    length += piece.length;
    if (length >= HEAD_BYTES) break;
  }
  return { source, head: Buffer.concat(pieces).subarray(0, HEAD_BYTES) };
}
