import { domain } from './domain.js';
import { md5 } from './md5.js';
import { opaqueHash } from './opaque-hash.js';
import { pdq } from './pdq.js';
import { photodna } from './photodna.js';
import { phrase } from './phrase.js';
import { sha1 } from './sha1.js';
import { sha256 } from './sha256.js';
import { sha512 } from './sha512.js';
import type { Canonical, SignalTypeDefinition } from './signal-type.js';
import { url } from './url.js';
import { urlSha256 } from './url-sha256.js';

const DEFINITIONS = [
  ...([md5, sha1, sha256, sha512, pdq, url, domain, urlSha256, phrase, photodna] as const),
  ...([opaqueHash('tmk-pdqf'), opaqueHash('videntifier'), opaqueHash('netclean')] as const),
  ...([opaqueHash('ssvh-pdna'), opaqueHash('ssvh-safer-hash')] as const),
] as const;

type IdsOf<Definitions extends readonly SignalTypeDefinition[]> = {
  readonly [Index in keyof Definitions]: Definitions[Index]['id'];
};

/**
 * The definitions by their word.
 * @throws when two definitions have the same word
 */
export function definitionsById(
  definitions: readonly SignalTypeDefinition[],
): ReadonlyMap<string, SignalTypeDefinition> {
  const byId = new Map(definitions.map((definition) => [definition.id, definition]));
  if (byId.size < definitions.length) throw new Error('two signal types have the same id');
  return byId;
}

const BY_ID = definitionsById(DEFINITIONS);

function idsOf<Definitions extends readonly SignalTypeDefinition[]>(definitions: Definitions): IdsOf<Definitions>;
function idsOf(definitions: readonly SignalTypeDefinition[]): readonly string[] {
  return definitions.map(({ id }) => id);
}

/** The words of all signal types, in the order of the registry. */
export const SIGNAL_TYPES = idsOf(DEFINITIONS);

/** The kind of a matchable unit. */
export type SignalType = (typeof SIGNAL_TYPES)[number];

/** Whether a word is the word of a signal type. */
export function isSignalType(word: unknown): word is SignalType {
  return typeof word === 'string' && BY_ID.has(word);
}

/**
 * The one spelling of a signal's value: the same item gives the same text whoever names it. Idempotent; answers for any
 * text without throwing, in time bounded by a few kilobytes of input.
 */
export function canonicalise(type: SignalType, raw: string): Canonical {
  const definition = BY_ID.get(type);
  if (!definition) throw new Error('a signal type without a definition');
  return definition.canonicalise(raw);
}
