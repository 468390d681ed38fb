import { isUtf8 } from 'node:buffer';
import { rejection, type TocsinError } from '#libs/domain';

/** Byte order marks of encodings that are not read, longest first. */
const FOREIGN_MARKS = [
  { name: 'UTF-32', bytes: [0xff, 0xfe, 0x00, 0x00] },
  { name: 'UTF-32', bytes: [0x00, 0x00, 0xfe, 0xff] },
  { name: 'UTF-16', bytes: [0xff, 0xfe] },
  { name: 'UTF-16', bytes: [0xfe, 0xff] },
] as const;

function refused(what: string, byte: number): TocsinError {
  return rejection('TOC_SUBMISSION_ENCODING', `${what} at byte ${byte}; only UTF-8 is read`, { byte });
}

/** How many of the last bytes begin a character that goes on behind them, 0–3. */
function openCharacter(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const lead = bytes[bytes.length - back] ?? 0;
    if (lead >> 6 === 0b10) continue;
    const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

/** Offset of the character that is not UTF-8, found by halving: the native check is fast on whole pieces. */
function firstWrong(bytes: Uint8Array): number {
  let sound = 0;
  let end = bytes.length;
  while (end - sound > 4) {
    const middle = sound + ((end - sound) >> 1);
    const cut = middle - openCharacter(bytes.subarray(sound, middle));
    if (cut > sound && isUtf8(bytes.subarray(sound, cut))) sound = cut;
    else end = middle;
  }
  while (sound < bytes.length) {
    const length = [1, 2, 3, 4].find((n) => isUtf8(bytes.subarray(sound, sound + n)) && sound + n <= bytes.length);
    if (length === undefined) return sound;
    sound += length;
  }
  return sound;
}

/** Checks a document piece by piece: UTF-8 (RFC 3629) and no NUL. A character may be split over two pieces. */
export class TextEncodingCheck {
  private open: Buffer = Buffer.alloc(0);
  private offset = 0;

  /**
   * @param piece the bytes that follow those of the calls before
   * @throws a rejection `TOC_SUBMISSION_ENCODING` with the offset of the first byte that is wrong
   */
  check(piece: Buffer): void {
    if (this.offset === 0) {
      const mark = FOREIGN_MARKS.find(({ bytes }) => bytes.every((byte, index) => piece[index] === byte));
      if (mark) throw refused(`the byte order mark of ${mark.name}`, 0);
    }
    const bytes = this.open.length > 0 ? Buffer.concat([this.open, piece]) : piece;
    const start = this.offset - this.open.length;
    const kept = openCharacter(bytes);
    const whole = bytes.subarray(0, bytes.length - kept);
    const nul = whole.indexOf(0);
    const sound = nul < 0 ? whole : whole.subarray(0, nul);
    if (!isUtf8(sound)) throw refused('a byte that is not UTF-8', start + firstWrong(sound));
    if (nul >= 0) throw refused('a NUL', start + nul);
    this.open = Buffer.from(bytes.subarray(bytes.length - kept));
    this.offset += piece.length;
  }

  /** To be called after the last piece. */
  end(): void {
    if (this.open.length > 0) throw refused('an unfinished character', this.offset - this.open.length);
  }
}
