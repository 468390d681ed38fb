const LONGEST_ESCAPE = 6;
/** Printable ASCII except quotation marks and backslashes, which would change what is a string. */
const ESCAPE = /\\u00([2-7][0-9a-fA-F])/g;
const MEANS_STRUCTURE: ReadonlySet<string> = new Set(['22', '5c', '5C', '7f', '7F']);

/** Undoes `\u0064` for letters that need no escape in JSON, so that nothing hides behind it. Other text passes as it is. */
export class JsonUnescaper {
  private held: Buffer = Buffer.alloc(0);

  /** @returns the text that can be told so far; an escape that may go on is kept for the next call */
  pass(piece: Buffer): Buffer {
    const bytes = this.held.length > 0 ? Buffer.concat([this.held, piece]) : piece;
    const backslash = bytes.indexOf(0x5c, Math.max(0, bytes.length - LONGEST_ESCAPE + 1));
    const cut = backslash < 0 ? bytes.length : backslash;
    this.held = Buffer.from(bytes.subarray(cut));
    return unescape(bytes.subarray(0, cut));
  }

  /** What was kept at the end of the document. */
  rest(): Buffer {
    const { held } = this;
    this.held = Buffer.alloc(0);
    return unescape(held);
  }
}

function unescape(bytes: Buffer): Buffer {
  if (!bytes.includes('\\u00')) return bytes;
  const text = bytes
    .toString('latin1')
    .replace(ESCAPE, (escape: string, code: string) =>
      MEANS_STRUCTURE.has(code) ? escape : String.fromCharCode(Number.parseInt(code, 16)),
    );
  return Buffer.from(text, 'latin1');
}
