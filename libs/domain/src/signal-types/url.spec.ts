import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { canonicalise, urlHost } from './index.js';

function outcome(raw: string): string {
  const result = canonicalise('url', raw);
  return result.ok ? result.value : result.code;
}

describe('the published vectors of Safe Browsing', () => {
  test.each([
    ['http://host/%25%32%35', 'http://host/%25'],
    ['http://host/%25%32%35%25%32%35', 'http://host/%25%25'],
    ['http://host/%2525252525252525', 'http://host/%25'],
    ['http://host/asdf%25%32%35asd', 'http://host/asdf%25asd'],
    ['http://host/%%%25%32%35asd%%', 'http://host/%25%25%25asd%25%25'],
    ['http://%31%36%38%2e%31%38%38%2e%39%39%2e%32%36/%2E%73%65%63/%77%77%77%2E', 'http://168.188.99.26/.sec/www.'],
    ['http://195.127.0.11/uploads/%20%20%20%20/.verify/', 'http://195.127.0.11/uploads/%20%20%20%20/.verify/'],
    ['http://3279880203/blah', 'http://195.127.0.11/blah'],
    ['http://www.google.com/blah/..', 'http://www.google.com/'],
    ['http://www.evil.com/blah#frag', 'http://www.evil.com/blah'],
    ['http://evil.com/foo#bar#baz', 'http://evil.com/foo'],
    ['http://www.GOOgle.com/', 'http://www.google.com/'],
    ['http://www.google.com.../', 'http://www.google.com/'],
    ['http://www.google.com/foo\tbar\rbaz\n2', 'http://www.google.com/foobarbaz2'],
    ['http://www.google.com/q?', 'http://www.google.com/q?'],
    ['http://www.google.com/q?r?s', 'http://www.google.com/q?r?s'],
    ['http://evil.com/foo?bar;', 'http://evil.com/foo?bar;'],
    ['http://notrailingslash.com', 'http://notrailingslash.com/'],
    ['  http://www.google.com/  ', 'http://www.google.com/'],
    ['https://www.securesite.com/', 'https://www.securesite.com/'],
    ['http://host.com/ab%23cd', 'http://host.com/ab%23cd'],
    ['http://host.com//twoslashes?more//slashes', 'http://host.com/twoslashes?more//slashes'],
    ['http://host.com/%257Ea%2521b%2540c%2523d%2524e%25f%255E00%2526', 'http://host.com/~a!b@c%23d$e%25f^00&'],
  ])('%j', (raw, value) => {
    expect(outcome(raw)).toBe(value);
  });

  // Safe Browsing gives these a form; no browser opens them, so no item can be at them.
  test.each([
    'http://\x01\x80.com/',
    'http:// leadingspace.com/',
    'http://%20leadingspace.com/',
    'http://host%23.com/',
  ])('refuses %j, whose host no parser accepts', (raw) => {
    expect(outcome(raw)).toBe('url-host');
  });
});

describe('one item has one value', () => {
  test.each([
    ['http://user:word@a.example/x', 'http://a.example/x'],
    ['http://known.example@a.example/x', 'http://a.example/x'],
    ['http://a.example:80/x', 'http://a.example/x'],
    ['HTTP:\\\\A.Example\\x', 'http://a.example/x'],
    ['http:a.example/x', 'http://a.example/x'],
    ['ht\ntp://a.exa\tmple/x', 'http://a.example/x'],
    ['http://a.example/%2578', 'http://a.example/x'],
    ['http://a.example/y/%252e%252e/x', 'http://a.example/x'],
    ['http://a.example/y/.%2e//x', 'http://a.example/x'],
    ['http://a.example//./x', 'http://a.example/x'],
    ['http://a.example%2e/x', 'http://a.example/x'],
    ['http://a。example/x', 'http://a.example/x'],
    ['http://ａ.exam\u00adple/x', 'http://a.example/x'],
    ['http://a..example/x', 'http://a.example/x'],
    ['http://a.example/x#:~:text=word', 'http://a.example/x'],
    ['http://a.example/b%2Fc?%2F%2F', 'http://a.example/b/c?//'],
    ['http://a.example/ä?ö', 'http://a.example/%C3%A4?%C3%B6'],
    ['http://a.example/%c3%a4?\u{d800}', 'http://a.example/%C3%A4?%EF%BF%BD'],
    ['http://a.example/%zz%', 'http://a.example/%25zz%25'],
    ['http://a.example/%00%7F', 'http://a.example/%00%7F'],
    ['http://0x7f.1/', 'http://127.0.0.1/'],
    ['http://１２７.0.0.1/', 'http://127.0.0.1/'],
    ['http://127.0.0.1../', 'http://127.0.0.1/'],
    ['http://[::ffff:127.0.0.1]/', 'http://127.0.0.1/'],
    ['http://[64:ff9b::192.0.2.33]/', 'http://192.0.2.33/'],
    ['http://[64:ff9b::1.2.0.0]/', 'http://1.2.0.0/'],
    ['http://[64:ff9b::0.0.1.2]/', 'http://0.0.1.2/'],
    ['http://[0:0:0:0:0:0:0:1]/', 'http://[::1]/'],
    ['http://xn--mnchen-3ya.example/', 'http://xn--mnchen-3ya.example/'],
    ['http://MÜNCHEN.example/', 'http://xn--mnchen-3ya.example/'],
  ])('%j', (raw, value) => {
    expect(outcome(raw)).toBe(value);
  });

  test('what differs in the request stays different', () => {
    const written = ['x', 'x/', 'X', 'x?', 'x;y', 'x%3Fy', 'x?y', 'x%5Cy', 'x/y', 'x?a=1&b=2', 'x?b=2&a=1', 'x?y//z'];
    const values = written.map((rest) => outcome(`http://a.example/${rest}`));
    expect(new Set(values).size).toBe(values.length);
    expect(outcome('http://a.example/')).not.toBe(outcome('https://a.example/'));
    expect(outcome('http://a.example:8080/')).toBe('http://a.example:8080/');
  });
});

test.each([
  ['', 'url-scheme'],
  ['www.example.com/x', 'url-scheme'],
  ['//a.example/x', 'url-scheme'],
  ['ftp://a.example/x', 'url-scheme'],
  ['javascript:alert(1)', 'url-scheme'],
  ['data:text/html,x', 'url-scheme'],
  ['blob:https://a.example/1', 'url-scheme'],
  ['httpx://a.example/', 'url-scheme'],
  ['hxxp://a.example/', 'defanged'],
  ['hxxps[:]//a.example/', 'defanged'],
  ['http://a[.]example/', 'defanged'],
  ['http://a(.)example/', 'defanged'],
  ['http://a{.}example/', 'defanged'],
  ['https://a[dot]example/', 'defanged'],
  ['http://*.example/', 'wildcard'],
  ['http://', 'url-syntax'],
  ['http://.../', 'url-host'],
  ['http://a.example:99999/', 'url-host'],
  ['http://256.256.256.256/', 'url-host'],
  ['http://1.2.3.4.5/', 'url-host'],
  ['http://[::1/', 'url-host'],
  ['http://[fe80::1%25eth0]/', 'url-host'],
  ['http://a b.example/', 'url-host'],
  ['http://xn---9uc.example/', 'url-host'],
  [`http://${'a'.repeat(64)}.example/`, 'url-host'],
  [`http://${'a.'.repeat(127)}example/`, 'url-host'],
  [`http://a.example/${'x'.repeat(8192)}`, 'too-long'],
  [`http://a.example/${'é'.repeat(2000)}`, 'too-long'],
])('refuses %j with %s', (raw, code) => {
  expect(outcome(raw)).toBe(code);
});

test('no host costs more than its length', () => {
  const han = Array.from({ length: 8000 }, (_, index) => String.fromCodePoint(0x4e00 + ((index * 7919) % 20_000))).join(
    '',
  );
  for (const host of [han, han.replaceAll(/.{9}/g, '$&.'), `xn--${'9'.repeat(8000)}`, 'a\u0316\u0300'.repeat(2500)]) {
    for (const raw of [`http://${host}`, `http:/\t/${host}/`, `http://${host}@a.example/`]) {
      const started = performance.now();
      canonicalise('url', raw);
      expect(performance.now() - started).toBeLessThan(50);
    }
  }
});

describe('properties', () => {
  const label = fc.stringMatching(/^[a-z][a-z0-9]{0,10}$/);
  const host = fc.array(label, { minLength: 2, maxLength: 6 }).map((labels) => labels.join('.'));
  const segment = fc.stringMatching(/^[A-Za-z0-9._~!$&'()*+,;=:@-]{1,12}$/).filter((text) => !/^\.+$/.test(text));
  const pathname = fc.array(segment, { maxLength: 5 }).map((segments) => `/${segments.join('/')}`);
  const search = fc.oneof(fc.constant(''), fc.stringMatching(/^\?[A-Za-z0-9=&/?._-]{0,20}$/));
  const clean = fc.record({ scheme: fc.constantFrom('http', 'https'), host, pathname, search });

  function escapeTimes(character: string, times: number): string {
    if (times === 0) return character;
    const hex = (one: string): string => `%${one.charCodeAt(0).toString(16).padStart(2, '0')}`;
    return escapeTimes(Array.from(character, hex).join(''), times - 1);
  }

  test('a clean URL is its own value, and its host is read from it', () => {
    fc.assert(
      fc.property(clean, ({ scheme, host, pathname, search }) => {
        const text = `${scheme}://${host}${pathname}${search}`;
        expect(outcome(text)).toBe(text);
        expect(urlHost(text)).toBe(host);
      }),
    );
  });

  test('case of host, dots, escapes, slashes, user, default port and fragment change nothing', () => {
    const dress = fc.record({
      escapes: fc.array(fc.nat({ max: 2 }), { minLength: 1, maxLength: 20 }),
      user: fc.constantFrom('', 'user@', 'user:word@', 'known.example@'),
      port: fc.boolean(),
      dot: fc.constantFrom('', '.', '..', '%2e'),
      slash: fc.constantFrom('/', '//', '/./', '/x/../', '/%2e/', '\\', '/%2f'),
      fragment: fc.constantFrom('', '#', '#a?b/../c#d'),
    });
    fc.assert(
      fc.property(clean, dress, ({ scheme, host, pathname, search }, { escapes, user, port, dot, slash, fragment }) => {
        const written = Array.from(pathname.slice(1), (one, index) =>
          escapeTimes(one, escapes[index % escapes.length] ?? 0),
        );
        const authority = `${user}${host.toUpperCase()}${dot}${port ? (scheme === 'http' ? ':80' : ':443') : ''}`;
        const raw = `${scheme.toUpperCase()}://${authority}${slash}${written.join('')}${search}${fragment}`;
        expect(outcome(raw)).toBe(`${scheme}://${host}${pathname}${search}`);
      }),
      { numRuns: 500 },
    );
  });

  test('the value of any URL parses, to the same host, and is its own value', () => {
    const wild = fc.tuple(
      fc.constantFrom('http://', 'https:/', 'http:\\'),
      fc.oneof(
        host,
        fc.ipV4Extended(),
        fc.ipV6().map((address) => `[${address}]`),
        fc.string({ unit: 'grapheme' }),
      ),
      fc.constantFrom('', ':8080'),
      fc
        .string({ unit: fc.constantFrom(...Array.from('ab%25cF./\\?#&= \u0000\u007fé"<>`{}|^~\'')) })
        .map((rest) => `/${rest}`),
    );
    fc.assert(
      fc.property(wild, (parts) => {
        const result = canonicalise('url', parts.join(''));
        if (!result.ok) return;
        const parsed = new URL(result.value);
        expect(parsed.hostname).toBe(urlHost(result.value));
        expect(parsed.username + parsed.password + parsed.hash).toBe('');
        expect(result.value).toMatch(/^https?:\/\/[^/?#]+\/[!-~]*$/);
        expect(canonicalise('url', result.value)).toEqual(result);
        expect(canonicalise('url', parsed.href)).toEqual(result);
      }),
      { numRuns: 3000 },
    );
  });
});

const VECTORS = path.resolve('../shared/samples/url-vectors/iipc_urlcanon');

(existsSync(VECTORS) ? describe : describe.skip)('vectors in ../shared/samples/url-vectors', () => {
  function readVectors(file: string): unknown {
    return JSON.parse(readFileSync(path.join(VECTORS, file), 'utf8'));
  }

  function pairs(vectors: unknown): [string, unknown][] {
    return Object.entries(vectors ?? {});
  }

  test('IPv4 in any form', () => {
    const cases = pairs(readVectors('funky_ipv4.json'));
    expect(cases.length).toBeGreaterThan(30);
    for (const [written, address] of cases) {
      // The one vector that is no number at all is a name to a browser.
      const refused = written === '0000xa' ? 'http://0000xa/' : 'url-host';
      const expected = typeof address === 'string' ? `http://${address}/` : refused;
      expect([written, outcome(`http://${written}/`)]).toEqual([written, expected]);
    }
  });

  test('dots in paths, with slashes collapsed', () => {
    const { special } = Object.fromEntries(pairs(readVectors('path_dots.json')));
    const cases = pairs(special);
    expect(cases.length).toBeGreaterThan(100);
    for (const [written, resolved] of cases) {
      const collapsed = String(resolved).replaceAll('\\', '/').replaceAll(/\/+/g, '/');
      const ours = outcome(`http://a.example${written}`).slice('http://a.example'.length);
      expect([written, ours]).toEqual([written, collapsed]);
    }
  });

  test('canonical forms agree, but for the rules that differ', () => {
    // The file keeps some names as bytes. It sorts queries, undoes an escaped `?`, and names hosts that cannot be opened.
    const decoded = (text: string): string => {
      const codes = Array.from(text, (one) => one.charCodeAt(0));
      return codes.every((code) => code < 0x100) && codes.some((code) => code > 0x7f)
        ? Buffer.from(text, 'latin1').toString('utf8')
        : text;
    };
    const sorted = (text: string): string => Array.from(text).sort().join('');
    const counts = { agreed: 0, refused: 0, sortedQuery: 0, other: 0 };
    for (const [raw, value] of pairs(readVectors('semantic_precise.json'))) {
      if (!/^\s*h\s*t\s*t\s*p\s*s?:/i.test(raw)) continue;
      const ours = outcome(decoded(raw));
      const theirs = outcome(String(value));
      if (ours.startsWith('url-')) counts.refused += 1;
      else if (ours === theirs) counts.agreed += 1;
      else if (sorted(ours) === sorted(theirs)) counts.sortedQuery += 1;
      else counts.other += 1;
    }
    expect(counts).toEqual({ agreed: 135, refused: 20, sortedQuery: 3, other: 1 });
  });

  test('values are their own values', () => {
    const list = readVectors('idempotence.json');
    const values = (Array.isArray(list) ? list : []).map((raw) => canonicalise('url', String(raw)));
    expect(values.filter(({ ok }) => ok).length).toBeGreaterThan(10);
    for (const result of values) if (result.ok) expect(canonicalise('url', result.value)).toEqual(result);
  });
});
