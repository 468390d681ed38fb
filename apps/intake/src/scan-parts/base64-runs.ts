import { media, type Finding, type ScanView } from './scan-view.js';

/** A run of Base64 longer than this is taken for media (bytes of text). */
export const LONGEST_RUN = 4096;

const ALPHABET = new Uint8Array(256);
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_\\')
  ALPHABET[char.charCodeAt(0)] = 1;

const FOUND = media('base64-run', `the document contains more than ${LONGEST_RUN} characters of Base64 in a row`);

/**
 * Looks for a run of Base64 (RFC 4648, both alphabets) longer than {@link LONGEST_RUN} that begins between two places. Probes
 * one byte in every so many and walks back from it, so that text with short words or lines costs next to nothing.
 * @param from place of the first byte
 * @param to place after the last byte at which a run may begin
 */
export function findLongRun({ bytes }: ScanView, from: number, to: number): Finding | undefined {
  let start = from;
  while (start < to) {
    const probe = start + LONGEST_RUN;
    if (probe >= bytes.length) return undefined;
    let at = probe;
    while (at >= start && ALPHABET[bytes[at] ?? 0] === 1) at -= 1;
    if (at < start && isOneRun(bytes.toString('latin1', start, probe + 1))) return { ...FOUND, at: start };
    start = at < start ? start + LONGEST_RUN / 2 : at + 1;
  }
  return undefined;
}

/** A backslash is only part of the run as `\\/`; lines written as `\\n` in a string are judged as lines are. */
function isOneRun(run: string): boolean {
  if (!run.includes('\\')) return true;
  const lines = run.replaceAll('\\/', '/').split(/(?:\\[rn])+/);
  if (lines.some((line) => line.includes('\\'))) return false;
  if (lines.length === 1) return true;
  const whole = lines.length === 2 ? lines : lines.slice(1, -1);
  return whole.every((line) => line.length >= SHORTEST_LINE && isEncoded(line));
}

/** Lines as encoders wrap them (RFC 2045, 6.8: up to 76 characters). */
const SHORTEST_LINE = 60;
const LONGEST_LINE = 80;

/** Base64 of anything but chance has letters of both cases; hashes in hexadecimal have not. */
function isEncoded(line: string): boolean {
  return /^[A-Za-z0-9+/]+$/.test(line) && /[A-Z]/.test(line) && /[a-z]/.test(line) && /[g-zG-Z+/]/.test(line);
}

/** Follows the lines of a document and notices a block of Base64 that was wrapped. */
export class WrappedBase64 {
  private length = 0;
  private lines = 0;

  /**
   * Takes note of a line.
   * @param start place of its first byte, which may lie before the view; only lines of encoders are looked at
   */
  line({ bytes }: ScanView, start: number, end: number): Finding | undefined {
    const length = end - start - (bytes[end - 1] === 13 ? 1 : 0);
    if (length < SHORTEST_LINE || length > LONGEST_LINE) {
      this.lines = 0;
      return undefined;
    }
    this.lines = length === this.length ? this.lines + 1 : 1;
    this.length = length;
    if (this.lines * length <= LONGEST_RUN) return undefined;
    this.lines = 0;
    // All lines have one length; a few of the last ones tell hashes from encoded bytes.
    const stride = end - start + 1;
    const looked = Array.from({ length: 8 }, (_, back) => start - back * stride).filter((at) => at >= 0);
    return looked.every((at) => isEncoded(bytes.toString('latin1', at, at + length))) ? FOUND : undefined;
  }
}
