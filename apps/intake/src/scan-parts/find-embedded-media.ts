import { mediaKindOf } from './media-signatures.js';
import { media, textAt, textBefore, type Finding, type ScanView } from './scan-view.js';

/** Bytes of a signature that are looked at after a `data:` URI's comma. */
const PEEK = 1024;
/** Fewer characters than this are an example in prose, not a picture. */
const LEAST_PAYLOAD = 24;
const DATA_URI = /^data:([a-z0-9.+-]+\/[a-z0-9.+-]+)?((?:;[a-z0-9.+-]+(?:=[^;,\s"]{0,80})?){0,8}),/i;
const MEDIA_TYPE = /^(?:image|video|audio)\//i;

function decoded(payload: string): Buffer {
  return Buffer.from(payload.replace(/\\\/|%2f/gi, '/').replace(/%2b/gi, '+'), 'base64');
}

/** A `data:` URI (RFC 2397) of a media type, or whose bytes are media whatever it says. `at` is its first letter. */
export function findDataUri(view: ScanView, at: number): Finding | undefined {
  const text = textAt(view, at, PEEK);
  const [head = '', type = '', settings = ''] = DATA_URI.exec(text) ?? [];
  if (head === '') return undefined;
  const payload = /^[^\s"'<>)]*/.exec(text.slice(head.length))?.[0] ?? '';
  if (payload.length < LEAST_PAYLOAD) return undefined;
  const hidden = /;base64$/i.test(settings) && mediaKindOf(decoded(payload.slice(0, 800)));
  if (!hidden && !MEDIA_TYPE.test(type)) return undefined;
  return media('data-uri', 'the document contains a data: URI that holds media');
}

/** A STIX artifact's own bytes (STIX 2.1, 6.1). `at` is the colon behind the key. */
export function findPayload(view: ScanView, at: number): Finding | undefined {
  if (!/"payload_bin"\s*$/.test(textBefore(view, at, 40))) return undefined;
  if (!/^:\s*"[^"]/.test(textAt(view, at, 40))) return undefined;
  return media('payload-bin', 'the document contains an artifact with its bytes (payload_bin)');
}

/** A MIME part of a media type (RFC 2045), told from a mention of the header by its transfer encoding. */
export function findMimePart(view: ScanView, at: number): Finding | undefined {
  const before = textBefore(view, at, 1024);
  if (!/(?:^|[\r\n])[ \t>]*content-type$/i.test(before)) return undefined;
  const after = textAt(view, at, 1024);
  if (!/^:\s*(?:image|video|audio)\//i.test(after)) return undefined;
  if (!/(?:^|[\r\n])[ \t>]*content-transfer-encoding[ \t]*:/i.test(before + after)) return undefined;
  return media('mime-part', 'the document contains a MIME part of a media type');
}

/** How Base64 begins when the bytes are media; long enough that nothing else begins so by chance. */
const ENCODED_MEDIA =
  /^(?:\/9j\/|iVBORw0KGgo|R0lGOD[dl]h|UklGR[a-z0-9+/]{10}|AAAA[a-z0-9+/]{2}ZnR5c|GkXfo|T2dnUwA|SUQz[AB]|ZkxhQw)/i;
/** Longer than any hash: a SHA-512 has 88 characters in Base64, a PhotoDNA hash 192. */
const LEAST_ENCODED = 256;

/** Base64 that begins as media does, at the beginning of a string, line or cell. */
export function findEncodedMedia(view: ScanView, at: number): Finding | undefined {
  const text = textAt(view, at, LEAST_ENCODED * 2).replaceAll('\\/', '/');
  if (!ENCODED_MEDIA.test(text)) return undefined;
  const encoded = /^[A-Za-z0-9+/]*/.exec(text.replace(/\\[rn]|[\r\n]/g, ''))?.[0] ?? '';
  if (encoded.length < LEAST_ENCODED || !mediaKindOf(Buffer.from(encoded, 'base64'))) return undefined;
  return media('encoded-media', 'the document contains media in Base64');
}
