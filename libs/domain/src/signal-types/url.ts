import { canonicalHost } from './canonical-host.js';
import { escapeBytes, unescapeFully } from './percent-escapes.js';
import { refused, type Canonical, type SignalTypeDefinition } from './signal-type.js';

/** Longest URL, raw or canonical, in characters. */
const LIMIT = 8192;
const DEFANGED_SCHEME = /^(?:h\w{2}ps?|h\*\*ps?)\W{0,3}[:/[(]/i;
const LIVE_SCHEME = /^https?:/i;
/** Everything before the path, in a text of which the scheme is known. */
const AUTHORITY = /^https?:[/\\]*([^/\\?#]*)/i;
const BRACKETED = /[[({]\s*(?:\.|:|:\/\/|dot)\s*[\])}]/i;

/**
 * A web address: `http` or `https`, parsed as browsers do (WHATWG URL), then canonicalised by the rules of Safe Browsing
 * ("URLs and Hashing": canonicalization). What the value keeps, drops and changes:
 *
 * - the **scheme** is kept: the two schemes are separate name spaces (RFC 9110, section 4.2.2), and what an agency named
 *   is not altered. Look-ups go by {@link urlExpressions}, which have no scheme, so that either finds the other;
 * - a **port** is kept unless it is the default of the scheme: another port may be another service;
 * - **user and password** are dropped, since they only disguise the host; the **fragment** is dropped, since it is
 *   never sent;
 * - **host**: A-labels, lower case, no superfluous dots, addresses in their one spelling;
 * - **path and query**: percent-escapes are undone until none is left, then bytes up to 0x20 and from 0x7f, `#` and `%`
 *   are escaped again in upper case. In the path, dot segments are resolved and runs of slashes are one slash. `?` and
 *   `\` that were escaped in the path stay escaped: bare, a parser would take them for what they were not.
 *
 * The value can be parsed and compared; it is not meant to be fetched, since an undone escape may have had a meaning.
 */
export const url: SignalTypeDefinition<'url'> = { id: 'url', canonicalise: canonicaliseUrl };

function canonicaliseUrl(raw: string): Canonical {
  if (raw.length > LIMIT) return refused('too-long', `a URL has at most ${LIMIT} characters`);
  // Parsers drop these characters wherever they stand, so nothing may be judged before that.
  const text = raw.replace(/[\t\r\n]/g, '').trim();
  const refusal = refusalOfSpelling(text);
  if (refusal) return refusal;
  const parsed = URL.parse(text);
  if (!parsed) return refused('url-host', 'the host or the port cannot be one');
  const host = canonicalHost(parsed.hostname);
  if (host === undefined) return refused('url-host', 'no host can have this name');

  const { href, protocol, port } = parsed;
  const hash = href.indexOf('#');
  const rest = href.slice(href.indexOf('/', protocol.length + 2), hash < 0 ? undefined : hash);
  const mark = rest.indexOf('?');
  const path = canonicalPath(mark < 0 ? rest : rest.slice(0, mark));
  const query = mark < 0 ? '' : `?${escapedOnce(rest.slice(mark + 1))}`;
  const value = `${protocol}//${host}${port === '' ? '' : `:${port}`}${path}${query}`;
  return value.length > LIMIT
    ? refused('too-long', `a URL has at most ${LIMIT} characters once it is escaped`)
    : { ok: true, value };
}

function refusalOfSpelling(text: string): Canonical | undefined {
  if (!LIVE_SCHEME.test(text)) {
    return DEFANGED_SCHEME.test(text)
      ? refused('defanged', 'the scheme is spelt so that nobody follows it; the live address is needed')
      : refused('url-scheme', 'a URL begins with http:// or https://');
  }
  const authority = AUTHORITY.exec(text)?.[1] ?? '';
  if (authority === '') return refused('url-syntax', 'the URL has no host');
  if (BRACKETED.test(authority)) {
    return refused('defanged', 'dots or colons are in brackets so that nobody follows it; the live address is needed');
  }
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  return host.includes('*') ? refused('wildcard', 'a URL names one host; a star stands for many') : undefined;
}

/** The parser leaves nothing that needs an escape, so a text without any is as it shall be. */
function escapedOnce(text: string, also?: string): string {
  return text.includes('%') ? escapeBytes(unescapeFully(text), also) : text;
}

/** Dot segments go first, as in the parser, then the empty ones. */
function canonicalPath(path: string): string {
  const text = escapedOnce(path, '?\\');
  if (!text.includes('//') && !text.includes('/.')) return text;
  const kept: string[] = [];
  const segments = text.split('/').slice(1);
  segments.forEach((segment, index) => {
    const isLast = index === segments.length - 1;
    if (segment === '..') kept.pop();
    if (segment !== '.' && segment !== '..') kept.push(segment);
    else if (isLast) kept.push('');
  });
  const last = kept.at(-1);
  const named = kept.filter(Boolean);
  return named.length === 0 ? '/' : `/${named.join('/')}${last === '' ? '/' : ''}`;
}
