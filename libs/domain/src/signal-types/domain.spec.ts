import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { canonicalise, isPublicSuffix } from './index.js';

function outcome(raw: string): string {
  const result = canonicalise('domain', raw);
  return result.ok ? result.value : result.code;
}

test.each([
  ['Example.COM', 'example.com'],
  ['example.com.', 'example.com'],
  ['example.com。', 'example.com'],
  ['\u00a0example.com\n', 'example.com'],
  ['straße.example', 'xn--strae-oqa.example'],
  ['faß.example', 'xn--fa-hia.example'],
  ['XN--FA-HIA.example', 'xn--fa-hia.example'],
  ['exam\u200bple.com', 'example.com'],
  ['食狮.公司.cn', 'xn--85x722f.xn--55qx5d.cn'],
  ['💩.la', 'xn--ls8h.la'],
  ['_dmarc.a_b.example', '_dmarc.a_b.example'],
  ['1.2.3.4.example', '1.2.3.4.example'],
  ['a--b.example', 'a--b.example'],
  ['co.uk', 'co.uk'],
  [`${'a'.repeat(63)}.example`, `${'a'.repeat(63)}.example`],
])('%j is %s', (raw, value) => {
  expect(outcome(raw)).toBe(value);
});

test.each([
  ['', 'domain-syntax'],
  ['.', 'domain-syntax'],
  ['a..example', 'domain-syntax'],
  ['a.example..', 'domain-syntax'],
  ['-a.example', 'domain-syntax'],
  ['a-.example', 'domain-syntax'],
  ['a!b.example', 'domain-syntax'],
  ['a b.example', 'domain-syntax'],
  ['a\tb.example', 'domain-syntax'],
  ['a%2eexample.com', 'domain-syntax'],
  ['http://example.com', 'domain-syntax'],
  ['example.com/', 'domain-syntax'],
  ['example.com:80', 'domain-syntax'],
  ['user@example.com', 'domain-syntax'],
  ['a\\example.com', 'domain-syntax'],
  ['xn--x.example', 'domain-syntax'],
  ['xn---9uc.example', 'domain-syntax'],
  ['xn--example-.example', 'domain-syntax'],
  ['\u0300a.example', 'domain-syntax'],
  ['a\u{d800}.example', 'domain-syntax'],
  ['com', 'domain-single-label'],
  ['localhost.', 'domain-single-label'],
  ['中国', 'domain-single-label'],
  ['*.example.com', 'wildcard'],
  ['.example.com', 'wildcard'],
  ['a[.]example', 'defanged'],
  ['a(dot)example', 'defanged'],
  ['hxxp://a.example', 'defanged'],
  ['192.0.2.1', 'ip-address'],
  ['192.0.2.1.', 'ip-address'],
  ['3221225985', 'ip-address'],
  ['0x7f.1', 'ip-address'],
  ['１.２.３.４', 'ip-address'],
  ['::1', 'ip-address'],
  ['[2001:db8::1]', 'ip-address'],
  ['::ffff:192.0.2.1', 'ip-address'],
  [`${'a'.repeat(64)}.example`, 'too-long'],
  [`${'ü'.repeat(60)}.example`, 'too-long'],
  [`${'a.'.repeat(127)}example`, 'too-long'],
])('refuses %j with %s', (raw, code) => {
  expect(outcome(raw)).toBe(code);
});

test('dressing changes nothing', () => {
  const label = fc.stringMatching(/^[a-z](?:[a-z0-9-]{0,8}[a-z0-9])?$/).filter((text) => !text.startsWith('xn--'));
  const dots = fc.constantFrom('.', '。', '．', '｡');
  const widths = fc.constantFrom(
    (text: string) => text,
    (text: string) => text.toUpperCase(),
    (text: string) => text.replaceAll(/[a-z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)),
  );
  const labels = fc.array(label, { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(labels, dots, fc.boolean(), widths, (parts, dot, rooted, dress) => {
      const value = parts.join('.');
      expect(outcome(value)).toBe(value);
      expect(outcome(parts.map(dress).join(dot) + (rooted ? dot : ''))).toBe(value);
    }),
  );
});

test('a plain name is judged as the same name that needs more work', () => {
  const text = fc.string({ unit: fc.constantFrom(...Array.from('az09-_.'), 'xn--'), minLength: 1, maxLength: 16 });
  fc.assert(
    fc.property(text, (name) => {
      if (!name.endsWith('.')) expect(outcome(name)).toBe(outcome(`${name.toUpperCase()}.`));
    }),
    { numRuns: 3000 },
  );
});

test('a domain is the host of its URL', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), (label) => {
      const result = canonicalise('domain', `${label}.example`);
      if (!result.ok) return;
      const address = `http://${result.value}/`;
      expect(canonicalise('url', `http://${label.trimStart()}.example/`)).toEqual({ ok: true, value: address });
    }),
    { numRuns: 2000 },
  );
});

test('public suffixes are recognised, private ones too', () => {
  for (const suffix of ['com', 'co.uk', 'github.io', 'xn--55qx5d.cn', 'anything-unlisted']) {
    expect([suffix, isPublicSuffix(suffix)]).toEqual([suffix, true]);
  }
  for (const name of ['example.com', 'a.github.io', 'www.ck', 'city.kobe.jp']) {
    expect([name, isPublicSuffix(name)]).toEqual([name, false]);
  }
});

const SAMPLES = path.resolve('../shared/samples');

function readSample(file: string): unknown {
  return JSON.parse(readFileSync(path.join(SAMPLES, file), 'utf8'));
}

const SUFFIX_VECTORS = 'expected/url_psl.json';

(existsSync(path.join(SAMPLES, SUFFIX_VECTORS)) ? test : test.skip)(
  'the test set of publicsuffix.org (../shared/samples/expected/url_psl.json)',
  () => {
    const { data } = readSample(SUFFIX_VECTORS) as {
      data: { input: string | null; registrable_domain: string | null }[];
    };
    expect(data.length).toBeGreaterThan(70);
    for (const { input, registrable_domain: registrable } of data) {
      const name = canonicalise('domain', input ?? '');
      if (!name.ok) {
        expect([input, registrable]).toEqual([input, null]);
        continue;
      }
      const labels = name.value.split('.');
      const above = labels.map((_, first) => labels.slice(first).join('.'));
      const firstSuffix = above.findIndex((parent) => isPublicSuffix(parent));
      expect([input, above[firstSuffix - 1]]).toEqual([input, registrable === null ? undefined : outcome(registrable)]);
    }
  },
);

const HOSTNAME_VECTORS = 'format-vectors/json-schema-org_JSON-Schema-Test-Suite/idn-hostname.json';

/** Names that IDNA 2008 rules out by context, script direction or a list, and that browsers open all the same. */
const WIDER_THAN_REGISTRIES = 17;

(existsSync(path.join(SAMPLES, HOSTNAME_VECTORS)) ? test : test.skip)(
  'internationalised host names (../shared/samples/format-vectors, idn-hostname)',
  () => {
    const groups = readSample(HOSTNAME_VECTORS) as {
      tests: { data: unknown; valid: boolean; description: string }[];
    }[];
    const wider: string[] = [];
    for (const { data, valid, description } of groups.flatMap(({ tests }) => tests)) {
      // Most vectors are single labels, which are no domain; a dot at the end is right here.
      if (typeof data !== 'string' || /^[^.。．｡]+[.。．｡]$/.test(data)) continue;
      const { ok } = canonicalise('domain', /[.。．｡]/.test(data) ? data : `${data}.example`);
      if (valid) expect([description, ok]).toEqual([description, true]);
      else if (ok) wider.push(description);
    }
    expect(wider).toHaveLength(WIDER_THAN_REGISTRIES);
    expect(wider.filter((description) => /too long|longer|empty|leading|dash/.test(description))).toEqual([]);
  },
);
