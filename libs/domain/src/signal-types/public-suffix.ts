import { getPublicSuffix } from 'tldts';

const RULES = { allowPrivateDomains: true, validateHostname: false, extractHostname: false } as const;

/**
 * Whether others register names below this domain, so that it is no single signal: a suffix of the Public Suffix List,
 * in its ICANN part (`co.uk`) or its private part (`github.io`), or the parent of a rule for all names (`kobe.jp`, of
 * which every child is a suffix).
 * @param domain in canonical form
 */
export function isPublicSuffix(domain: string): boolean {
  if (getPublicSuffix(domain, RULES) === domain) return true;
  // No list has a rule of its own for this label, so only a rule for all names can answer.
  const child = `a0-0a.${domain}`;
  return getPublicSuffix(child, RULES) === child;
}
