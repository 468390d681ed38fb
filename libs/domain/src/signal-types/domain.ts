import { isAddress, isSoundName, isTooLongName, NAME_LIMIT, parseHost } from './canonical-host.js';
import { refused, type Canonical, type SignalTypeDefinition } from './signal-type.js';

/** A name of 253 octets has no more characters than this, however it is written. */
const RAW_LIMIT = 1024;
const DEFANGED = /[[({]\s*(?:\.|dot)\s*[\])}]|^h(?!tt)\w{2}ps?\W{0,3}[:/[(]/i;
const IP_SHAPED = /^\[?[0-9a-f.]*:[0-9a-f.]*:[0-9a-f.:]*\]?(?:[/%]\w*)?$|^\d{1,3}(?:\.\d{1,3}){3}(?:[/:]\d*)?$/i;
/** Characters that the URL parser would give another meaning, or take away, in the place of a host. */
const NOT_OF_A_NAME = /[\u0000-\u0020\u007f/\\?#@:%[\]<>^|"'`{}()!$&*+,;=~]/;
/** Names that are canonical without a look at IDNA or addresses: no A-label, a last label that begins with a letter. */
const PLAIN_LABEL = '(?!xn--)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
const PLAIN_NAME = new RegExp(`^(?:${PLAIN_LABEL}\\.)+(?=[a-z])${PLAIN_LABEL}$`);
const FULL_STOPS = /[.\u3002\uff0e\uff61]/;

/**
 * A domain name: A-labels in lower case without a dot at the end (WHATWG URL, section 3.5; UTS 46, as browsers apply
 * it). It stands for the name itself; whether names below it match is the receiver's matter.
 * Addresses, wildcards and single labels are refused; public suffixes are not, see {@link isPublicSuffix}.
 */
export const domain: SignalTypeDefinition<'domain'> = { id: 'domain', canonicalise: canonicaliseDomain };

function canonicaliseDomain(raw: string): Canonical {
  if (raw.length > RAW_LIMIT) return refused('too-long', `a domain has at most ${NAME_LIMIT} octets`);
  const text = raw.trim();
  if (text.length <= NAME_LIMIT && PLAIN_NAME.test(text)) return { ok: true, value: text };
  if (DEFANGED.test(text)) return refused('defanged', 'it is spelt so that nobody follows it; the live name is needed');
  if (text.startsWith('*') || (text.length > 1 && FULL_STOPS.test(text.charAt(0)))) {
    return refused('wildcard', 'a domain is one name; a star or dot before it stands for many');
  }
  if (IP_SHAPED.test(text)) return refused('ip-address', 'an IP address is not a domain');
  if (text === '' || NOT_OF_A_NAME.test(text)) return refused('domain-syntax', 'it has characters that no name has');

  const name = parseHost(FULL_STOPS.test(text.slice(-1)) ? text.slice(0, -1) : text);
  if (name === undefined) return refused('domain-syntax', 'it cannot be a host name');
  if (isAddress(name)) return refused('ip-address', 'an IP address is not a domain');
  if (isTooLongName(name)) return refused('too-long', 'a domain has at most 253 octets, each label at most 63');
  if (!isSoundName(name)) return refused('domain-syntax', 'it cannot be a host name');
  if (/(?:^|\.)-|-(?:\.|$)/.test(name)) return refused('domain-syntax', 'a label begins or ends with a hyphen');
  if (!name.includes('.')) return refused('domain-single-label', 'a domain has at least two labels');
  return { ok: true, value: name };
}
