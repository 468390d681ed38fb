import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { canonicalise, isPublicSuffix } from './index.js';

/** The value, or the code of the refusal. */
function read(raw: string): string {
  const canonical = canonicalise('domain', raw);
  return canonical.ok ? canonical.value : canonical.code;
}

describe('a domain', () => {
  it.each([
    ['example.com', 'example.com'],
    [' WWW.Example.COM.\n', 'www.example.com'],
    ['BÜCHER.example', 'xn--bcher-kva.example'],
    ['xn--BCHER-KVA.example', 'xn--bcher-kva.example'],
    ['bu\u0308cher.example', 'xn--bcher-kva.example'],
    ['faß.de', 'xn--fa-hia.de'],
    ['a。b．example｡', 'a.b.example'],
    ['ex\u00adample.com', 'example.com'],
    ['_dmarc.a_b.example', '_dmarc.a_b.example'],
    ['1.example', '1.example'],
    ['食狮.公司.cn', 'xn--85x722f.xn--55qx5d.cn'],
    [`${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`, undefined],
  ])('%j', (raw, value = raw) => {
    expect(read(raw)).toBe(value);
    expect(read(value)).toBe(value);
  });

  it.each([
    ['', 'domain-syntax'],
    ['.', 'domain-syntax'],
    ['localhost', 'domain-single-label'],
    ['com.', 'domain-single-label'],
    ['a..example', 'domain-syntax'],
    ['example.com..', 'domain-syntax'],
    ['a b.example', 'domain-syntax'],
    ['-a.example', 'domain-syntax'],
    ['a-.example', 'domain-syntax'],
    ['a.example/b', 'domain-syntax'],
    ['http://a.example', 'domain-syntax'],
    ['a@b.example', 'domain-syntax'],
    ['a.example:8080', 'domain-syntax'],
    ['a%2eexample', 'domain-syntax'],
    ['a\u0000.example', 'domain-syntax'],
    ['a\u2100.example', 'domain-syntax'],
    ['a\u2025example', 'domain-syntax'],
    ['example.1', 'domain-syntax'],
    ['1.2.3.4.5', 'domain-syntax'],
    ['xn--a.example', 'domain-syntax'],
    ['xn--ASCII-.example', 'domain-syntax'],
    ['*.example.com', 'wildcard'],
    ['.example.com', 'wildcard'],
    ['。example.com', 'wildcard'],
    ['192.0.2.1', 'ip-address'],
    ['192.0.2.1.', 'ip-address'],
    ['192.0.2.0/24', 'ip-address'],
    ['192.0.2.1:80', 'ip-address'],
    ['0x7f.1', 'ip-address'],
    ['3221225985', 'ip-address'],
    ['１９２.0.2.1', 'ip-address'],
    ['::1', 'ip-address'],
    ['[2001:db8::1]', 'ip-address'],
    ['2001:db8::/32', 'ip-address'],
    ['::ffff:192.0.2.1', 'ip-address'],
    ['evil[.]example', 'defanged'],
    ['evil(.)example', 'defanged'],
    ['evil[dot]example', 'defanged'],
    ['hxxp://evil.example', 'defanged'],
    [`${'a'.repeat(64)}.example`, 'too-long'],
    [`${'ü'.repeat(63)}.example`, 'too-long'],
    [`${'a.'.repeat(124)}bcdefg`, 'too-long'],
    ['a'.repeat(2000), 'too-long'],
  ])('is not %j', (raw, code) => {
    expect(read(raw)).toBe(code);
  });

  it('is the same in any dress, and the host of its URL', () => {
    const label = fc.stringMatching(/^[a-z](?:[a-z0-9-]{0,8}[a-z0-9])?$/).filter((each) => !each.startsWith('xn--'));
    const dot = fc.constantFrom('.', '。', '．', '｡');
    fc.assert(
      fc.property(
        fc.array(label, { minLength: 2, maxLength: 5 }),
        dot,
        fc.boolean(),
        fc.boolean(),
        (labels, by, upper, rooted) => {
          const name = labels.join('.');
          const dressed = labels.map((each) => (upper ? each.toUpperCase() : each)).join(by) + (rooted ? by : '');
          expect(read(dressed)).toBe(name);
          expect(canonicalise('url', `http://${dressed}/`)).toEqual({ ok: true, value: `http://${name}/` });
        },
      ),
    );
  });

  it('is its own value, and the host of its URL, in any script', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }), (raw) => {
        const value = read(`${raw}.example`);
        if (!value.endsWith('.example') || raw.trim() !== raw) return;
        expect(read(value)).toBe(value);
        expect(canonicalise('url', `http://${raw}.example/`)).toEqual({ ok: true, value: `http://${value}/` });
      }),
      { numRuns: 2000 },
    );
  });
});

it.each([
  ['com', true],
  ['co.uk', true],
  ['blogspot.com', true],
  ['github.io', true],
  ['xn--55qx5d.cn', true],
  ['kobe.jp', true],
  ['foo.kobe.jp', true],
  ['city.kobe.jp', false],
  ['ck', true],
  ['www.ck', false],
  ['example.com', false],
  ['a.github.io', false],
  ['www.example.co.uk', false],
])('%s: others register below it: %s', (domain, expected) => {
  expect(isPublicSuffix(domain)).toBe(expected);
});

const SAMPLES = path.resolve('../shared/samples');
const withSample = (file: string): typeof it => (existsSync(path.join(SAMPLES, file)) ? it : it.skip);
const readSample = (file: string): unknown => JSON.parse(readFileSync(path.join(SAMPLES, file), 'utf8'));

const SUFFIX_TESTS = 'expected/url_psl.json';
withSample(SUFFIX_TESTS)('agrees with the tests of the Public Suffix List (skipped when absent)', () => {
  const { data } = readSample(SUFFIX_TESTS) as { data: { input: string | null; registrable_domain: string | null }[] };
  let compared = 0;
  for (const { input, registrable_domain: registrable } of data) {
    const value = read(input ?? '');
    if (!value.includes('.')) continue;
    compared += 1;
    expect([input, isPublicSuffix(value)]).toEqual([input, registrable === null]);
  }
  expect(compared).toBeGreaterThan(50);
});

const SUFFIX_LIST = 'url-vectors/publicsuffix_list/public_suffix_list.dat';
withSample(SUFFIX_LIST)('knows the rules of the Public Suffix List, in both parts (skipped when absent)', () => {
  const rules = readFileSync(path.join(SAMPLES, SUFFIX_LIST), 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('//') && !line.startsWith('!'));
  const unknown = rules.filter((rule) => {
    const value = read(rule.replace('*', 'any'));
    return value.includes('.') && !isPublicSuffix(value);
  });
  expect(rules.length).toBeGreaterThan(5000);
  // The list of the package is of another day.
  expect(unknown.length).toBeLessThan(rules.length / 200);
});

const HOST_NAMES = 'format-vectors/json-schema-org_JSON-Schema-Test-Suite/idn-hostname.json';
withSample(HOST_NAMES)('reads international host names as browsers do (skipped when absent)', () => {
  const groups = readSample(HOST_NAMES) as { tests: { data: unknown; valid: boolean; description: string }[] }[];
  const wider: string[] = [];
  for (const { data, valid, description } of groups.flatMap(({ tests }) => tests)) {
    if (typeof data !== 'string') continue;
    // Most of them are single labels, which are no domain here.
    const isLabel = data !== '' && !/[.。．｡]/.test(data);
    const { ok } = canonicalise('domain', isLabel ? `${data}.example` : data);
    if (valid) expect([description, ok]).toEqual([description, true]);
    else if (ok) wider.push(description);
  }
  // Registries do not hand these out (RFC 5892, appendix A), but browsers open them (UTS 46).
  expect(wider).toHaveLength(17);
  expect(wider.filter((description) => /long|empty|dash|dot as|leading|trailing|single/.test(description))).toEqual([
    expect.stringContaining('U+302E'),
  ]);
});
