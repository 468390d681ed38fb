import { Resolver, lookup as systemLookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { transient } from '#libs/domain';

/** Resolves a name to all its addresses, in the order to try them. Given by tests; may reject. */
export type Lookup = (hostname: string) => Promise<string[]>;

/** Most addresses of one name that are looked at. */
const MOST_ADDRESSES = 16;

/**
 * Makes the ordinary lookup. Names of strangers are asked by the asynchronous resolver with its own time limit: the
 * system's resolver runs on the few threads that files and cryptography need too, so one dead name server could stop
 * everything. Names that the operator listed are asked by the system, which knows the hosts file and search domains.
 * `localhost` is never asked (RFC 6761, section 6.3).
 * @param nameServers addresses with or without port, instead of the system's
 */
export function createLookup(isOperatorsName: (hostname: string) => boolean, nameServers?: readonly string[]): Lookup {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  if (nameServers) resolver.setServers(nameServers);
  return async (hostname) => {
    if (isIP(hostname) !== 0) return [hostname];
    if (hostname === 'localhost' || hostname.endsWith('.localhost')) return ['127.0.0.1', '::1'];
    if (isOperatorsName(hostname)) {
      const found = await systemLookup(hostname, { all: true });
      return found.map(({ address }) => address).slice(0, MOST_ADDRESSES);
    }
    const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (addresses.length > 0) return addresses.slice(0, MOST_ADDRESSES);
    throw transient('TOC_PEER_UNAVAILABLE', 'The host name does not resolve.');
  };
}
