/** One spelling by which a protected place could be named without naming it. */
export interface Evasion {
  kind: string;
  /** What somebody could submit, with the type it would be submitted as. */
  tries: readonly (readonly [type: 'url' | 'domain', value: string])[];
}

/** What is protected in the table: a newsroom, an encyclopaedia, an archive, a popular site, networks, a shortener. */
export const EVADED_LISTS = [
  {
    id: 'news',
    title: 'News',
    version: 1,
    judges: 'any-hit',
    entries: [
      'bbc.co.uk',
      'bbc.com',
      'lemonde.fr',
      'mediapart.fr',
      'spiegel.de',
      'syrianarchive.org',
      'wikipedia.org',
      '203.0.113.0/24',
      '2001:db8:5::/48',
    ],
  },
  { id: 'shorteners', title: 'Shorteners', version: 1, judges: 'any-hit', entries: ['bit.ly', 't.co', 'tinyurl.com'] },
  {
    id: 'popular',
    title: 'Popular',
    version: 1,
    judges: 'whole-host',
    entries: ['facebook.com', 'youtube.com', 'google.com', 'linkedin.com', '198.51.100.0/24'],
  },
] as const;

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const url = (...values: string[]): Evasion['tries'] => values.map((value) => ['url', value] as const);
const domain = (...values: string[]): Evasion['tries'] => values.map((value) => ['domain', value] as const);

/** Every way round the protected lists that is tried, by kind; `docs/safeguards.md` counts them. */
export const EVASIONS: readonly Evasion[] = [
  {
    kind: 'upper case, dots at the end or doubled',
    tries: [
      ...url(
        'https://WWW.BBC.COM/news/1',
        'https://www.bbc.com./news/1',
        'https://www.bbc.com../news/1',
        'https://bbc..com/news/1',
      ),
      ...domain('BBC.COM', 'bbc.com.', 'www.bbc.com.'),
    ],
  },
  {
    kind: 'full-width letters, other dots, invisible characters',
    tries: [
      ...url(
        'https://www.ｂｂｃ.com/news',
        'https://www.bbc。com/news',
        'https://www.bbc．com/news',
        'https://www.bbc｡com/news',
        'https://b\u00adbc.com/news',
        'https://bb\u200bc.com/news',
        'https://bbc\u2060.com/news',
      ),
      ...domain('ｂｂｃ.com', 'bbc。com', 'b\u00adbc.com'),
    ],
  },
  {
    kind: 'IDN homographs (Cyrillic, Greek, Latin with marks)',
    tries: [
      ...url(
        'https://www.bbс.com/news',
        'https://ввс.com/news',
        'https://lеmonde.fr/a',
        'https://lémonde.fr/a',
        'https://wikipеdia.org/wiki/X',
        'https://ẇikipedia.org/wiki/X',
        'https://sрiegel.de/a',
        'https://ѕpiegel.de/a',
        'https://mediaρart.fr/a',
        'https://medıapart.fr/a',
        'https://www.xn--bb-pmc.com/news',
        'https://fаcebook.com/',
      ),
      ...domain('bbс.com', 'lеmonde.fr', 'wikipedıa.org', 'yоutube.com', 'facebооk.com', 'gооgle.com'),
    ],
  },
  {
    kind: 'ASCII look-alikes',
    tries: [
      ...url(
        'https://rnediapart.fr/a',
        'https://www.rnediapart.fr/a',
        'https://lem0nde.fr/a',
        'https://1emonde.fr/a',
        'https://vvikipedia.org/wiki/X',
        'https://spiege1.de/a',
        'https://faceb00k.com/',
      ),
      ...domain('rnediapart.fr', 'lem0nde.fr', 'vvikipedia.org', 'g00gle.com', 'y0utube.com'),
    ],
  },
  {
    kind: 'wildcards',
    tries: [
      ...url(
        'https://*.bbc.com/',
        'https://www.*.com/',
        'https://www.bbc.com/*',
        'https://www.youtube.com/*',
        'https://www.youtube.com/watch?v=*',
        'https://www.youtube.com/%2A',
        'https://www.facebook.com/groups/*/',
      ),
      ...domain('*.bbc.com', '.bbc.com', '*.com', 'www.*.com', '*.youtube.com'),
    ],
  },
  {
    kind: 'supersets: suffixes, parents, roots and prefixes of many items',
    tries: [
      ...domain('com', 'co.uk', 'uk', 'github.io', 'blogspot.com', 'youtube.com', 'm.youtube.com'),
      ...url(
        'https://www.youtube.com/',
        'https://www.youtube.com',
        'https://www.youtube.com/?',
        'https://www.youtube.com/#watch',
        'https://www.youtube.com/?utm_source=x',
        'https://www.youtube.com/watch',
        'https://www.youtube.com/watch?',
        'https://www.youtube.com/watch?v=',
        'https://www.youtube.com/watch?feature=share',
        'https://www.youtube.com/index.html',
        'https://www.youtube.com/./',
        'https://www.youtube.com//',
        'https://www.youtube.com/a/../',
        'https://www.facebook.com/groups/',
        'https://www.facebook.com/groups',
        'https://www.facebook.com/videos/watch/',
        'https://github.io/',
        'https://blogspot.com/',
      ),
    ],
  },
  {
    kind: 'user and password before the host',
    tries: url(
      'https://video.example@www.bbc.com/news/1',
      'https://video.example:443@bbc.com/news/1',
      'https://a:b@www.youtube.com/',
      'https://video.example%2F@bbc.com/x',
      'https://video.example\\@bbc.com/',
    ),
  },
  {
    kind: 'percent-encoding',
    tries: url(
      'https://%77%77%77.bbc.com/news',
      'https://www.%62bc.com/news',
      'https://bbc%2Ecom/news',
      'https://www.bbc%E3%80%82com/',
      'https://www.youtube.com/%2E/',
      'https://www.youtube.com/%77atch',
      'https://www.youtube.com/%2577atch',
    ),
  },
  {
    kind: 'other scheme, port, slashes and white space',
    tries: url(
      'http://www.bbc.com/news',
      'http://www.bbc.com:8080/news',
      'https://www.bbc.com:443/news',
      'https://www.youtube.com:8443/',
      'ftp://www.bbc.com/news',
      'hxxps://www.bbc.com/news',
      'https:www.bbc.com/news',
      'https:/www.bbc.com/news',
      'https:\\\\www.bbc.com\\news',
      'https://www.b\tbc.com/news',
      ' https://www.bbc.com/news ',
      '//www.bbc.com/news',
      'view-source:https://www.bbc.com/',
      'www.bbc.com/news',
    ),
  },
  {
    kind: 'redirectors with the address in the query',
    tries: url(
      'https://www.google.com/url?q=https://www.bbc.com/news/1&sa=D',
      'https://www.google.de/url?q=https%3A%2F%2Fwww.bbc.com%2Fnews',
      'https://www.google.co.uk/url?url=www.bbc.com/news',
      'https://l.facebook.com/l.php?u=https%3A%2F%2Fwww.lemonde.fr%2Fa&h=AT0',
      'https://l.facebook.com/l.php?u=https%253A%252F%252Fwww.lemonde.fr%252Fa',
      'https://out.reddit.com/t3_x?url=https%3A%2F%2Fmediapart.fr',
      'https://www.youtube.com/redirect?q=https%3A%2F%2Fsyrianarchive.org%2Fen&v=1',
      'https://vk.com/away.php?to=https%3A%2F%2Fspiegel.de',
      'https://any-redirector.example/go?to=//www.bbc.com/news',
      'https://any-redirector.example/go?to=www.bbc.com',
      'https://any-redirector.example/go;u=https://bbc.com',
      'https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.bbc.com%2F&data=05',
      `https://any-redirector.example/?u=${base64('https://www.bbc.com/news/1')}`,
      `https://any-redirector.example/?u=${encodeURIComponent(base64('https://lemonde.fr/article'))}`,
      `https://any-redirector.example/${Buffer.from('https://www.bbc.com/news').toString('hex')}`,
      'https://any-redirector.example/?u=https://bb%D1%81.com/news',
      'https://www.google.com/url?q=https://www.youtube.com/',
      'https://l.facebook.com/l.php?u=https%3A%2F%2Fwww.youtube.com%2Fwatch&h=1',
      'https://any-redirector.example/?ip=http://203.0.113.7/news',
    ),
  },
  {
    kind: 'redirectors with the address in the path',
    tries: url(
      'https://href.li/https://www.bbc.com/news',
      'https://any-redirector.example/https%3A%2F%2Fbbc.com/x',
      'https://any-redirector.example/to/www.lemonde.fr/article',
      'https://urldefense.com/v3/__https://www.bbc.com/news__;!!abc',
      'https://via.hypothes.is/https://en.wikipedia.org/wiki/X',
      'https://12ft.io/https://www.lemonde.fr/x',
      'https://r.jina.ai/https://bbc.com',
      'https://12ft.io/https://www.youtube.com/',
    ),
  },
  {
    kind: 'shorteners',
    tries: [
      ...url(
        'https://bit.ly/3abcdef',
        'http://tinyurl.com/y7x',
        'https://t.co/AbC',
        'https://preview.tinyurl.com/y7x',
        'https://any.example/?u=https://bit.ly/3abcdef',
      ),
      ...domain('bit.ly'),
    ],
  },
  {
    kind: 'IPv4 in every spelling',
    tries: url(
      'http://203.0.113.7/news',
      'http://3405803783/news',
      'http://0xcb007107/news',
      'http://0313.0.0161.07/news',
      'http://0xcb.0.0x71.7/news',
      'http://203.0.28935/news',
      'http://203.0.113.7./news',
      'http://203.0.113.7:8080/news',
      'http://%32%30%33.0.113.7/',
      'http://２０３.0.113.7/',
      'http://198.51.100.9/',
      'http://3325256713/',
      'http://198.51.100.9/watch',
    ),
  },
  {
    kind: 'IPv6 in every spelling, wrapped IPv4',
    tries: url(
      'http://[2001:db8:5::1]/x',
      'http://[2001:DB8:0005:0:0:0:0:1]/x',
      'http://[2001:db8:5::192.0.2.1]/x',
      'http://[::ffff:203.0.113.7]/x',
      'http://[::ffff:cb00:7107]/x',
      'http://[64:ff9b::203.0.113.7]/x',
      'http://[::ffff:198.51.100.9]/',
    ),
  },
  {
    kind: 'AMP caches',
    tries: url(
      'https://www-bbc-com.cdn.ampproject.org/c/s/www.bbc.com/news/amp/1',
      'https://www-bbc-com.cdn.ampproject.org/v/s/x',
      'https://cdn.ampproject.org/c/s/www.lemonde.fr/a',
      'https://www.google.com/amp/s/www.bbc.com/news/amp/1',
      'https://www-lemonde-fr.bing-amp.com/c/s/www.lemonde.fr/a',
      'https://www-youtube-com.cdn.ampproject.org/',
    ),
  },
  {
    kind: 'web archives and search caches',
    tries: url(
      'https://web.archive.org/web/2024/https://www.bbc.com/news',
      'https://web.archive.org/web/20240101000000*/bbc.com',
      'https://archive.ph/2024/https://www.lemonde.fr/a',
      'https://webcache.googleusercontent.com/search?q=cache:AbC:www.bbc.com/news',
      'https://web.archive.org/web/2024id_/http://www.youtube.com:80/',
      'https://any-archive.example/web/2024/http/www.bbc.com/news',
    ),
  },
  {
    kind: 'translators, proxies and hosts that begin with a protected one',
    tries: [
      ...url(
        'https://www-bbc-com.translate.goog/news?_x_tr_sl=en&_x_tr_tl=de',
        'https://translate.google.com/translate?u=www.bbc.com',
        'https://translate.yandex.com/translate?url=https://lemonde.fr&lang=fr-en',
        'https://www.bbc.com.proxy.example/news',
        'https://www-bbc-com.proxy.example/news',
        'https://www-youtube-com.translate.goog/',
        'https://proxy.example/browse.php?u=bbc.com',
      ),
      ...domain('www.bbc.com.proxy.example', 'www-bbc-com.proxy.example'),
    ],
  },
  {
    kind: 'padding: long queries, many labels, decoys before the address',
    tries: url(
      `https://x.example/?${'a=b&'.repeat(1500)}u=https://bbc.com/`,
      `https://x.example/?u=${'x.'.repeat(700)}y&v=www.bbc.com`,
      `https://x.example/${(base64('https://decoy.example/a') + '/').repeat(30)}${base64('https://bbc.com/news')}`,
      `https://${'a.'.repeat(100)}bbc.com/`,
    ),
  },
];

/** Exact items and unrelated places, which are published. */
export const PUBLISHED: readonly (readonly [type: 'url' | 'domain', value: string])[] = [
  ...url(
    'https://www.youtube.com/watch?v=dQw4w9WgXcQ',
    'https://youtube.com/watch?v=dQw4w9WgXcQ&utm_source=x',
    'https://www.youtube.com/@somebody',
    'https://www.youtube.com/shorts/abc123',
    'https://www.facebook.com/somebody/posts/123456',
    'https://www.facebook.com/groups/123/permalink/456/',
    'https://www.facebook.com/permalink.php?story_fbid=1&id=2',
    'https://www.linkedin.com/posts/somebody-activity-1',
    'https://www.google.com/url?q=https://www.youtube.com/watch?v=dQw4w9WgXcQ&sa=D',
    'https://somebody.github.io/manifesto.html',
    'https://video.example/watch?v=1',
    'https://video.example/',
    'https://video.example/report.final.v2.pdf',
    'https://video.example/?next=https://forum.example/thread/1',
    'https://video.example/?ref=https://www.facebook.com/',
    'https://bbcnews-fake.example/story',
    'https://not-bbc.com/x',
    'https://example.com/bbc.com-was-wrong',
    'http://198.51.100.9/watch/clip-7.mp4',
    'http://192.0.2.1/',
    'https://bücher.example/x',
    'https://кино.example/фильм',
  ),
  ...domain('video.example', 'somebody.github.io', 'bbc-com.example', 'notbbc.com', 'bbc.example'),
];
