import { rejection } from '#libs/domain';
import { findLongRun, WrappedBase64 } from './base64-runs.js';
import { mayBeginClassification } from './classification-words.js';
import { findDataUri, findEncodedMedia, findMimePart, findPayload } from './find-embedded-media.js';
import {
  findBanner,
  findLabelledLevel,
  findMarkingId,
  findTlpLabel,
  findTlpProperty,
  PortionMarks,
  type DeclaredLevel,
} from './find-level-marks.js';
import { judgeHead } from './media-signatures.js';
import { REACH, type Finding, type PieceKind, type ScanView } from './scan-view.js';

/** What a byte can be the beginning of; most are nothing. */
const NOTHING = 0;
const LINE_END = 1;
const QUOTE = 2;
const SEPARATOR = 3;
const BACKSLASH = 4;
const COLON = 5;

const PLACES = new Uint8Array(256);
PLACES[10] = PLACES[13] = LINE_END;
PLACES[34] = QUOTE;
for (const char of ",;|\t>'") PLACES[char.charCodeAt(0)] = SEPARATOR;
PLACES[92] = BACKSLASH;
PLACES[58] = COLON;

/** Bytes that may stand around a mark at the beginning of a line. */
const DECORATION = new Uint8Array(256);
for (const char of ' \t*#>_=-[{') DECORATION[char.charCodeAt(0)] = 1;
/** Bytes of which the first letters of a banner are made. */
const CAPITAL = new Uint8Array(256);
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ /.-') CAPITAL[char.charCodeAt(0)] = 1;
// The bytes of accented capitals in UTF-8, as in TRÈS SECRET.
CAPITAL.fill(1, 0x80, 0xa0);
CAPITAL[0xc3] = 1;

const MOST_DECORATION = 16;
/** Bytes that are looked at in one go. */
const SLICE = 64 * 1024;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Looks through a document, piece by piece, for what must not be in it: media, and markings above the level of this
 * deployment. A mark that is split over pieces is found, because each look reaches into the piece before and leaves the
 * last bytes to the next one.
 */
export class DocumentScanner {
  /** Room for the kept bytes and a slice behind them, used again and again. */
  private readonly room = Buffer.allocUnsafe(2 * REACH + SLICE);
  /** How many bytes are kept: those that were not yet looked at, and before them those that a look may reach back to. */
  private kept = 0;
  /** Place of the first kept byte in the document. */
  private keptAt = 0;
  /** Place in the document up to which everything was looked at. */
  private done = 0;
  private lineAt = 0;
  private readonly wrapped = new WrappedBase64();
  private readonly portions: PortionMarks;

  constructor(private readonly declared: DeclaredLevel) {
    this.portions = new PortionMarks(declared);
  }

  /** @throws a rejection `TOC_SUBMISSION_MEDIA`, `TOC_SUBMISSION_ABOVE_LEVEL` or `TOC_SUBMISSION_FORMAT` */
  scan(piece: Uint8Array): void {
    for (let at = 0; at < piece.length; at += SLICE) {
      const slice = piece.subarray(at, at + SLICE);
      this.room.set(slice, this.kept);
      this.kept += slice.length;
      if (this.kept > REACH) this.look(false);
    }
  }

  /** Judges the first bytes alone, before anything else is asked of them. @throws as {@link scan} */
  judgeHead(head: Uint8Array): void {
    this.refuse(judgeHead(head), 0);
  }

  /** Looks at the last bytes. @throws as {@link scan} */
  finish(): void {
    this.look(true);
    this.kept = 0;
  }

  private look(isEnd: boolean): void {
    const bytes = this.room.subarray(0, this.kept);
    const view: ScanView = { bytes, isEnd };
    const from = this.done - this.keptAt;
    const to = isEnd ? bytes.length : bytes.length - REACH;
    if (to > from || (isEnd && this.done === 0)) {
      this.refuse(this.done === 0 ? this.lookAtHead(view) : undefined, 0);
      this.refuse(findLongRun(view, from, to), from);
      this.lookAtPlaces(view, from, to);
      if (isEnd) this.refuse(this.wrapped.line(view, this.lineAt - this.keptAt, to), to);
      this.done = this.keptAt + to;
    }
    const keep = Math.max(0, this.done - this.keptAt - REACH);
    this.room.copyWithin(0, keep, this.kept);
    this.kept -= keep;
    this.keptAt += keep;
  }

  private lookAtHead(view: ScanView): Finding | undefined {
    const mark = view.bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0;
    return judgeHead(view.bytes) ?? this.beginning(view, mark, 'line');
  }

  private lookAtPlaces(view: ScanView, from: number, to: number): void {
    const { bytes } = view;
    for (let at = from; at < to; at += 1) {
      const place = PLACES[bytes[at] ?? 0] ?? NOTHING;
      if (place !== NOTHING) this.refuse(this.lookAt(view, at, place), at);
    }
  }

  private lookAt(view: ScanView, at: number, place: number): Finding | undefined {
    if (place === LINE_END) {
      const found = view.bytes[at] === 10 ? this.lineEnds(view, at) : undefined;
      return found ?? this.beginning(view, at + 1, 'line');
    }
    if (place === QUOTE) return this.beginning(view, at + 1, 'string');
    if (place === SEPARATOR) return this.beginning(view, at + 1, 'cell');
    if (place === COLON) return this.colon(view, at);
    const next = view.bytes[at + 1];
    return next === 110 || next === 114 ? this.beginning(view, at + 2, 'line') : undefined;
  }

  private lineEnds(view: ScanView, at: number): Finding | undefined {
    const start = this.lineAt - this.keptAt;
    this.lineAt = this.keptAt + at + 1;
    return this.wrapped.line(view, start, at);
  }

  /** Judges what a line, string or cell begins with. */
  private beginning(view: ScanView, start: number, kind: PieceKind): Finding | undefined {
    const { bytes } = view;
    let at = start;
    if (kind !== 'cell') while (at - start < MOST_DECORATION && DECORATION[bytes[at] ?? 0] === 1) at += 1;
    const first = bytes[at] ?? 0;
    if (first === 40) return this.portions.find(view, at, kind);
    if (first === 109 && bytes[at + 1] === 97) return findMarkingId(view, at, this.declared);
    if (mayBeginEncodedMedia(bytes, at)) {
      const found = findEncodedMedia(view, at);
      if (found) return found;
    }
    // The beginning of a level in capitals: next to no work for hashes and addresses.
    const isBanner =
      mayBeginClassification(first, bytes[at + 1] ?? 0) &&
      CAPITAL[bytes[at + 2] ?? 0] === 1 &&
      CAPITAL[bytes[at + 3] ?? 0] === 1;
    return isBanner ? findBanner(view, at, kind, this.declared) : undefined;
  }

  /** Judges a colon by the word before it: data:, TLP:, "payload_bin":, Content-Type:, Classification:. */
  private colon(view: ScanView, at: number): Finding | undefined {
    const { bytes } = view;
    let back = at - 1;
    while (back > at - 4 && (bytes[back] === 34 || bytes[back] === 32 || bytes[back] === 39)) back -= 1;
    const before = (letters: number): number => (bytes[back - letters] ?? 0) | 0x20;
    switch (before(0)) {
      case 97: // data
        return back === at - 1 && before(3) === 100 ? findDataUri(view, at - 4) : undefined;
      case 101: // content-type
        return bytes[back - 4] === 45 ? findMimePart(view, at) : undefined;
      case 108: // "tlp_label", "tlp_level"
        return findTlpProperty(view, at, this.declared);
      case 110: // "payload_bin", classification
        if (before(1) === 105) return findPayload(view, at);
        return before(4) === 97 && before(5) === 99 ? findLabelledLevel(view, at, this.declared) : undefined;
      case 112: // tlp
        if (before(1) !== 108 || before(2) !== 116) return undefined;
        return findTlpLabel(view, at, this.declared) ?? findTlpProperty(view, at, this.declared);
      default:
        return undefined;
    }
  }

  private refuse(found: Finding | undefined, at: number): void {
    if (!found) return;
    // The place is where the look began to judge, near enough to find it in the file.
    throw rejection(found.code, found.detail, { found: found.what, byte: this.keptAt + (found.at ?? at) });
  }
}

/** First letters of Base64 of media, told apart by two bytes before anything is compared. */
function mayBeginEncodedMedia(bytes: Buffer, at: number): boolean {
  const second = bytes[at + 1];
  switch (bytes[at]) {
    case 47: // /9j/
      return second === 57;
    case 92: // \/9j\/
      return second === 47;
    case 105: // iVBORw0KGgo
      return second === 86;
    case 82: // R0lGOD
      return second === 48;
    case 85: // UklGR, SUQz
      return second === 107;
    case 65: // AAAA
      return second === 65;
    case 71: // GkXfo
      return second === 107;
    case 84: // T2dnU
      return second === 50;
    case 83: // SUQz
      return second === 85;
    case 90: // ZkxhQw
      return second === 107;
    default:
      return false;
  }
}
