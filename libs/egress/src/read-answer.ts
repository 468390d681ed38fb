import type { Readable } from 'node:stream';
import type { IncomingHttpHeaders } from 'undici/types/header.js';

/**
 * Reads at most `maxBytes` of a body. At the cap the rest is dropped and the connection destroyed with it; that is no
 * error, the status of the answer counts all the same.
 */
export async function readCapped(body: Readable, maxBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let room = maxBytes;
  if (room > 0) {
    for await (const piece of body as AsyncIterable<Buffer>) {
      pieces.push(piece.subarray(0, room));
      room -= piece.length;
      if (room <= 0) break;
    }
  }
  body.on('error', () => undefined).destroy();
  return Buffer.concat(pieces);
}

/** Header names in lower case; repeated fields joined by commas (RFC 9110, section 5.2). */
export function flattenHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}
