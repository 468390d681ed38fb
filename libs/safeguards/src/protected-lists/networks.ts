import ipaddr from 'ipaddr.js';

const DOTTED = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const COLONS = /^[0-9a-f:.]+$/i;

/** Bytes of an address with everything behind the prefix cleared, as a key. */
function maskedKey(bytes: readonly number[], prefix: number): string {
  const kept = bytes.map((byte, index) => {
    const bits = Math.min(8, Math.max(0, prefix - index * 8));
    return byte & (0xff << (8 - bits)) & 0xff;
  });
  return `${bytes.length}/${kept.join('.')}`;
}

function readAddress(text: string): { bytes: number[]; bits: number } | undefined {
  const bare = text.startsWith('[') ? text.slice(1, -1) : text;
  // Looked at before the library, whose patterns take very long over long names.
  const isLikely = bare.length <= 45 && (DOTTED.test(bare) || (bare.includes(':') && COLONS.test(bare)));
  if (!isLikely || !ipaddr.isValid(bare)) return undefined;
  const address = ipaddr.process(bare);
  return { bytes: address.toByteArray(), bits: address.kind() === 'ipv4' ? 32 : 128 };
}

/**
 * The canonical form of an address or network in CIDR notation (RFC 4632, section 3.1; RFC 4291, section 2.3): the
 * prefix always said, bits behind it cleared. IPv6 that only wraps IPv4 is IPv4.
 * @returns undefined when it is neither, or when it is so wide that it holds half of all addresses
 */
export function readNetwork(text: string): string | undefined {
  const [given = '', length, ...more] = text.trim().split('/');
  const address = readAddress(given);
  if (!address || more.length > 0 || (length !== undefined && !/^\d{1,3}$/.test(length))) return undefined;
  const isWrapped = given.includes(':') && address.bits === 32;
  const prefix = length === undefined ? address.bits : Number(length) - (isWrapped ? 96 : 0);
  if (prefix < 2 || prefix > address.bits) return undefined;
  const bytes = address.bytes.map(
    (byte, index) => byte & (0xff << (8 - Math.min(8, Math.max(0, prefix - index * 8)))) & 0xff,
  );
  return `${ipaddr.fromByteArray(bytes).toString()}/${prefix}`;
}

/** Networks, each with what it stands for: an address is found in as many steps as there are lengths of prefixes. */
export class NetworkMap<Value> {
  private readonly byKey = new Map<string, Value>();
  private readonly prefixes = new Set<string>();

  /** @param network as {@link readNetwork} writes it */
  add(network: string, value: Value): void {
    const [given = '', prefix] = network.split('/');
    const address = readAddress(given);
    if (!address) return;
    this.byKey.set(`${prefix}:${maskedKey(address.bytes, Number(prefix))}`, value);
    this.prefixes.add(`${address.bits}/${prefix}`);
  }

  /** What holds an address, in the spelling of a canonical host. */
  find(host: string): Value | undefined {
    if (this.byKey.size === 0) return undefined;
    const address = readAddress(host);
    if (!address) return undefined;
    for (const each of this.prefixes) {
      const [bits, prefix] = each.split('/').map(Number);
      if (bits !== address.bits || prefix === undefined) continue;
      const found = this.byKey.get(`${prefix}:${maskedKey(address.bytes, prefix)}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
