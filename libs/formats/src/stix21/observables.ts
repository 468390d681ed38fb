import { canonicalise, rejection, type SignalType } from '#libs/domain';
import type { CandidateSignal } from '../format.js';
import { malformed, type StixObject } from './stix-object.js';

/** Keys of `hashes` by which usual spellings of the algorithms are known, without hyphens and in lower case. */
const HASH_KEYS: ReadonlyMap<string, SignalType> = new Map([
  ['md5', 'md5'],
  ['sha1', 'sha1'],
  ['sha256', 'sha256'],
  ['sha512', 'sha512'],
  ['pdq', 'pdq'],
  ['xpdq', 'pdq'],
]);

/** The signal type that a key of `hashes` means; the vocabulary of STIX 2.1 (section 10.7) has no PDQ. */
export function typeOfHashKey(key: string): SignalType | undefined {
  return HASH_KEYS.get(key.toLowerCase().replace(/[-_]/g, ''));
}

/**
 * The signals of an observable: hashes of a file, a URL, a domain name.
 * @returns an empty list for observables that carry none
 * @throws a rejection `TOC_ITEM_VALUE` when one of them is not a value of its type
 */
export function signalsOfObservable({ type, properties }: StixObject): CandidateSignal[] {
  if (type === 'url') return [canonical('url', properties['value'], 'value')];
  if (type === 'domain-name') return [canonical('domain', properties['value'], 'value')];
  if (type !== 'file') return [];
  const { hashes } = properties;
  if (hashes === undefined) return [];
  if (typeof hashes !== 'object' || hashes === null || Array.isArray(hashes))
    throw malformed('hashes: an object was expected');
  const signals: CandidateSignal[] = [];
  for (const [key, value] of Object.entries(hashes)) {
    const algorithm = typeOfHashKey(key);
    if (algorithm) signals.push(canonical(algorithm, value, `hashes.${algorithm}`));
  }
  return signals;
}

function canonical(type: SignalType, value: unknown, property: string): CandidateSignal {
  if (typeof value !== 'string') throw malformed(`${property}: text was expected`);
  const result = canonicalise(type, value);
  if (!result.ok) throw rejection('TOC_ITEM_VALUE', `${property}: ${result.detail}`);
  return { type, value: result.value };
}
