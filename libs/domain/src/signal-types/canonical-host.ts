import { domainToASCII, domainToUnicode } from 'node:url';

/** Longest name and longest label, in octets (RFC 1035, section 2.3.4). */
export const NAME_LIMIT = 253;
const LABEL_LIMIT = 63;
/** Letters, digits, hyphen (RFC 1123, section 2.1) and the underscore, which names in use have. */
const LABELS = /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/;
/** `::ffff:0:0/96` and `64:ff9b::/96`, the IPv6 prefixes that only wrap an IPv4 address. */
const WRAPPING_PREFIXES = [
  [0, 0, 0, 0, 0, 0xffff],
  [0x64, 0xff9b, 0, 0, 0, 0],
] as const;
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/** Whether a host in canonical form is an address and not a name. */
export function isAddress(host: string): boolean {
  return host.startsWith('[') || IPV4.test(host);
}

/**
 * Whether DNS and browsers can know a name: length, alphabet, and every A-label (`xn--…`) stands for a name of which it
 * is the only spelling. The URL parser lets ASCII names pass without that look.
 * @param name as the WHATWG parser wrote it: lower case, A-labels
 */
export function isSoundName(name: string): boolean {
  if (name.length > NAME_LIMIT || !LABELS.test(name)) return false;
  if (!name.includes('xn--')) return true;
  const written = domainToUnicode(name);
  return domainToASCII(written) === name && !written.split('.').some((label) => label.startsWith('xn--'));
}

/** Whether a name or one of its labels is longer than DNS allows. */
export function isTooLongName(name: string): boolean {
  return name.length > NAME_LIMIT || name.split('.').some((label) => label.length > LABEL_LIMIT);
}

/** The host as the WHATWG parser writes it, or undefined when it cannot be a host. */
export function parseHost(host: string): string | undefined {
  return URL.parse(`http://${host}/`)?.hostname || undefined;
}

/**
 * The canonical form of a host by the Safe Browsing rules: no dot at either end, no two dots together, IPv4 in any
 * spelling as four decimals, also where IPv6 only wraps it (RFC 4291, section 2.5.5.2; RFC 6052, section 2.1).
 * @param parsed host as the WHATWG parser wrote it: lower case, A-labels, IPv4 in four decimals, IPv6 in brackets
 * @returns undefined when nothing can answer under that host
 */
export function canonicalHost(parsed: string): string | undefined {
  if (parsed.startsWith('[')) return wrappedIpv4(parsed) ?? parsed;
  if (!/^\.|\.\.|\.$/.test(parsed)) return isSoundName(parsed) ? parsed : undefined;
  // Without its dots the rest may be an address that the parser took for a name.
  const host = parseHost(parsed.split('.').filter(Boolean).join('.'));
  return host !== undefined && isSoundName(host) ? host : undefined;
}

/** The eight groups of an IPv6 address in brackets. */
function groupsOf(host: string): number[] {
  const [head = '', tail] = host.slice(1, -1).split('::');
  const read = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const first = read(head);
  if (tail === undefined) return first;
  const last = read(tail);
  return [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
}

function wrappedIpv4(host: string): string | undefined {
  const groups = groupsOf(host);
  if (!WRAPPING_PREFIXES.some((prefix) => prefix.every((group, index) => groups[index] === group))) return undefined;
  return groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 0xff])
    .join('.');
}
