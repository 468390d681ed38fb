import fc from 'fast-check';
import { canonicalise } from '#libs/domain';
import { byteSource, readAll } from '#libs/testing';
import { certaintyOfText } from './certainty-of-text.js';
import { textAdvisory } from './text-advisory.js';
import { undoMarks } from './undo-marks.js';

/** Just under the longest line, so that it is read. */
const LENGTH = 64_000;
const MD5 = '9e107d9d372bb6826bd81d3542a419d6';

const PIECES = [
  ...[
    '[.]',
    '[.',
    '.]',
    '.',
    ' . ',
    '(dot)',
    ' dot ',
    'a dot ',
    'dot dot ',
    '[at]',
    '@',
    '[:]',
    '://',
    '[://]',
    '[/]',
    '//',
  ],
  ...[
    'hxxp://',
    'http://',
    'h**p',
    'hxxp://a[.]example.org/',
    'a[.]example.org ',
    'a[.]example.org,',
    'a.b',
    'a.',
    '.-',
    '-.',
  ],
  ...[
    '[',
    '(',
    '{',
    '<',
    '[(',
    '|',
    '| a ',
    '\t',
    ' ',
    '  ',
    '=',
    '==',
    '-',
    '--',
    '*',
    '_',
    '`',
    '#',
    ':',
    ';',
    ',',
    ', ',
  ],
  ...[
    'TLP',
    'TLP:',
    'TLP:   ',
    'TLP:AMBER ',
    'TLP:AMBER   ',
    'traffic light protocol ',
    'quality ',
    'rule ',
    '(legitimate ',
  ],
  ...[
    'a',
    '0',
    'f',
    `${MD5} `,
    `${MD5}/`,
    `${MD5},`,
    'a:',
    '1:',
    '::',
    '%',
    '%A',
    '\\',
    '\\.',
    'a\\.',
    '\u200b',
    '\u200d',
    '\u00e9',
  ],
  ...[
    '\uff0e',
    '\u3002',
    'a\u3002',
    '\ue000',
    '\ue001',
    'and ',
    'C2: ',
    'e-mail at ',
    '<a',
    '<a>',
    '192.0.2.1/',
    'a@b.c ',
  ],
];

async function millisecondsFor(text: string): Promise<number> {
  const started = performance.now();
  const { refused } = await readAll(textAdvisory, byteSource(text));
  expect(refused).toBeUndefined();
  certaintyOfText(Buffer.from(text).subarray(0, 64 * 1024));
  return performance.now() - started;
}

describe('a hostile text', () => {
  it.each(PIECES)('of nothing but %j takes no time', async (piece) => {
    const bytes = Buffer.byteLength(piece);
    const line = piece.repeat(Math.floor(LENGTH / bytes));
    expect(await millisecondsFor(`${line}\n${line}x\nx${line}!\n----\n`)).toBeLessThan(1_500);
  });

  it('of any two pieces in turn takes no time', async () => {
    const piece = fc.constantFrom(...PIECES);
    await fc.assert(
      fc.asyncProperty(piece, piece, fc.nat(3), async (one, other, times) => {
        const unit = one + other.repeat(times + 1);
        const line = unit.repeat(Math.floor(LENGTH / Buffer.byteLength(unit)));
        expect(await millisecondsFor(`${line}\n${line}x\n`)).toBeLessThan(1_500);
      }),
      { numRuns: 60 },
    );
  });

  it('of lines that all go on in the next is read a few lines at a time', async () => {
    expect(await millisecondsFor('a[.]\n'.repeat(50_000))).toBeLessThan(5_000);
    expect(await millisecondsFor('[.]a\n'.repeat(50_000))).toBeLessThan(5_000);
  });

  it('of a million characters on a line is one line too long', async () => {
    const { items } = await readAll(textAdvisory, byteSource(`${'[.]'.repeat(333_333)}\na[.]example.org\n`));
    expect(items.map((item) => ('code' in item ? item.code : item.kind))).toEqual(['TOC_ITEM_TOO_LONG', 'candidate']);
  });

  it('gives only canonical values, and one item a line', async () => {
    const lines = fc.array(
      fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 6 })), { maxLength: 12 }),
      {
        maxLength: 12,
      },
    );
    await fc.assert(
      fc.asyncProperty(lines, async (pieces) => {
        const text = `x${pieces.map((line) => line.join('')).join('\n')}`.replaceAll('\0', '');
        const { items, refused } = await readAll(textAdvisory, byteSource(text));
        expect(refused).toBeUndefined();
        const positions = items.map((item) => ('position' in item ? item.position : 0));
        expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
        for (const item of items) {
          if (item.kind !== 'candidate') continue;
          for (const { type, value } of item.signals) expect(canonicalise(type, value)).toEqual({ ok: true, value });
        }
      }),
      { numRuns: 500 },
    );
  });

  it('forges no mark with characters of the private use area', () => {
    expect(undoMarks('a\ue000example.org\ue001x\ue002')).toBe('a example.org x ');
  });
});

it('finds every name and address in any dress', async () => {
  const label = fc.stringMatching(/^[a-z](?:[a-z0-9-]{0,8}[a-z0-9])?$/).filter((each) => !each.startsWith('xn--'));
  const dot = fc.constantFrom('[.]', '(.)', '{.}', '[dot]', '(DOT)', ' [.] ', '\uff0e', '[.', '.]');
  const scheme = fc.constantFrom('', 'hxxp://', 'hXXps://', 'http[:]//', 'https[://]', 'http:[//]', 'h**p://');
  const frame = fc.constantFrom(
    ['', ''],
    ['(', ')'],
    ['<', '>'],
    ['`', '`'],
    ['**', '**'],
    ['"', '".'],
    ['- ', ','],
    ['', '?!'],
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(label, { minLength: 1, maxLength: 3 }),
      dot,
      scheme,
      frame,
      async (labels, by, how, [open = '', close = '']) => {
        const name = [...labels, 'example.org'].join('.');
        const text = `seen ${open}${how}${[...labels, 'example.org'].join(by)}${close} there\n`;
        const { items } = await readAll(textAdvisory, byteSource(text));
        const value = how === '' ? name : `${/s(?:\[|:)/i.test(how) ? 'https' : 'http'}://${name}/`;
        expect([text, items]).toEqual([
          text,
          [{ kind: 'candidate', position: 1, signals: [{ type: how === '' ? 'domain' : 'url', value }] }],
        ]);
      },
    ),
    { numRuns: 500 },
  );
});
