/** An address found inside another one. */
export interface CarriedAddress {
  /** As the WHATWG parser writes it. */
  host: string;
  /** What stands behind the host: a path and query, or more of the text around it. */
  behind: string;
}

/** A carried address as far as it can be told, with `https`; not canonical. */
export function urlOf({ host, behind }: CarriedAddress): string {
  const rest = /^[/:?][^&|;\s]*/.exec(behind)?.[0] ?? '/';
  return `https://${host}${rest}`;
}

/** Longest host in characters, escaped letters included; longer runs of its characters are none. */
const LONGEST_HOST = 1024;
const HOST_LIKE = /(?:[a-z0-9_.-]|%[89a-f][0-9a-f])+/gi;
/** `http` and `www.` at the beginning of Base64 (RFC 4648) and of hexadecimal digits. */
const BASE64 = /(?:aHR0c|d3d3L)[A-Za-z0-9+/_-]{6,}/g;
const HEXADECIMAL = /(?:68747470|7777772e)[0-9a-f]{8,}/gi;

function hostOf(text: string): string | undefined {
  if (text.length > LONGEST_HOST || !/[.%]/.test(text)) return undefined;
  const bare = text.replace(/^[.-]+|[.-]+$/g, '');
  if (!bare.includes('%')) return bare.includes('.') ? bare.toLowerCase() : undefined;
  try {
    const host = URL.parse(`http://${decodeURIComponent(bare)}/`)?.hostname.replace(/\.$/, '');
    return host?.includes('.') ? host : undefined;
  } catch {
    return undefined;
  }
}

/** Addresses in a text, with or without a scheme. */
function* addressesIn(text: string): Iterable<CarriedAddress> {
  for (const { 0: found, index } of text.matchAll(HOST_LIKE)) {
    const host = hostOf(found);
    if (host !== undefined) yield { host, behind: text.slice(index + found.length) };
  }
}

function* decoded(text: string): Iterable<string> {
  for (const [pattern, encoding] of [
    [BASE64, 'base64'],
    [HEXADECIMAL, 'hex'],
  ] as const) {
    for (const [found] of text.matchAll(pattern)) yield Buffer.from(found, encoding).toString('latin1');
  }
}

/** The host that a label stands for in which caches and proxies flatten it: `.` as `-`, `-` as `--`. */
function flattened(label: string): string | undefined {
  if (!label.includes('-') || label.startsWith('xn--')) return undefined;
  // The AMP cache wraps what would look like an A-label.
  const bare = label.startsWith('0-') && label.endsWith('-0') ? label.slice(2, -2) : label;
  return bare.replace(/--|-/g, (hyphens) => (hyphens === '--' ? '-' : '.'));
}

/**
 * Addresses that a URL carries in its host (`www-bbc-com.translate.goog`, `www.bbc.com.proxy.example`), path or query,
 * also in Base64 or hexadecimal. Whether it leads there is not asked: it is named.
 * @param url in canonical form, so without escapes of ASCII
 */
export function* carriedAddresses(url: string): Iterable<CarriedAddress> {
  const start = url.indexOf('//') + 2;
  const pathStart = url.indexOf('/', start);
  const host = url.slice(start, pathStart).replace(/:\d+$/, '');
  const rest = url.slice(pathStart);
  if (!host.startsWith('[')) yield* carriedInHost(host, rest);
  yield* addressesIn(rest);
  for (const text of decoded(rest)) yield* addressesIn(text);
}

/** Addresses that a host names to the left of its own domain. */
export function* carriedInHost(host: string, rest = '/'): Iterable<CarriedAddress> {
  const dot = host.indexOf('.');
  // Flattened names stand below the domain of the cache; `bbc-com.example` is a domain of its own.
  const flat = host.includes('.', dot + 1) ? flattened(host.slice(0, dot)) : undefined;
  if (flat?.includes('.')) yield { host: flat, behind: rest };
  for (let end = host.indexOf('.', dot + 1); end > 0; end = host.indexOf('.', end + 1)) {
    yield { host: host.slice(0, end), behind: rest };
  }
}
