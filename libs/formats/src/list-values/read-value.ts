import { canonicalise, type RejectionCode, type SignalType } from '#libs/domain';
import type { CandidateSignal } from '../format.js';
import { meaningOfType, type IgnoredKind } from './words.js';

/** What became of one value of a list. */
export type ValueReading =
  | { outcome: 'signal'; signal: CandidateSignal }
  | { outcome: 'ignored'; what: IgnoredKind }
  | { outcome: 'rejected'; code: RejectionCode; detail: string };

const HASH_OF_LENGTH: ReadonlyMap<number, SignalType> = new Map([
  [32, 'md5'],
  [40, 'sha1'],
  [64, 'sha256'],
  [128, 'sha512'],
]);
const HEX = /^[0-9a-f]+$/i;
const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
/** Longest address of a mailbox (RFC 5321); domain names are shorter. */
const LONGEST_NAME = 320;
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5}|\/\d{1,2})?$/;
const IPV6 = /^(?=.*:.*:)[0-9a-f:.]+(?:\/\d{1,3})?$/i;
const EMAIL = /^[^\s@/:]+@[^\s@/:]+\.[^\s@/:]+$/;
const DOMAIN = /^(?=.{4,255}$)[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)+\.?$/u;
const DOT = /\[\.\]|\(\.\)|\{\.\}|[[({]dot[\])}]/gi;
const NOT_LIVE_SCHEME = /^h(?:xx|\*\*|__)p(?=s?\[?:)/i;
const NOT_LIVE = /^h(?:xx|\*\*|__)p|\[:\]|\[:\/\/\]|:\[\/\/\]|\[\.\]|\(\.\)|\{\.\}|[[({]dot[\])}]/i;

/**
 * The type of a bare value by its shape: the length of a hash, the scheme of a URL, the dots of a domain. 64 digits are
 * SHA-256, since a PDQ hash cannot be told from it.
 */
export function shapeOf(value: string): { type: SignalType } | { ignored: IgnoredKind } | undefined {
  const hash = HASH_OF_LENGTH.get(value.length);
  if (hash && HEX.test(value)) return { type: hash };
  if (SCHEME.test(value)) return { type: 'url' };
  if (value.length > LONGEST_NAME) return undefined;
  if (IPV4.test(value)) return { ignored: 'ipv4-addr' };
  if (IPV6.test(value)) return { ignored: 'ipv6-addr' };
  if (DOMAIN.test(value)) return { type: 'domain' };
  if (EMAIL.test(value)) return { ignored: 'email-addr' };
  return undefined;
}

/** Reports write addresses so that nobody follows them by accident (`hxxp://a[.]example`); this is the address meant. */
export function asLive(value: string): string {
  if (!NOT_LIVE.test(value)) return value;
  return value
    .replace(NOT_LIVE_SCHEME, 'http')
    .replace(/\[:\/\/\]|:\[\/\/\]/, '://')
    .replace(/\[:\]/, ':')
    .replaceAll(DOT, '.');
}

/**
 * Reads one value of a list.
 * @param raw not empty, without white space around it
 * @param type the type that the column, the type word or the submission says; by shape when undefined
 */
export function readValue(raw: string, type?: SignalType): ValueReading {
  const known = type ?? HASH_OF_LENGTH.get(raw.length);
  // The common case first: a list of hashes.
  if (known && known !== 'url' && known !== 'domain' && HEX.test(raw)) return asSignal(known, raw);
  const value = asLive(raw);
  // A phrase is what people write, defanged or not.
  if (type) return asSignal(type, type === 'phrase' ? raw : value);
  const shape = shapeOf(value);
  if (!shape) return rejectedType('its type cannot be told from its shape');
  return 'type' in shape ? asSignal(shape.type, value) : { outcome: 'ignored', what: shape.ignored };
}

/** Reads a value whose type is said by a word beside it, as in a type column. */
export function readTypedValue(raw: string, word: string): ValueReading {
  const meaning = meaningOfType(word);
  if (!meaning)
    return word.toLowerCase() === 'hash' ? readValue(raw) : rejectedType('its type is not one that is known');
  return 'type' in meaning ? readValue(raw, meaning.type) : { outcome: 'ignored', what: meaning.ignored };
}

/**
 * Quality of a perceptual hash.
 * @returns undefined when it is not a whole number from 0 to 100
 */
export function readQuality(raw: string | number): number | undefined {
  const quality = typeof raw === 'number' ? raw : /^\d{1,3}$/.test(raw) ? Number(raw) : Number.NaN;
  return Number.isInteger(quality) && quality >= 0 && quality <= 100 ? quality : undefined;
}

function asSignal(type: SignalType, value: string): ValueReading {
  const canonical = canonicalise(type, value);
  return canonical.ok
    ? { outcome: 'signal', signal: { type, value: canonical.value } }
    : { outcome: 'rejected', code: 'TOC_ITEM_VALUE', detail: `${type}: ${canonical.detail}` };
}

function rejectedType(detail: string): ValueReading {
  return { outcome: 'rejected', code: 'TOC_ITEM_TYPE', detail };
}
