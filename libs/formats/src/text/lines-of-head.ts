/** Lines that are looked at to tell a format. */
const LOOKED_AT = 50;

/** Bytes that are looked at to tell a format; a beginning that is shorter is the whole document. */
export const DETECTION_BYTES = 64 * 1024;

/** The first lines of a document of which the beginning is given; a last line that may be cut off is left out. */
export function linesOfHead(head: Uint8Array, most = LOOKED_AT): string[] {
  const text = Buffer.from(head.buffer, head.byteOffset, head.length)
    .toString('utf8')
    .replace(/^\ufeff/, '');
  const lines = text.split(/\r?\n/, most + 1);
  const isCutOff = lines.length > most || head.length >= DETECTION_BYTES;
  return isCutOff && lines.length > 1 ? lines.slice(0, -1) : lines;
}
