/** Parameters that only say where a visitor came from or which language is shown. */
const SAYS_NOTHING =
  /^(utm_\w+|fbclid|gclid|dclid|msclkid|igshid|igsh|mc_[ce]id|ref|ref_src|ref_url|refsrc|source|src|hl|lang|locale|feature|si|_ga|cmpid|ocid)$/i;

/** Names under which services keep many items: alone, without a query, they stand for all of them. */
const COLLECTIONS = new Set(
  (
    'about all album albums app archive articles author authors blog blogs board boards c categories category channel channels ' +
    'clip clips collections comments community discover download downloads e embed events explore feed feeds file files ' +
    'forum forums g gallery group groups hashtag hashtags home i image images index item items latest live login m media ' +
    'members menu new news p page pages people permalink photo photos play player playlist playlists popular post posts ' +
    'profile profiles r read reel reels results s search services share shop shorts signin signup sites sitemap space spaces ' +
    'status stories story stream streams t tag tags thread threads top topic topics trending tv u upload uploads user users ' +
    'v video videos view w watch web wiki work works'
  ).split(' '),
);
const FILE_ENDING = /\.(aspx?|cfm|cgi|do|html?|jsp|php\d?|s?html|xml)$/i;
const STAR = /\*/;

/** Whether a query names something: a parameter with a value that is no mere tracking. */
function namesSomething(search: string): boolean {
  for (const [name, value] of new URLSearchParams(search)) {
    if (SAYS_NOTHING.test(name)) continue;
    if (value !== '' || !search.includes('=')) return true;
  }
  return false;
}

/**
 * Whether a URL in canonical form names one item, rather than a host, its root or a prefix of many items. Receivers look
 * URLs up by prefix as well (Safe Browsing, suffix/prefix expressions), so `/watch` without its query is every video.
 */
export function isOneItem(url: string): boolean {
  const { pathname, search } = new URL(url);
  if (STAR.test(pathname) || STAR.test(search)) return false;
  if (namesSomething(search)) return true;
  const segments = pathname.split('/').filter(Boolean);
  const last = segments.at(-1);
  if (last === undefined) return false;
  const isCollection = COLLECTIONS.has(last.toLowerCase().replace(FILE_ENDING, ''));
  if (isCollection) return false;
  return segments.length > 1 || !pathname.endsWith('/');
}
