/** Why a value is not a value of its type. A closed list; a word never changes its meaning. */
export type CanonicalRefusal =
  | 'hash-length'
  | 'hash-alphabet'
  | 'url-scheme'
  | 'url-syntax'
  | 'url-host'
  | 'domain-syntax'
  | 'domain-single-label'
  | 'ip-address'
  | 'phrase-syntax'
  | 'wildcard'
  | 'defanged'
  | 'too-long';

/** The canonical form of a value, or why there is none. `detail` is a sentence for people and never repeats the value. */
export type Canonical = { ok: true; value: string } | { ok: false; code: CanonicalRefusal; detail: string };

/**
 * One kind of signal: its word, and the function that turns every spelling of a value into one.
 * The function answers for any text, never throws, takes time linear in a bounded length, and leaves its own results
 * as they are.
 */
export interface SignalTypeDefinition<Id extends string = string> {
  readonly id: Id;
  readonly canonicalise: (raw: string) => Canonical;
}

/** A refusal; `detail` must not contain any part of the value. */
export function refused(code: CanonicalRefusal, detail: string): Canonical {
  return { ok: false, code, detail };
}
