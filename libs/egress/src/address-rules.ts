import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ReturnType<typeof ipaddr.parse>;

/**
 * How an IP address may be reached.
 * - `public`: a unicast address of the open Internet.
 * - `inside`: private, loopback, shared, documentation, tunnel or reserved space; only through a configured exception.
 * - `never`: unspecified, multicast, broadcast, link-local and the metadata services of clouds; no exception opens it.
 */
export type AddressClass = 'public' | 'inside' | 'never';

/**
 * Metadata and wire-server addresses of cloud providers that lie outside link-local space, some of them in ranges that
 * are otherwise public or private.
 */
const METADATA_ADDRESSES = new Set([
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd20:ce::254',
]);

const NEVER_RANGES = new Set(['unspecified', 'broadcast', 'multicast', 'linkLocal']);

/** The global unicast block, the only IPv6 space delegated to networks (RFC 4291, section 2.4). */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/** Prefixes whose addresses carry an IPv4 address, where it begins, and whether such an address is ever in honest use. */
const EMBEDDINGS = [
  { prefix: ipaddr.IPv6.parseCIDR('::ffff:0:0/96'), at: 12, honest: true }, // IPv4-mapped, RFC 4291
  { prefix: ipaddr.IPv6.parseCIDR('64:ff9b::/96'), at: 12, honest: true }, // NAT64 well-known prefix, RFC 6052
  { prefix: ipaddr.IPv6.parseCIDR('::ffff:0:0:0/96'), at: 12, honest: false }, // IPv4-translated, RFC 2765
  { prefix: ipaddr.IPv6.parseCIDR('::/96'), at: 12, honest: false }, // IPv4-compatible, deprecated
  { prefix: ipaddr.IPv6.parseCIDR('64:ff9b:1::/48'), at: 12, honest: false }, // local-use NAT64, RFC 8215
  { prefix: ipaddr.IPv6.parseCIDR('2002::/16'), at: 2, honest: false }, // 6to4, deprecated by RFC 7526
] as const;

/**
 * Reads an IP address in its ordinary spelling; an IPv4-mapped IPv6 address becomes the IPv4 address.
 * @returns undefined for anything else, zone identifiers included
 */
export function readAddress(text: string): Address | undefined {
  if (isIP(text) === 0 || text.includes('%')) return undefined;
  // The URL parser writes IPv6 in hexadecimal; ipaddr.js would take the dotted `::1.2.3.4` for `::ffff:1.2.3.4`.
  return ipaddr.process(isIP(text) === 6 ? new URL(`http://[${text}]`).hostname.slice(1, -1) : text);
}

/** Classifies an IP address; text that is no address in its ordinary spelling is `never`. */
export function classifyAddress(text: string): AddressClass {
  const address = readAddress(text);
  return address ? classify(address) : 'never';
}

function classify(address: Address): AddressClass {
  if (METADATA_ADDRESSES.has(address.toString()) || NEVER_RANGES.has(address.range())) return 'never';
  if (address instanceof ipaddr.IPv4) return address.range() === 'unicast' ? 'public' : 'inside';
  for (const { prefix, at, honest } of EMBEDDINGS) {
    if (!address.match(prefix)) continue;
    // ::1 lies in the IPv4-compatible block but is the loopback address, not 0.0.0.1.
    if (address.range() === 'loopback') return 'inside';
    const inner = classify(new ipaddr.IPv4(address.toByteArray().slice(at, at + 4)));
    return inner === 'public' && !honest ? 'inside' : inner;
  }
  return address.range() === 'unicast' && address.match(GLOBAL_UNICAST) ? 'public' : 'inside';
}
