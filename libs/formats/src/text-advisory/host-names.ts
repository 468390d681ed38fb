import { getPublicSuffix, parse } from 'tldts';

const RULES = { allowPrivateDomains: true, validateHostname: false, extractHostname: false } as const;
/** Not of the public suffix list, but names all the same: RFC 7686, and RFC 6761 for examples. */
const SPECIAL_SUFFIXES = new Set(['onion', 'example', 'test']);
const ADDRESS = /^\d{1,3}(?:\.\d{1,3}){3}$/;
/** Suffixes that are as well the ends of file names; in plain text a name with one of them is taken for a file. */
const FILE_ENDS = new Set([
  ...['bz', 'cab', 'java', 'map', 'md', 'mm', 'mov', 'pl', 'pm', 'properties', 'ps', 'pub', 'py', 'rs', 'sh', 'so'],
  'zip',
]);
/** Of these nearly every dotted name is a file. */
const FILE_ENDS_FIRST = new Set(['zip', 'mov', 'py', 'md', 'so', 'properties', 'java', 'pm']);
/** A name that begins with one of these and goes on is a package of Java or an application of a telephone. */
const PACKAGE_ROOTS = new Set([
  'com',
  'org',
  'net',
  'edu',
  'gov',
  'io',
  'de',
  'android',
  'java',
  'javax',
  'me',
  'app',
  'dev',
]);
const PLAIN_NAME =
  /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?(?:\.[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?)+$/u;
const LONGEST = 255;

/** What a dotted name is, by its shape alone. */
export type NameKind =
  | 'ipv4-addr'
  /** Ends in a public suffix, or one that stands for names. */
  | 'host'
  /** As well the name of a file. */
  | 'host-or-file'
  | 'none';

function endOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/** @param name live and in lower case, without a dot at its end */
export function kindOfName(name: string): NameKind {
  if (name.length > LONGEST) return 'none';
  if (ADDRESS.test(name)) return 'ipv4-addr';
  const end = endOf(name);
  if (end === name || /^\d*$/.test(end)) return 'none';
  if (SPECIAL_SUFFIXES.has(end)) return 'host';
  const { isIcann, isPrivate, publicSuffix } = parse(name, RULES);
  if ((!isIcann && !isPrivate) || publicSuffix === null) return 'none';
  return FILE_ENDS_FIRST.has(end) && name.split('.').length === 2 ? 'host-or-file' : 'host';
}

/**
 * Whether a name in plain text may be meant as a host: none that others register below, no file, no package and no
 * identifier of a program.
 * @param saidToBe whether the words around say that it is a host, so that only what cannot be one is left out
 */
export function isPlainHost(name: string, saidToBe: boolean): boolean {
  if (name.length > LONGEST || !PLAIN_NAME.test(name)) return false;
  const kind = kindOfName(name.toLowerCase());
  if (kind !== 'host' && !(kind === 'host-or-file' && saidToBe)) return false;
  const labels = name.toLowerCase().split('.');
  if (getPublicSuffix(name.toLowerCase(), RULES) === name.toLowerCase()) return false;
  if (labels.length > 2 && PACKAGE_ROOTS.has(labels[0] ?? '')) return false;
  return saidToBe || (name === name.toLowerCase() && !(labels.length === 2 && FILE_ENDS.has(labels.at(-1) ?? '')));
}
