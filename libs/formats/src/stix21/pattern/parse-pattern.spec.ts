import fc from 'fast-check';
import { COMPARISON_OPERATORS, type ComparisonExpression, type Literal, type ObservationExpression } from './ast.js';
import { parsePattern } from './parse-pattern.js';
import { printPattern } from './print-pattern.js';

/** A tree without its places. */
function treeOf(text: string): unknown {
  const parsed = parsePattern(text);
  if (!parsed.ok) throw new Error(`${parsed.code} at ${parsed.at}: ${parsed.detail}`);
  return unplaced(parsed.pattern);
}

function unplaced(tree: ObservationExpression): unknown {
  return JSON.parse(JSON.stringify(tree, (key, value: unknown) => (key === 'at' ? undefined : value)));
}

describe('precedence', () => {
  it.each([
    ['[a:b = 1 AND a:c = 2 OR a:d = 3]', '[(a:b = 1 AND a:c = 2) OR a:d = 3]'],
    ['[a:b = 1 OR a:c = 2 AND a:d = 3]', '[a:b = 1 OR (a:c = 2 AND a:d = 3)]'],
    ['[a:b=1] OR [a:b=2] AND [a:b=3]', '[a:b=1] OR ([a:b=2] AND [a:b=3])'],
    ['[a:b=1] FOLLOWEDBY [a:b=2] OR [a:b=3]', '[a:b=1] FOLLOWEDBY ([a:b=2] OR [a:b=3])'],
    ['[a:b=1] AND [a:b=2] WITHIN 5 SECONDS', '[a:b=1] AND ([a:b=2] WITHIN 5 SECONDS)'],
    ['((([a:b=1])))', '[((a:b=1))]'],
    ['[a:b == 1 AND a:c <> 2]', '[a:b = 1 AND a:c != 2]'],
    ["[a:b='c']/* x */ OR // y\n\u3000[a:b='d']", "[a:b = 'c'] OR [a:b = 'd']"],
    ["[a:'b'.'c-d' = 'e']", "[a:b.'c-d' = 'e']"],
  ])('%s', (written, meant) => {
    expect(treeOf(written)).toEqual(treeOf(meant));
  });

  it('is told from what it is not', () => {
    expect(treeOf('[a:b=1 AND (a:c=2 OR a:d=3)]')).not.toEqual(treeOf('[a:b=1 AND a:c=2 OR a:d=3]'));
    expect(treeOf('([a:b=1] AND [a:b=2]) WITHIN 5 SECONDS')).not.toEqual(
      treeOf('[a:b=1] AND [a:b=2] WITHIN 5 SECONDS'),
    );
  });
});

describe('syntax of the standard', () => {
  it.each([
    "[file:hashes.'SHA-256' = 'aec070645fe53ee3b3763059376134f058cc337247c978add178b6ccdfb0019f']",
    "[ipv4-addr:value = '198.51.100.1/32' OR ipv4-addr:value = '203.0.113.33/32']",
    "([file:hashes.MD5 = '79054025255fb1a26e4bc422aef54eb4'] FOLLOWEDBY [windows-registry-key:key = 'HKEY\\\\foo\\\\bar']) WITHIN 300 SECONDS",
    "[email-message:from_ref.value MATCHES '.+\\\\@example\\\\.com$' AND email-message:body_multipart[*].body_raw_ref.name MATCHES '^Final Report.+\\\\.exe$']",
    "[file:name = 'foo.dll' AND file:parent_directory_ref.path = 'C:\\\\Windows\\\\System32']",
    "[file:extensions.'windows-pebinary-ext'.sections[*].entropy > 7.0]",
    "[file:mime_type = 'image/bmp' AND file:magic_number_hex = h'ffd8']",
    "[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value ISSUBSET '2001:0db8:dead:beef::/64']",
    "[user-account:account_type = 'unix' AND user-account:user_id = '1007' AND user-account:is_privileged = true]",
    "[artifact:mime_type = 'application/vnd.tcpdump.pcap' AND artifact:payload_bin MATCHES '\\\\xd4\\\\xc3\\\\xb2\\\\xa1\\\\x02']",
    "[file:name LIKE 'a%' AND file:size IN (1, 2.5, -3, 'x', b'YWI=', h'00', false, t'2016-01-01T00:00:00.5Z')]",
    "[EXISTS windows-registry-key:values AND NOT EXISTS file:ctime AND file:name NOT = 'x']",
    "[a:b = 'it\\'s'] REPEATS 5 TIMES WITHIN 0.5 SECONDS START t'2018-10-29T14:23:00Z' STOP t'2018-10-29T16:00:00Z'",
    '[a:b[-1] = 1 AND a:c[0].d IN ()]',
  ])('%s', (text) => {
    expect(treeOf(printPattern(mustParse(text)))).toEqual(treeOf(text));
  });

  it.each([
    ['', 0],
    ['[]', 1],
    ["a:b = 'c'", 0],
    ["[a:b = 'c'", 10],
    ["[a:b = 'c']]", 11],
    ["[a:b = 'c'] [a:b = 'd']", 12],
    ["[a:b = 'c'] OR", 14],
    ["[a = 'c']", 3],
    ['[a:b = "c"]', 7],
    ["[a:b = 'c\\d']", 9],
    ["[a:b = 'c]", 7],
    ["[a:b-c = 'd']", 3],
    ["[a:AND = 'd']", 3],
    ['[a:b = c]', 7],
    ["[a:b and = 'c']", 5],
    ['[a:b LIKE 5]', 10],
    ['[a:b > true]', 7],
    ["[a:b IN ('c',)]", 13],
    ["[a:b IN 'c']", 8],
    ["[a:b[1.5] = 'c']", 5],
    ["[a:b = h'0']", 7],
    ["[a:b = b'a']", 7],
    ["[a:b = t'2018-13-01T00:00:00Z']", 7],
    ["[a:b = 'c'] WITHIN 0 SECONDS", 19],
    ["[a:b = 'c'] WITHIN 5", 20],
    ["[a:b = 'c'] REPEATS 1.5 TIMES", 20],
    ["[a:b = 'c'] START '2018-10-29T14:23:00Z' STOP '2018-10-29T16:00:00Z'", 18],
    ["/* [a:b = 'c']", 0],
  ])('refuses %s where it breaks', (text, at) => {
    expect(parsePattern(text)).toMatchObject({ ok: false, code: 'syntax', at });
  });
});

it('gives back the tree that was printed', () => {
  fc.assert(
    fc.property(observations, (tree) => {
      const printed = printPattern(tree);
      expect(treeOf(printed)).toEqual(unplaced(tree));
      expect(printPattern(mustParse(printed))).toBe(printed);
    }),
    { numRuns: 500 },
  );
});

it('answers for any text, and says nothing of it', () => {
  const pieces = [
    '[',
    ']',
    '(',
    ')',
    "'",
    '\\',
    'a:b',
    ' = ',
    ' AND ',
    ' OR ',
    ' NOT ',
    "h'",
    '/*',
    '//',
    '\n',
    '5',
    '.',
    ' IN ',
    'needle',
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), (parts) => {
      const parsed = parsePattern(parts.join(''));
      if (parsed.ok) return;
      expect(parsed.at).toBeLessThanOrEqual(parts.join('').length);
      expect(parsed.detail).not.toContain('needle');
    }),
    { numRuns: 2000 },
  );
});

function mustParse(text: string): ObservationExpression {
  const parsed = parsePattern(text);
  if (!parsed.ok) throw new Error(parsed.detail);
  return parsed.pattern;
}

const at = fc.constant(0);
const words = fc.constantFrom('file', 'x-custom', 'value', '_a9');
const literals: fc.Arbitrary<Literal> = fc.oneof(
  fc.record({
    type: fc.constant('string' as const),
    value: fc.string({ unit: fc.constantFrom("'", '\\', 'a', '\n', ']', '€') }),
  }),
  fc.constantFrom<Literal>(
    { type: 'integer', value: '-12345678901234567890' },
    { type: 'float', value: '.5' },
    { type: 'boolean', value: 'true' },
    { type: 'hex', value: '00fF' },
    { type: 'binary', value: 'YQ==' },
    { type: 'timestamp', value: '2020-02-29T23:59:59Z' },
  ),
);
const path = fc.record({
  objectType: words,
  steps: fc
    .tuple(
      fc.string().map((property) => ({ property })),
      fc.array(
        fc.oneof(
          fc.constantFrom('hashes', 'SHA-256', 'AND', 'true', "it's").map((property) => ({ property })),
          fc.integer().map((index) => ({ index })),
          fc.constant({ index: 'any' as const }),
        ),
        { maxLength: 3 },
      ),
    )
    .map(([first, others]) => [first, ...others]),
});
const negated = fc.boolean();
const strings = literals.filter(({ type }) => type === 'string');
const tests: fc.Arbitrary<ComparisonExpression> = fc.oneof(
  fc.record({
    kind: fc.constant('compare' as const),
    path,
    negated,
    operator: fc.constantFrom(...COMPARISON_OPERATORS),
    value: strings,
    at,
  }),
  fc.record({
    kind: fc.constant('compare' as const),
    path,
    negated,
    operator: fc.constantFrom('=' as const, '!=' as const),
    value: literals,
    at,
  }),
  fc.record({ kind: fc.constant('in' as const), path, negated, values: fc.array(literals, { maxLength: 3 }), at }),
  fc.record({ kind: fc.constant('exists' as const), path, negated, at }),
);
const comparisons = fc.letrec<{ any: ComparisonExpression }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tests,
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      operands: fc.array(tie('any'), { minLength: 2, maxLength: 3 }),
      at,
    }),
  ),
})).any;
const observations = fc.letrec<{ any: ObservationExpression }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ kind: fc.constant('observation' as const), comparison: comparisons, at }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const, 'followed-by' as const),
      operands: fc.array(tie('any'), { minLength: 2, maxLength: 3 }),
      at,
    }),
    fc.record({
      kind: fc.constant('qualified' as const),
      operand: tie('any'),
      qualifier: fc.oneof(
        fc.constant({ kind: 'within' as const, seconds: { type: 'float' as const, value: '0.5' } }),
        fc.constant({ kind: 'repeats' as const, times: { type: 'integer' as const, value: '3' } }),
        fc.constant({
          kind: 'start-stop' as const,
          start: { type: 'timestamp' as const, value: '2020-01-01T00:00:00Z' },
          stop: { type: 'timestamp' as const, value: '2020-01-02T00:00:00Z' },
        }),
      ),
      at,
    }),
  ),
})).any;
