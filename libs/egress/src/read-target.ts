import { isIP } from 'node:net';
import { rejection, type TocsinError } from '#libs/domain';
import { mayBeReachable, permitsAddress, type EgressRules, type Target } from './egress-policy.js';

/** A URL that passed every rule that can be decided without resolving a name. */
export interface ReadTarget extends Target {
  origin: string;
  /** Path and query; never shown in an error, it may carry a receiver's own token. */
  path: string;
}

const LONGEST_URL = 4096;

/** The refusal of an address; it says the rule and never the URL. */
export function refused(rule: string): TocsinError {
  return rejection('TOC_CONNECTOR_EGRESS', rule);
}

/**
 * Reads a URL strictly. The URL standard repairs what it is given (drops tabs, turns backslashes, reads `0x7f.1` as an
 * IPv4 address); here whatever would be repaired in the authority is refused.
 * @throws a rejection `TOC_CONNECTOR_EGRESS`
 */
export function readTarget(text: string, rules: EgressRules): ReadTarget {
  if (text.length > LONGEST_URL || /[\u0000-\u0020\u007f\\]/.test(text) || !URL.canParse(text)) {
    throw refused('This is not a well-formed URL.');
  }
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refused('The URL has to begin with https://.');
  const authority = /^https?:\/\/([^/?#]*)/i.exec(text)?.[1] ?? '';
  if (authority.includes('@')) throw refused('The URL must not contain a user name or password.');
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  if (hostname === '' || hostname.endsWith('.')) throw refused('This is not a well-formed host name.');
  const isLiteral = isIP(hostname) !== 0;
  if (isLiteral && authority.replace(/:\d*$/, '').toLowerCase() !== url.hostname) {
    throw refused('An IP address has to be written in its ordinary form.');
  }
  const target: Target = {
    protocol: url.protocol,
    hostname,
    port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port),
  };
  if (!mayBeReachable(rules, target)) throw refused(unreachableRule(rules, target));
  if (isLiteral && !permitsAddress(rules, target, hostname)) {
    throw refused('This is not an address that may be reached.');
  }
  return { ...target, origin: url.origin, path: `${url.pathname}${url.search}` };
}

function unreachableRule(rules: EgressRules, target: Target): string {
  if (target.protocol === 'http:') return 'The URL has to begin with https://.';
  return `The port has to be ${[...rules.ports].join(' or ')}.`;
}
