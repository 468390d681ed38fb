const DATA_URI = /(?:^|[^a-z0-9])data:(?:[a-z]+\/[a-z0-9.+-]+(?:;[^,]{0,100})?|[^,\s]{0,100};base64),/i;

/** What a look through a parsed value found. */
export interface Inspection {
  /** Keys of all objects in it. */
  keys: number;
  /** A `data:` URI in any text, or the payload of an artifact. */
  media: boolean;
}

/** Whether a text holds a `data:` URI (RFC 2397) of a stated media type, or one in base64. */
export function holdsDataUri(text: string): boolean {
  for (let colon = text.indexOf(':'); colon >= 0; colon = text.indexOf(':', colon + 1)) {
    // Most colons are not behind the letters "ta", and this runs for every text of a document.
    if (colon >= 4 && (text.charCodeAt(colon - 1) | 0x20) === 0x61 && (text.charCodeAt(colon - 2) | 0x20) === 0x74) {
      return DATA_URI.test(text);
    }
  }
  return false;
}

/** Looks through a value that JSON.parse gave; its nesting is bounded already. */
export function inspect(value: unknown): Inspection {
  const found: Inspection = { keys: 0, media: false };
  look(value, found);
  return found;
}

function look(value: unknown, found: Inspection): void {
  if (typeof value === 'string') {
    if (holdsDataUri(value)) found.media = true;
  } else if (Array.isArray(value)) {
    for (const part of value) look(part, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, part] of Object.entries(value)) {
      found.keys += 1;
      if (key === 'payload_bin' && typeof part === 'string' && part !== '') found.media = true;
      look(part, found);
    }
  }
}

const SIGNS = ['payload_bin', 'data:', 'DATA:', 'Data:', ';base64,'] as const;
const LONGEST_SIGN = Math.max(...SIGNS.map((sign) => sign.length));

/** Whether bytes of JSON may hold media. Escapes in the text hide from this; whoever parses it looks again. */
export function mayHoldMedia(bytes: Buffer): boolean {
  return SIGNS.some((sign) => bytes.includes(sign));
}

/** Looks at an object that is too long to be held, piece by piece. */
export class PassingBytes {
  private tail = Buffer.alloc(0);
  media = false;
  /** It says the name of a kind of object that speaks for others. */
  speaksForOthers = false;

  push(piece: Uint8Array): void {
    const bytes = Buffer.concat([this.tail, piece]);
    this.media ||= bytes.includes('payload_bin') || DATA_URI.test(bytes.toString('latin1'));
    this.speaksForOthers ||= bytes.includes('"report"') || bytes.includes('"grouping"');
    this.tail = Buffer.from(bytes.subarray(Math.max(0, bytes.length - 256 - LONGEST_SIGN)));
  }
}
