import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parsePattern } from './parse-pattern.js';
import { printPattern } from './print-pattern.js';
import { signalsOfPattern } from './signals-of-pattern.js';

/** Signals as `type value`, or the code of the refusal. */
function read(text: string): string[] | string {
  const result = signalsOfPattern(text);
  return result.ok ? result.signals.map(({ type, value }) => `${type} ${value}`) : result.code;
}

describe('any one of these values', () => {
  it.each([
    ["[url:value = 'http://a.example/']", ['url http://a.example/']],
    ["[domain-name:value = 'a.example']", ['domain a.example']],
    ["[domain-name:value IN ('a.example', 'b.example')]", ['domain a.example', 'domain b.example']],
    ["[url:value = 'u' OR domain-name:value = 'd' OR file:hashes.MD5 = 'm']", ['url u', 'domain d', 'md5 m']],
    ["[url:value = 'u'] OR ([url:value = 'v'] OR [domain-name:value = 'd'])", ['url u', 'url v', 'domain d']],
    ["[url:value = 'u' OR url:value == 'u'] OR [url:value = 'u']", ['url u']],
    ["[url:value = 'a\\'b\\\\c']", ["url a'b\\c"]],
    ["[artifact:hashes.'SHA-256' = 's' AND artifact:mime_type = 'image/png']", ['sha256 s']],
  ])('%s', (text, signals) => {
    expect(read(text)).toEqual(signals);
  });

  it.each([
    ['md5', 'MD5', "'MD5'", 'md5'],
    ['sha1', 'SHA1', "'SHA-1'", 'sha1', "'sha-1'", 'SHA_1'],
    ['sha256', 'SHA256', "'SHA-256'", 'sha256', "'SHA256'"],
    ['sha512', 'SHA512', "'SHA-512'", 'sha512'],
    ['pdq', 'PDQ', 'pdq', 'x_pdq', "'x-pdq'", 'X_PDQ'],
  ])('knows the hash %s in every spelling', (type, ...spellings) => {
    for (const object of ['file', 'artifact']) {
      for (const spelling of spellings) expect(read(`[${object}:hashes.${spelling} = 'h']`)).toEqual([`${type} h`]);
    }
  });

  it.each([
    ["[file:hashes.MD5 = 'm' AND file:hashes.'SHA-1' = 's']", ['md5 m', 'sha1 s'], undefined],
    ["[file:hashes.MD5 = 'm' AND file:name = 'n' AND file:size > 5]", ['md5 m'], 2],
    ["[file:name LIKE '%n' AND (file:size = 1 OR file:size = 2) AND file:hashes.MD5 = 'm']", ['md5 m'], 2],
    [
      "[(file:hashes.MD5 = 'm' AND file:name = 'n') OR (file:hashes.MD5 = 'k' AND file:name = 'n')]",
      ['md5 m', 'md5 k'],
      2,
    ],
    ["[(file:hashes.MD5 = 'm' OR file:hashes.'SHA-1' = 's') AND file:name = 'n']", ['md5 m', 'sha1 s'], 1],
    ["[file:hashes.MD5 IN ('m', 'k') AND file:name = 'n']", ['md5 m', 'md5 k'], 1],
    // One of the two is the file's other hash; the pattern does not say which.
    ["[file:hashes.MD5 IN ('m', 'k') AND file:hashes.'SHA-1' = 's']", ['sha1 s'], 1],
    ["[file:hashes.'SHA-256' = 's' AND file:hashes.x_pdq = 'p']", ['sha256 s'], 1],
    ["[file:hashes.'SHA-256' = 's' OR file:hashes.x_pdq = 'p']", ['sha256 s', 'pdq p'], undefined],
    ["[file:hashes.MD5 = 'm' AND (file:hashes.'SHA-1' = 's' AND file:name = 'n')]", ['md5 m', 'sha1 s'], 1],
  ])('%s is about one file', (text, signals, ignored) => {
    expect(read(text)).toEqual(signals);
    expect(signalsOfPattern(text)).toHaveProperty('ok', true);
    expect(Reflect.get(signalsOfPattern(text), 'ignoredConjuncts')).toBe(ignored);
  });
});

describe('refusals', () => {
  it.each([
    ["[url:value = 'u'] AND [url:value = 'v']", 'unsupported-combination', 0],
    ["[url:value = 'u'] FOLLOWEDBY [url:value = 'v']", 'unsupported-combination', 0],
    ["[url:value = 'u'] WITHIN 5 SECONDS", 'unsupported-qualifier', 0],
    ["[url:value = 'u'] OR [url:value = 'v'] REPEATS 5 TIMES", 'unsupported-qualifier', 21],
    ["[url:value = 'u'] START t'2020-01-01T00:00:00Z' STOP t'2020-01-02T00:00:00Z'", 'unsupported-qualifier', 0],
    ["[url:value = 'u' AND domain-name:value = 'd']", 'unsupported-combination', 1],
    ["[url:value = 'u' AND url:value = 'v']", 'unsupported-combination', 1],
    ["[file:hashes.MD5 = 'm' AND url:value = 'u']", 'unsupported-combination', 1],
    ["[file:hashes.MD5 = 'm' AND artifact:hashes.MD5 = 'm']", 'unsupported-combination', 1],
    ["[file:hashes.MD5 = 'm' AND file:hashes.MD5 = 'k']", 'unsupported-combination', 1],
    ["[file:hashes.MD5 IN ('m', 'k') AND file:hashes.MD5 IN ('k', 'l')]", 'unsupported-combination', 1],
    ["[file:hashes.x_pdq = 'p' AND file:name = 'n']", 'unsupported-combination', 1],
    ["[(file:hashes.x_pdq = 'p' OR file:hashes.MD5 = 'm') AND file:name = 'n']", 'unsupported-combination', 2],
    ["[url:value NOT = 'u']", 'unsupported-operator', 1],
    ["[url:value NOT IN ('u')]", 'unsupported-operator', 1],
    ["[url:value != 'u']", 'unsupported-operator', 1],
    ["[url:value > 'u']", 'unsupported-operator', 1],
    ["[url:value LIKE 'u%']", 'unsupported-operator', 1],
    ["[url:value MATCHES 'u']", 'unsupported-operator', 1],
    ["[domain-name:value ISSUBSET 'u']", 'unsupported-operator', 1],
    ["[domain-name:value ISSUPERSET 'u']", 'unsupported-operator', 1],
    ['[EXISTS url:value]', 'unsupported-operator', 1],
    ["[file:hashes.MD5 = 'm' AND file:hashes.'SHA-1' != 's']", 'unsupported-operator', 27],
    ["[ipv4-addr:value = '192.0.2.1']", 'unsupported-object', 1],
    ["[url:value = 'u' OR ipv4-addr:value = '192.0.2.1']", 'unsupported-object', 20],
    ["[file:name = 'n']", 'unsupported-object', 1],
    ["[file:name = 'n' AND file:size = 3]", 'unsupported-object', 1],
    ["[file:hashes.SSDEEP = 's']", 'unsupported-object', 1],
    ["[file:hashes.'SHA3-256' = 's']", 'unsupported-object', 1],
    ["[file:contains_refs[*].hashes.MD5 = 'm']", 'unsupported-object', 1],
    ["[file:hashes[0].MD5 = 'm']", 'unsupported-object', 1],
    ["[URL:value = 'u']", 'unsupported-object', 1],
    ['[url:value = 5]', 'unsupported-value', 1],
    ["[file:hashes.MD5 = h'00']", 'unsupported-value', 1],
    ['[url:value IN ()]', 'unsupported-value', 1],
    ["[file:hashes.SHA-256 = 's']", 'syntax', 13],
  ])('%s', (text, code, at) => {
    expect(signalsOfPattern(text)).toMatchObject({ ok: false, code, at });
  });

  it('names constructs and never what they hold', () => {
    const needles = [
      "[needle:value = 'needle']",
      "[file:needle = 'needle']",
      "[file:hashes.needle = 'needle']",
      "[url:value LIKE 'needle']",
      "[url:value = 'needle' AND domain-name:value = 'needle']",
      "[url:value = 'needle\\n']",
      '[url:value = needle]',
      "[url:value = 'needle'] needle",
    ];
    for (const text of needles) {
      const result = signalsOfPattern(text);
      expect(result.ok).toBe(false);
      expect(JSON.stringify(result)).not.toContain('needle');
    }
  });
});

describe('hostile patterns end soon', () => {
  const SIZE = 260_000;
  const filled = (head: string, piece: string, tail = ''): string =>
    head + piece.repeat((SIZE - head.length) / piece.length) + tail;
  it.each([
    ['100,000 parentheses', '('.repeat(100_000), 'too-complex'],
    ['100,000 parentheses in an observation', '[' + '('.repeat(100_000), 'too-complex'],
    ['100,000 brackets', '['.repeat(100_000), 'syntax'],
    ['a million characters', "[url:value = '" + 'x'.repeat(1_000_000) + "']", 'too-complex'],
    ['a long string', filled("[url:value = '", 'x', "']"), undefined],
    ['a long string of escapes', filled("[url:value = '", "\\'", "']"), undefined],
    ['a string without an end', filled("[url:value = '", 'x'), 'syntax'],
    ['white space', filled('', ' '), 'syntax'],
    ['a word', filled('', 'a'), 'syntax'],
    ['digits', filled('[a:b = ', '1'), 'syntax'],
    ['signs', filled('[a:b = ', '+'), 'syntax'],
    ['comments without an end', filled('', '/*'), 'syntax'],
    ['line comments', filled('', '//\n'), 'syntax'],
    ['a path', filled('[a:b', '.c'), 'too-complex'],
    ['positions', filled('[a:b', '[*]'), 'too-complex'],
    ['padding', filled("[a:b = b'", '=', "']"), 'syntax'],
    ['qualifiers', filled("[a:b = 'c']", ' WITHIN 5 SECONDS'), 'too-complex'],
    ['alternatives', filled("[url:value = 'a'", " OR url:value = 'a'", ']'), 'too-complex'],
    ['observations', filled("[url:value = 'a']", " OR [url:value = 'a']"), 'too-complex'],
    ['a set', filled('[url:value IN (', "'a',", "'b')]"), 'too-complex'],
    ['a set within the bounds', '[url:value IN (' + "'a',".repeat(9_000) + "'b')]", undefined],
    ['hashes of one file', "[file:hashes.MD5 = 'a'" + " AND file:hashes.MD5 = 'a'".repeat(2_300) + ']', undefined],
    [
      'alternatives of alternatives',
      '[' +
        "(file:hashes.MD5 = 'a' AND (file:hashes.MD5 = 'a' OR ".repeat(31) +
        "file:hashes.MD5 = 'a'" +
        " OR file:hashes.MD5 = 'a'".repeat(2_000) +
        '))'.repeat(31) +
        ']',
      undefined,
    ],
  ])('%s', (_, text, code) => {
    // Processor time, and the best of three: the machine may be busy with something else.
    const times = [1, 2, 3].map(() => {
      const before = process.cpuUsage();
      const result = signalsOfPattern(text);
      const { user, system } = process.cpuUsage(before);
      expect(result.ok ? undefined : result.code).toBe(code);
      return (user + system) / 1000;
    });
    expect(Math.min(...times)).toBeLessThan(1_000);
  });
});

const SAMPLES = path.resolve('../shared/samples/stix');

(existsSync(SAMPLES) ? it : it.skip)(
  'reads or refuses every pattern of the samples (skipped when they are absent)',
  () => {
    const patterns = readdirSync(SAMPLES, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.json'))
      .flatMap((name) => patternsIn(JSON.parse(readFileSync(path.join(SAMPLES, name), 'utf8'))));
    const counts: Record<string, number> = {};
    for (const text of patterns) {
      const result = signalsOfPattern(text);
      const outcome = result.ok ? 'accepted' : result.code;
      counts[outcome] = (counts[outcome] ?? 0) + 1;
      const parsed = parsePattern(text);
      if (parsed.ok) expect(parsePattern(printPattern(parsed.pattern)).ok).toBe(true);
    }
    expect(counts).toEqual({
      accepted: 1012,
      syntax: 2,
      'unsupported-combination': 6,
      'unsupported-object': 74,
    });
  },
);

/** The STIX patterns of all indicators in a document, of whatever version. */
function patternsIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const inner = Object.values(node).flatMap(patternsIn);
  const {
    type,
    pattern,
    pattern_type: language = 'stix',
  } = { type: undefined, pattern: undefined, ...node } as Record<string, unknown>;
  return type === 'indicator' && typeof pattern === 'string' && language === 'stix' ? [pattern, ...inner] : inner;
}
