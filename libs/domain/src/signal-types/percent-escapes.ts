const PERCENT = 0x25;

/** Value of a hexadecimal digit by its character code; -1 for any other character. */
function digitOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/**
 * Undoes percent-escapes again and again until none is left, as the Safe Browsing rules ask, in one pass: a byte that
 * is won back may complete the escape before it, never one behind it, so only the end of what is written needs a look.
 * @param text ASCII, as the WHATWG parser writes paths and queries
 * @returns the bytes, none of which are an escape any more
 */
export function unescapeFully(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (let index = 0; index < text.length; index += 1) {
    bytes[length] = text.charCodeAt(index);
    length += 1;
    while (length >= 3 && bytes[length - 3] === PERCENT) {
      const high = digitOf(bytes[length - 2] ?? 0);
      const low = digitOf(bytes[length - 1] ?? 0);
      if (high < 0 || low < 0) break;
      length -= 2;
      bytes[length - 1] = high * 16 + low;
    }
  }
  return bytes.subarray(0, length);
}

/** Escapes, in upper case, the bytes up to 0x20, those from 0x7f, `#`, `%`, and those in `also`. */
export function escapeBytes(bytes: Uint8Array, also = ''): string {
  let text = '';
  for (const byte of bytes) {
    const plain = String.fromCharCode(byte);
    const isEscaped = byte <= 0x20 || byte >= 0x7f || plain === '#' || plain === '%' || also.includes(plain);
    text += isEscaped ? `%${byte.toString(16).toUpperCase().padStart(2, '0')}` : plain;
  }
  return text;
}
