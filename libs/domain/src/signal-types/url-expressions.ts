import { isAddress } from './canonical-host.js';

const HOST_COMPONENTS = 5;
const PATH_PREFIXES = 4;

/** Where the parts of a canonical URL are: it has no user, and its path is never empty. */
function split(canonicalUrl: string): { host: string; path: string; query: string } {
  const start = canonicalUrl.indexOf('//') + 2;
  const pathStart = canonicalUrl.indexOf('/', start);
  const authority = canonicalUrl.slice(start, pathStart);
  const mark = canonicalUrl.indexOf('?', pathStart);
  return {
    host: authority.replace(/:\d+$/, ''),
    path: canonicalUrl.slice(pathStart, mark < 0 ? undefined : mark),
    query: mark < 0 ? '' : canonicalUrl.slice(mark),
  };
}

/**
 * The host of a URL in canonical form, without its port.
 * @returns a name, an IPv4 address, or an IPv6 address in brackets
 */
export function urlHost(canonicalUrl: string): string {
  return split(canonicalUrl).host;
}

/** The most exact of {@link urlExpressions}: `host/path?query`. */
export function exactUrlExpression(canonicalUrl: string): string {
  const { host, path, query } = split(canonicalUrl);
  return host + path + query;
}

/**
 * The expressions under which a URL in canonical form may be listed, the most exact first: up to five hosts (the host,
 * then the last five components and each shorter suffix of at least two; an address only itself) times up to six paths
 * (with the query, without it, and the first four prefixes that end in a slash).
 * Safe Browsing Update API v4, "URLs and Hashing", suffix/prefix expressions.
 * @returns up to 30 texts `host/path`, without scheme and port
 */
export function urlExpressions(canonicalUrl: string): string[] {
  const { host, path, query } = split(canonicalUrl);
  const hosts = new Set([host]);
  if (!isAddress(host)) {
    const components = host.split('.').slice(-HOST_COMPONENTS);
    for (let first = 0; first < components.length - 1; first += 1) hosts.add(components.slice(first).join('.'));
  }
  // A host of exactly five components is its own longest suffix, so there are never more than five.
  const paths = new Set([path + query, path]);
  let end = 0;
  for (let count = 0; count < PATH_PREFIXES && end >= 0; count += 1) {
    paths.add(path.slice(0, end + 1));
    end = path.indexOf('/', end + 1);
  }
  return [...hosts].flatMap((each) => [...paths].map((prefix) => each + prefix));
}
