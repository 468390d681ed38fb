import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { canonicalise, urlHost } from './index.js';

/** The value, or the code of the refusal. */
function read(raw: string): string {
  const canonical = canonicalise('url', raw);
  return canonical.ok ? canonical.value : canonical.code;
}

describe('the examples of Safe Browsing', () => {
  it.each([
    ['http://host/%25%32%35', 'http://host/%25'],
    ['http://host/%25%32%35%25%32%35', 'http://host/%25%25'],
    ['http://host/%2525252525252525', 'http://host/%25'],
    ['http://host/asdf%25%32%35asd', 'http://host/asdf%25asd'],
    ['http://host/%%%25%32%35asd%%', 'http://host/%25%25%25asd%25%25'],
    ['http://www.google.com/', 'http://www.google.com/'],
    [
      'http://%31%36%38%2e%31%38%38%2e%39%39%2e%32%36/%2E%73%65%63%75%72%65/%77%77%77%2E%65%62%61%79%2E%63%6F%6D/',
      'http://168.188.99.26/.secure/www.ebay.com/',
    ],
    ['http://195.127.0.11/uploads/%20%20%20%20/.verify/x', 'http://195.127.0.11/uploads/%20%20%20%20/.verify/x'],
    [
      'http://host.com/%257Ea%2521b%2540c%2523d%2524e%25f%255E00%252611%252A22%252833%252944_55%252B',
      'http://host.com/~a!b@c%23d$e%25f^00&11*22(33)44_55+',
    ],
    ['http://3279880203/blah', 'http://195.127.0.11/blah'],
    ['http://www.google.com/blah/..', 'http://www.google.com/'],
    ['http://www.evil.com/blah#frag', 'http://www.evil.com/blah'],
    ['http://www.GOOgle.com/', 'http://www.google.com/'],
    ['http://www.google.com.../', 'http://www.google.com/'],
    ['http://www.google.com/foo\tbar\rbaz\n2', 'http://www.google.com/foobarbaz2'],
    ['http://www.google.com/q?', 'http://www.google.com/q?'],
    ['http://www.google.com/q?r?', 'http://www.google.com/q?r?'],
    ['http://www.google.com/q?r?s', 'http://www.google.com/q?r?s'],
    ['http://evil.com/foo#bar#baz', 'http://evil.com/foo'],
    ['http://evil.com/foo;', 'http://evil.com/foo;'],
    ['http://evil.com/foo?bar;', 'http://evil.com/foo?bar;'],
    ['http://notrailingslash.com', 'http://notrailingslash.com/'],
    ['  http://www.google.com/  ', 'http://www.google.com/'],
    ['https://www.securesite.com/', 'https://www.securesite.com/'],
    ['http://host.com/ab%23cd', 'http://host.com/ab%23cd'],
    ['http://host.com//twoslashes?more//slashes', 'http://host.com/twoslashes?more//slashes'],
  ])('%j', (raw, value) => {
    expect(read(raw)).toBe(value);
  });

  it.each([
    // Another port may be another service.
    ['http://www.gotaport.com:1234/', 'http://www.gotaport.com:1234/'],
    // No scheme is guessed.
    ['www.google.com/', 'url-scheme'],
    // No parser of the WHATWG kind opens these hosts.
    ['http:// leadingspace.com/', 'url-host'],
    ['http://%20leadingspace.com/', 'url-host'],
    ['http://\u0001\u0080.com/', 'url-host'],
    ['http://host%23.com/', 'url-host'],
  ])('are departed from on purpose: %j', (raw, value) => {
    expect(read(raw)).toBe(value);
  });
});

describe('one item, one value', () => {
  it.each([
    ['http://a.example:80/', 'http://a.example/'],
    ['https://a.example:443/', 'https://a.example/'],
    ['https://a.example:80/', 'https://a.example:80/'],
    ['https://a.example:/', 'https://a.example/'],
    ['https://a.example:08443/', 'https://a.example:8443/'],
    ['http://google.com@evil.example/', 'http://evil.example/'],
    ['http://user:pass%40word@evil.example:8080/', 'http://evil.example:8080/'],
    ['http://evil.example\\@google.com/', 'http://evil.example/@google.com/'],
    ['HTTP:\\\\Evil.Example\\a\\b', 'http://evil.example/a/b'],
    ['http:evil.example', 'http://evil.example/'],
    ['http:////evil.example//a', 'http://evil.example/a'],
    ['ht\ntp://evil\t.exam\rple/', 'http://evil.example/'],
    ['http://%65vil.example/', 'http://evil.example/'],
    ['http://evil..example./', 'http://evil.example/'],
    ['http://.evil.example/', 'http://evil.example/'],
    ['http://evil\u3002example\uff0e/', 'http://evil.example/'],
    ['http://ｅｖｉｌ.example/', 'http://evil.example/'],
    ['http://ev\u00adil.example/', 'http://evil.example/'],
    ['http://BÜCHER.example/', 'http://xn--bcher-kva.example/'],
    ['http://xn--BCHER-kva.example/', 'http://xn--bcher-kva.example/'],
    ['http://faß.example/', 'http://xn--fa-hia.example/'],
    ['http://a_b.example/', 'http://a_b.example/'],
    ['http://0x7f.1/', 'http://127.0.0.1/'],
    ['http://0177.0.0.01../', 'http://127.0.0.1/'],
    ['http://[::FFFF:127.0.0.1]/', 'http://127.0.0.1/'],
    ['http://[64:ff9b::7f00:1]:8080/', 'http://127.0.0.1:8080/'],
    ['http://[64:ff9b::]/', 'http://0.0.0.0/'],
    ['http://[64:ff9b::1]/', 'http://0.0.0.1/'],
    ['http://[64:ff9b:1::7f00:1]/', 'http://[64:ff9b:1::7f00:1]/'],
    ['http://[2001:DB8:0:0:0:0:0:1]/', 'http://[2001:db8::1]/'],
    ['http://a.example/%41%2f%2e%2e%2Fb', 'http://a.example/b'],
    ['http://a.example/a/%252e%252E/b', 'http://a.example/b'],
    ['http://a.example/a/./b/.', 'http://a.example/a/b/'],
    ['http://a.example/../../a', 'http://a.example/a'],
    ['http://a.example/a%00%0a%7f%80é', 'http://a.example/a%00%0A%7F%80%C3%A9'],
    ['http://a.example/"<>`{}|^', 'http://a.example/"<>`{}|^'],
    ['http://a.example/a%3Fb%5Cc', 'http://a.example/a%3Fb%5Cc'],
    ['http://a.example/?a=%2F%2e%2E%2f&b=%zz%', 'http://a.example/?a=/../&b=%25zz%25'],
    ['http://a.example/?a b\\%5c#', 'http://a.example/?a%20b\\\\'],
    ['http://a.example/\ud800', 'http://a.example/%EF%BF%BD'],
  ])('%j', (raw, value) => {
    expect(read(raw)).toBe(value);
    expect(read(value)).toBe(value);
  });

  it('keeps apart what may be different', () => {
    const values = ['http://a.example/', 'https://a.example/', 'https://a.example:8443/', 'https://a.example/?']
      .concat(['https://a.example/A', 'https://a.example/a', 'https://a.example/a/', 'https://a.example/a%3Fb'])
      .concat(['https://a.example/a?b', 'https://www.a.example/a']);
    expect(new Set(values.map(read)).size).toBe(values.length);
  });
});

describe('refusals', () => {
  it.each([
    ['', 'url-scheme'],
    ['evil.example/a', 'url-scheme'],
    ['//evil.example/a', 'url-scheme'],
    ['ftp://evil.example/', 'url-scheme'],
    ['javascript:alert(1)', 'url-scheme'],
    ['data:text/html,x', 'url-scheme'],
    ['httpx://evil.example/', 'url-scheme'],
    ['hxxp://evil.example/', 'defanged'],
    ['hXXps[:]//evil.example/', 'defanged'],
    ['h**p://evil.example/', 'defanged'],
    ['http[:]//evil.example/', 'defanged'],
    ['https[://]evil.example/', 'defanged'],
    ['http://evil[.]example/', 'defanged'],
    ['http://evil(.)example/', 'defanged'],
    ['http://evil{.}example/', 'defanged'],
    ['http://evil[dot]example/', 'defanged'],
    ['http://', 'url-syntax'],
    ['http:///', 'url-syntax'],
    ['http://?a', 'url-syntax'],
    ['http://a@/', 'url-host'],
    ['http://.../', 'url-host'],
    ['http://a b.example/', 'url-host'],
    ['http://a,b.example/', 'url-host'],
    ['http://a.example:99999/', 'url-host'],
    ['http://a.example:x/', 'url-host'],
    ['http://[::1/', 'url-host'],
    ['http://256.256.256.256/', 'url-host'],
    ['http://1.2.3.4.5/', 'url-host'],
    ['http://xn--a.example/', 'url-host'],
    ['http://xn--example-.example/', 'url-host'],
    [`http://${'a'.repeat(64)}.example/`, 'url-host'],
    [`http://${'a.'.repeat(130)}example/`, 'url-host'],
    ['http://*.example/', 'wildcard'],
    [`http://a.example/${'a'.repeat(8192)}`, 'too-long'],
    [`http://a.example/${'é'.repeat(2000)}`, 'too-long'],
  ])('%j', (raw, code) => {
    expect(read(raw)).toBe(code);
  });
});

describe('for any URL', () => {
  const label = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
  const host = fc.array(label, { minLength: 2, maxLength: 5 }).map((labels) => labels.join('.'));
  const text = fc.string({
    unit: fc.constantFrom(...Array.from('aZ09-_~!$&\'()*+,;=:@/.?%25#\\ \t"<>|^`{}é丈\u0000\u007f')),
    maxLength: 40,
  });
  const url = fc
    .tuple(fc.constantFrom('http', 'https'), host, fc.constantFrom('', ':80', ':443', ':8080'), text)
    .map(([scheme, name, port, rest]) => `${scheme}://${name}${port}/${rest}`);

  it('the value is its own value, and parses to the same host, path and query', () => {
    fc.assert(
      fc.property(url, (raw) => {
        const value = read(raw);
        expect(read(value)).toBe(value);
        expect(value).toMatch(/^https?:\/\/[a-z0-9.]+(?::\d+)?\/[\u0021-\u007e]*$/);
        const parsed = new URL(value);
        expect([parsed.hostname, parsed.username, parsed.password, parsed.hash]).toEqual([urlHost(value), '', '', '']);
        expect(parsed.search.length > 1).toBe(/\?./.test(value));
        expect(parsed.pathname === '/').toBe(/^[^/]*\/\/[^/]*\/(?:\?|$)/.test(value));
      }),
      { numRuns: 3000 },
    );
  });

  it('the value is that of what a browser makes of it', () => {
    fc.assert(
      fc.property(url, (raw) => expect(read(new URL(raw).href)).toBe(read(raw))),
      { numRuns: 3000 },
    );
  });

  it('case, dots, users, escapes and fragments change nothing', () => {
    const escape = (part: string, times: number): string =>
      times === 0
        ? part
        : escape(
            part.replaceAll(/[^/?]/g, (one) => `%${one.charCodeAt(0).toString(16).padStart(2, '0')}`),
            times - 1,
          );
    const segment = fc.stringMatching(/^[A-Za-z0-9._~-]{1,8}$/).filter((each) => !/^\.+$/.test(each));
    const clean = fc.record({
      name: host,
      path: fc.array(segment, { maxLength: 4 }),
      query: fc.stringMatching(/^[a-z=&]{1,8}$/),
    });
    const dress = fc.record({
      times: fc.nat({ max: 3 }),
      upper: fc.boolean(),
      dots: fc.constantFrom('', '.', '..', '。'),
      user: fc.constantFrom('', 'a@', 'a:b@', 'www.other.example@'),
      slash: fc.constantFrom('/', '//', '/./', '/x/../', '\\', '/%2e/'),
      tail: fc.constantFrom('', '#', '#/a?b', ' ', '\r\n'),
    });
    fc.assert(
      fc.property(clean, dress, ({ name, path: segments, query }, { times, upper, dots, user, slash, tail }) => {
        const spelt = `${user}${upper ? name.toUpperCase() : name}${dots}${slash}${escape(segments.join('/'), times)}`;
        expect(read(`http://${spelt}?${escape(query, times)}${tail}`)).toBe(
          `http://${name}/${segments.join('/')}?${query}`,
        );
      }),
      { numRuns: 1000 },
    );
  });
});

const VECTORS = path.resolve('../shared/samples/url-vectors/iipc_urlcanon');

(existsSync(VECTORS) ? describe : describe.skip)(
  'vectors of iipc/urlcanon (skipped when the samples are absent)',
  () => {
    const entries = <Value = string | null>(file: string): [string, Value][] => {
      const vectors = JSON.parse(readFileSync(path.join(VECTORS, file), 'utf8')) as Record<string, Value>;
      return Object.entries(vectors);
    };

    it('reads IPv4 in any form, and nothing else as IPv4', () => {
      for (const [raw, ip] of entries('funky_ipv4.json')) {
        const value = read(`http://${raw}/`);
        // What is no address is no host, or stays the name it is.
        expect([raw, value, ip === null && [`http://${raw}/`, 'url-host'].includes(value)]).toEqual([
          raw,
          ip === null ? value : `http://${ip}/`,
          ip === null,
        ]);
      }
    });

    it('resolves dot segments, then collapses slashes', () => {
      const special = entries<Record<string, string>>('path_dots.json').flatMap(([kind, paths]) =>
        kind === 'special' ? Object.entries(paths) : [],
      );
      expect(special.length).toBeGreaterThan(100);
      for (const [raw, resolved] of special) {
        if (raw.includes('\\')) continue; // a slash, in a web address
        expect([raw, read(`http://a.example${raw}`)]).toEqual([
          raw,
          `http://a.example${resolved.replaceAll(/\/+/g, '/')}`,
        ]);
      }
    });

    it('leaves every value as it is', () => {
      const raws = [
        ...entries('idempotence.json').map(([, raw]) => String(raw)),
        ...entries('semantic_precise.json').flat().map(String),
      ];
      const values = raws.map((raw) => canonicalise('url', raw)).filter(({ ok }) => ok);
      expect(values.length).toBeGreaterThan(150);
      for (const canonical of values)
        expect(canonicalise('url', canonical.ok ? canonical.value : '')).toEqual(canonical);
    });

    it('agrees which spellings are one, unless their rules differ', () => {
      const counts = { agreed: 0, refused: 0, differing: 0 };
      for (const [raw, canonical] of entries('semantic_precise.json')) {
        const [ours, theirs] = [read(raw), read(String(canonical))];
        if (!ours.startsWith('http')) counts.refused += 1;
        else if (ours === theirs) counts.agreed += 1;
        else counts.differing += 1;
      }
      // Other schemes and hosts that no browser opens; sorted queries, and names given as bytes.
      expect(counts).toEqual({ agreed: 127, refused: 143, differing: 10 });
    });
  },
);
