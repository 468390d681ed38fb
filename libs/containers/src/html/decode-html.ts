import { isUtf8 } from 'node:buffer';

const DECLARED = /<meta[^>]{0,200}charset\s*=\s*["']?\s*([a-z0-9_:-]{1,40})/i;

/**
 * The text of a page: by its byte order mark, as UTF-8 when it is, by what it says of itself, else as Windows-1252
 * (HTML Standard, 13.2.3, in short).
 */
export function decodeHtml(bytes: Buffer): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return decode(bytes, 'utf-16le');
  if (first === 0xfe && second === 0xff) return decode(bytes, 'utf-16be');
  if (isUtf8(bytes)) return decode(bytes, 'utf-8');
  return decode(bytes, DECLARED.exec(bytes.toString('latin1', 0, 2048))?.[1] ?? 'windows-1252');
}

function decode(bytes: Buffer, label: string): string {
  try {
    return new TextDecoder(label).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
