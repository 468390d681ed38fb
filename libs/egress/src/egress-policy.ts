import { fault } from '#libs/domain';
import ipaddr from 'ipaddr.js';
import { classifyAddress, readAddress } from './address-rules.js';

/** Where a request wants to go. `hostname` is lower-case, an IPv6 address without brackets. */
export interface Target {
  protocol: 'http:' | 'https:';
  hostname: string;
  port: number;
}

/** An opening in the rules: one port, or any, of a network or of a name. */
export type EgressException = { port: number | 'any' } & (
  { network: ReturnType<typeof ipaddr.parseCIDR> } | { hostname: string }
);

/** What the deployment allows beyond https to public addresses on port 443. */
export interface EgressRules {
  exceptions: readonly EgressException[];
  allowHttp: boolean;
  ports: ReadonlySet<number>;
}

const HOSTNAME = /^(?!.*\.$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

/** Whether a URL could name this host, and would not read it as a number. */
function isHostname(text: string): boolean {
  return HOSTNAME.test(text) && URL.canParse(`https://${text}`) && new URL(`https://${text}`).hostname === text;
}

/**
 * Reads one configured exception: `10.1.0.0/16:8443`, `127.0.0.1:*`, `[fd00:1::/64]:443` or `hook.example.net:8443`;
 * `*` stands for any port.
 * @param ordinal its place in the configuration, from 1; the error names it, and never the text
 * @throws a fault when the text is none of these
 */
export function readException(text: string, ordinal: number): EgressException {
  const [, bracketed, bare = '', portText = ''] = /^(?:\[([^\]]+)\]|([^[\]]+)):(\*|\d{1,5})$/.exec(text.trim()) ?? [];
  const place = bracketed ?? bare;
  const port = portText === '*' ? 'any' : Number(portText);
  if (portText !== '' && port !== 0 && !(typeof port === 'number' && port > 65535)) {
    const [addressText = '', bitsText] = place.split('/');
    const address = readAddress(addressText);
    if (address) {
      const width = address.kind() === 'ipv4' ? 32 : 128;
      const bits = bitsText === undefined ? width : Number(bitsText);
      if (/^\d{0,3}$/.test(bitsText ?? '') && bitsText !== '' && bits <= width)
        return { network: [address, bits], port };
    } else if (isHostname(place.toLowerCase())) {
      return { hostname: place.toLowerCase(), port };
    }
  }
  throw fault(`egress exception ${ordinal} is neither network:port nor host:port`);
}

function portMatches(exception: EgressException, port: number): boolean {
  return exception.port === 'any' || exception.port === port;
}

/** Whether a name is itself an exception on this port, so that its resolution is the operator's own. */
export function isExceptedName(rules: EgressRules, target: Target): boolean {
  return rules.exceptions.some(
    (exception) =>
      'hostname' in exception && exception.hostname === target.hostname && portMatches(exception, target.port),
  );
}

/** Whether any address could be allowed for this target at all; said before anything is resolved. */
export function mayBeReachable(rules: EgressRules, target: Target): boolean {
  if (target.protocol === 'https:' && rules.ports.has(target.port)) return true;
  if (target.protocol === 'http:' && !rules.allowHttp) return false;
  return rules.exceptions.some(
    (exception) =>
      portMatches(exception, target.port) && ('network' in exception || exception.hostname === target.hostname),
  );
}

/**
 * Whether this address may be connected to on behalf of this target. Plain http goes to exceptions only; what is
 * never reachable stays so whatever is configured.
 */
export function permitsAddress(rules: EgressRules, target: Target, addressText: string): boolean {
  const kind = classifyAddress(addressText);
  if (kind === 'never') return false;
  if (target.protocol === 'http:' && !rules.allowHttp) return false;
  if (isExceptedName(rules, target) || inExceptedNetwork(rules, target.port, addressText)) return true;
  return kind === 'public' && target.protocol === 'https:' && rules.ports.has(target.port);
}

function inExceptedNetwork(rules: EgressRules, port: number, addressText: string): boolean {
  const address = readAddress(addressText);
  if (!address) return false;
  return rules.exceptions.some(
    (exception) =>
      'network' in exception &&
      portMatches(exception, port) &&
      exception.network[0].kind() === address.kind() &&
      address.match(exception.network),
  );
}
