/** `pattern_type` of signals that no pattern of STIX says: the type and the value, `url-sha256:9f86…`. */
export const SIGNAL_PATTERN_TYPE = 'tocsin-signal';

/** Paths of STIX 2.1, chapters 6 and 9; PDQ has none of its own there and is written as a custom hash. */
const PATHS: Readonly<Record<string, string>> = {
  md5: 'file:hashes.MD5',
  sha1: "file:hashes.'SHA-1'",
  sha256: "file:hashes.'SHA-256'",
  sha512: "file:hashes.'SHA-512'",
  pdq: 'file:hashes.x_pdq',
  url: 'url:value',
  domain: 'domain-name:value',
};

/**
 * What an indicator matches. A signal that is not a plain fact about a file, URL or domain – a hashed URL, a phrase, a
 * hash whose making is secret – is written in a pattern language of its own: in that of STIX it would be taken for
 * something that it is not.
 */
export function patternOf({ type, value }: { type: string; value: string }): { pattern: string; pattern_type: string } {
  const path = Object.hasOwn(PATHS, type) ? PATHS[type] : undefined;
  if (!path) return { pattern: `${type}:${value}`, pattern_type: SIGNAL_PATTERN_TYPE };
  return { pattern: `[${path} = '${value.replaceAll(/['\\]/g, '\\$&')}']`, pattern_type: 'stix' };
}
