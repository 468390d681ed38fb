import { isUtf8 } from 'node:buffer';
import { rejection, type TocsinError } from '#libs/domain';
import type { ByteSource } from '../format.js';

const FOREIGN_MARKS: readonly { name: string; bytes: readonly number[] }[] = [
  { name: 'UTF-32', bytes: [0xff, 0xfe, 0x00, 0x00] },
  { name: 'UTF-32', bytes: [0x00, 0x00, 0xfe, 0xff] },
  { name: 'UTF-16', bytes: [0xff, 0xfe] },
  { name: 'UTF-16', bytes: [0xfe, 0xff] },
];

/** UTF-8 byte order mark. */
export const BYTE_ORDER_MARK: readonly number[] = [0xef, 0xbb, 0xbf];

function startsWith(bytes: Uint8Array, mark: readonly number[]): boolean {
  return mark.every((byte, index) => bytes[index] === byte);
}

/** Bytes at the end of a piece that begin a character without finishing it, 0–3. */
function unfinishedTail(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

/** Offset of the first byte that cannot be part of UTF-8; by halving, since whole prefixes are checked natively. */
function firstInvalidByte(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = good + Math.floor((bad - good) / 2);
    const prefix = bytes.subarray(0, middle);
    if (isUtf8(prefix.subarray(0, middle - unfinishedTail(prefix)))) good = middle;
    else bad = middle;
  }
  return good - unfinishedTail(bytes.subarray(0, good));
}

function refusal(what: string, offset: number): TocsinError {
  return rejection('TOC_SUBMISSION_ENCODING', `${what} at byte ${offset}; only UTF-8 is read`, { byte: offset });
}

/**
 * Refuses a document whose first bytes are the mark of UTF-16 or UTF-32.
 * @throws a rejection `TOC_SUBMISSION_ENCODING`
 */
export function refuseForeignMark(head: Uint8Array): void {
  const mark = FOREIGN_MARKS.find(({ bytes }) => startsWith(head, bytes));
  if (mark) throw refusal(`the byte order mark of ${mark.name}`, 0);
}

/**
 * Passes the bytes of a document on while checking that they are UTF-8 (RFC 3629) without NUL.
 * @param chunks the document from its first byte
 * @throws a rejection `TOC_SUBMISSION_ENCODING` that names the offset of the first byte that is wrong
 */
export async function* checkedText(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let head = Buffer.alloc(0);
  let tail = Buffer.alloc(0);
  let offset = 0;
  for await (const chunk of chunks) {
    if (head.length < 4) {
      head = Buffer.concat([head, chunk.subarray(0, 4)]);
      refuseForeignMark(head);
    }
    const bytes =
      tail.length > 0 ? Buffer.concat([tail, chunk]) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    const start = offset - tail.length;
    const kept = unfinishedTail(bytes);
    const whole = bytes.subarray(0, bytes.length - kept);
    const nul = whole.indexOf(0);
    const invalid = isUtf8(whole) ? -1 : firstInvalidByte(whole);
    // Whatever comes first is told, however the bytes arrive.
    if (nul >= 0 && (invalid < 0 || nul < invalid)) throw refusal('a NUL', start + nul);
    if (invalid >= 0) throw refusal('a byte that is not UTF-8', start + invalid);
    tail = Buffer.from(bytes.subarray(bytes.length - kept));
    offset += chunk.length;
    yield chunk;
  }
  if (tail.length > 0) throw refusal('an unfinished character', offset - tail.length);
}

/**
 * Reads a whole document once to know, before anything of it is used, that it is text and has any bytes at all.
 * @throws a rejection `TOC_SUBMISSION_EMPTY` or `TOC_SUBMISSION_ENCODING`
 */
export async function checkText(source: ByteSource): Promise<void> {
  refuseEmpty(source);
  for await (const _chunk of checkedText(source.open()));
}

/** @throws a rejection `TOC_SUBMISSION_EMPTY` */
export function refuseEmpty(source: ByteSource): void {
  if (source.size === 0) throw rejection('TOC_SUBMISSION_EMPTY', 'the document has no bytes');
}
