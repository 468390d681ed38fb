const KIND = Buffer.from('/Subtype');
const BEGIN = Buffer.from('stream');
const END = Buffer.from('endstream');
/** A dictionary of a picture is not longer than this. */
const NEAR = 4096;
const MOST = 1024;

/**
 * The pictures of a PDF document as they lie in it, compressed: streams of the subtype `Image` (ISO 32000-1, 8.9.5). A
 * stream never lies in another one, so they are found without reading the document.
 */
export function imagesIn(bytes: Buffer): Buffer[] {
  const images: Buffer[] = [];
  let at = bytes.indexOf(KIND);
  while (at >= 0 && images.length < MOST) {
    if (/^\/Subtype\s{0,4}\/Image\b/.test(bytes.toString('latin1', at, at + 32))) {
      const begin = bytes.subarray(at, at + NEAR).indexOf(BEGIN);
      const end = begin < 0 ? -1 : bytes.indexOf(END, at + begin + BEGIN.length);
      if (end >= 0) images.push(bytes.subarray(at + begin + BEGIN.length, end));
      if (end >= 0) at = end;
    }
    at = bytes.indexOf(KIND, at + KIND.length);
  }
  return images;
}
