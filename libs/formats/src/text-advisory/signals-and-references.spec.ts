import { byteSource, readAll } from '#libs/testing';
import type { ReadOptions } from '../format.js';
import { textAdvisory } from './text-advisory.js';

const MD5 = '9e107d9d372bb6826bd81d3542a419d6';
const SHA1 = '2fd4e1c67a2d28fced849ee1bb76e7391b93eb12';
const SHA256 = 'd7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592';

async function signalsOf(text: string, options: Partial<ReadOptions> = {}): Promise<string[]> {
  const { items, refused } = await readAll(textAdvisory, byteSource(text), options);
  expect(refused).toBeUndefined();
  return items.flatMap((item) => (item.kind === 'candidate' ? item.signals.map(({ value }) => value) : []));
}

async function kindsOf(text: string): Promise<string[]> {
  const { items } = await readAll(textAdvisory, byteSource(text));
  return items.map((item) => (item.kind === 'ignored' ? item.what : item.kind === 'rejected' ? item.code : item.kind));
}

describe('an address that was marked is a signal', () => {
  it.each([
    ['It calls evil[.]example.org.', ['evil.example.org']],
    ['It calls evil(.)example.org, and bad{.}example.net;', ['evil.example.org', 'bad.example.net']],
    ['It calls evil[dot]example[DOT]org!', ['evil.example.org']],
    ['It calls evil [.] example [.] org today', ['evil.example.org']],
    ['It calls evil[.example[.]org and a.]example.org', ['evil.example.org', 'a.example.org']],
    ['It calls evil\\.example\\.org', ['evil.example.org']],
    ['see forum dot example dot org for it', ['forum.example.org']],
    ['evil dot com', ['evil.com']],
    ['fetched hxxp://evil.example.org/a.php?x=1&y=2.', ['http://evil.example.org/a.php?x=1&y=2']],
    ['fetched hXXpS://EVIL.example.org:8443/A', ['https://evil.example.org:8443/A']],
    [
      'fetched h**ps://evil.example.org/a and h__p://b.example.org/',
      ['https://evil.example.org/a', 'http://b.example.org/'],
    ],
    ['fetched https[:]//evil.example.org/a', ['https://evil.example.org/a']],
    ['fetched https[://]evil.example.org[/]a[/]b', ['https://evil.example.org/a/b']],
    ['fetched http:[//]evil.example.org', ['http://evil.example.org/']],
    ['fetched hxxps:\\\\evil.example.org\\a', ['https://evil.example.org/a']],
    ['fetched http://192.0.2[.]1/a', ['http://192.0.2.1/a']],
    ['fetched evil[.]example.org/a/b.exe', ['http://evil.example.org/a/b.exe']],
    ['(hxxp://evil.example.org/a_(b))', ['http://evil.example.org/a_(b)']],
    ['<hxxp://evil.example.org/a>', ['http://evil.example.org/a']],
    [
      '**hxxp://evil.example.org/a**, `hxxp://evil.example.org/b`',
      ['http://evil.example.org/a', 'http://evil.example.org/b'],
    ],
    ['[evil[.]example.org](hxxp://evil.example.org/a)', ['evil.example.org', 'http://evil.example.org/a']],
    ['hxxp://a.example.org/1,hxxp://a.example.org/2', ['http://a.example.org/1', 'http://a.example.org/2']],
    ['URL:hxxp://a.example.org/1', ['http://a.example.org/1']],
    ['Domain:evil[.]example.org|C2=bad[.]example.org', ['evil.example.org', 'bad.example.org']],
    ['evil[.]example.org:8080 and bad[.]example.org/', ['evil.example.org', 'bad.example.org']],
    ['b\u00fccher[.]example.org and \u0440\u0444[.]example.org', ['xn--bcher-kva.example.org', 'xn--p1ai.example.org']],
    ['e\u00advil[.]exa\u200bmple.org', ['evil.example.org']],
    ['evil\uff0eexample.org and \uff45vil\u3002example.org', ['evil.example.org']],
    ['a.s3.amazonaws[.]com and b.github[.]io', ['a.s3.amazonaws.com', 'b.github.io']],
    [`${'a2b3c4d5'.repeat(7)}[.]onion`, [`${'a2b3c4d5'.repeat(7)}.onion`]],
  ])('%s', async (text, expected) => {
    expect(await signalsOf(text)).toEqual(expected);
  });
});

describe('no signal is', () => {
  it.each([
    ['a reference in a sentence', 'As https://www.example.org/report says, and example.com.'],
    ['a link with words', '- [our page](https://www.example.org/a) and https://www.example.org/b[words]'],
    ['an address under references', '## Indicators\n\n## References\n\n- https://www.example.org/a\n- www.example.org'],
    ['an address under the intro of a title', '# Indicators of X\n\nThe report is at\nhttps://www.example.org/a'],
    [
      'a column of links',
      '## Indicators\n\n| Note | Links |\n|--|--|\n| blog.example.org | https://www.example.org/a |',
    ],
    ['a signature', '## Domains\n\nevil[dot]nothing\n\nKind regards,\n\nwww.example.org\nexample.org'],
    ['a letterhead', 'Agency of Examples\nwww.example.org\n\nDear reader,'],
    ['a mailbox', 'E-mail: desk[at]example[.]org, a@example[.]org, b (at) example (dot) org, c at example dot org'],
    ['a mailbox by its label', 'Contact e-mail: desk at example[.]org'],
    ['a file', 'drops setup.py, report.pdf, run.sh, invoice[.]exe, archive[.]zip and README.md'],
    ['files in a list of indicators', '## Indicators\n\n- setup.py\n- install.sh\n- `a.so`'],
    ['a path', 'in C:\\Users\\Public\\in.com, /var/www/example.org/a, ~/a.com, %TEMP%\\b.com and \\\\host\\c.com'],
    ['a version', 'version 1.2.3, v2.0.1.is, 10.15.7, 2.4.49-1.el8'],
    [
      'an identifier of a program',
      'System.Net and window.location.name, Environment.SpecialFolder, foo.bar(x), this.is',
    ],
    ['a package', '## Domains\n\n- com.example.services\n- org.example.app\n\ncom.apple.quarantine'],
    ['a key of a registry', 'HKCU\\Software\\example.com\\Run and HKLM\\SOFTWARE\\Classes\\a.net'],
    ['an address of a network', '192.0.2.1, 192[.]0[.]2[.]1:80, 198.51.100.0/24, 2001:db8::1 and 203[.]0[.]113[.]9/24'],
    ['a name without a public suffix', 'srv01[.]internal and a[.]nottld, hxxp://printer.lan/a'],
    ['a public suffix in plain text', 'Domains:\n\n- co.uk\n- github.io'],
    ['another scheme', 'ftp://a.example.org/x, fxp://b[.]example.org/x and tcp://c[.]example.org:80'],
    ['what is said to be legitimate', 'LEGITIMATE DOMAINS CONTACTED:\n\n- a.example.org\n- b[.]example.org'],
    ['a victim in plain text', '## Services targeted\n\n- `mail.example.org`\n- example.com'],
    [
      'a place-holder',
      'hxxp://a[.]example.org/<id>, b[.]example.org/{id}, hxxp://c[.]example.org/[a-z]+ hxxp://d[.]example.org/%USER%/a',
    ],
    ['what was cut off', 'hxxp://a[.]example.org/abc... and hxxp://a[.]example.org/abc\u2026'],
    ['a wildcard', '*.example[.]org'],
    ['a handle', '@example and @example.org on a site'],
    ['a dot that is a word', 'the dot com era, a polka dot design, connect the dot in the middle'],
    ['a value of another length', `${MD5}0 and ${SHA256.slice(1)} and 0x${SHA1} and ${'1'.repeat(40)}`],
    [
      'a digest inside something',
      `https://scan.example.org/file/${SHA256} and ${MD5}.exe, /a/${MD5}, a_${MD5}, ${MD5}@example.org`,
    ],
    [
      'a digest of something else',
      `imphash: ${MD5}\nJA3: ${MD5}\ncommit - no\nCommit: ${SHA1}\nSSL certificate SHA1: ${SHA1}`,
    ],
    [
      'a digest of what is legitimate',
      `| File | Digest |\n|--|--|\n| a.exe (legitimate) | ${MD5} |\n\n- ${SHA1} (clean copy)`,
    ],
    [
      'a rule of YARA',
      `rule a : b\n{\n meta:\n  hash = "${MD5}"\n strings:\n  $a = "evil[.]example.org"\n condition:\n  $a\n}`,
    ],
    [
      'a rule of Sigma',
      `title: a\nlogsource:\n  product: dns\ndetection:\n  selection:\n    query: evil[.]example.org\n`,
    ],
    ['a rule of a network', 'alert dns any any -> any any (content:"evil[.]example.org"; sid:1;)'],
  ])('%s', async (_what, text) => {
    expect(await signalsOf(text)).toEqual([]);
  });
});

describe('an address in plain text is a signal', () => {
  it.each([
    [
      'under a heading',
      '## Malicious domains\n\nevil.example.org\nbad.example.org',
      ['evil.example.org', 'bad.example.org'],
    ],
    ['under words with a colon', 'It used these domains:\n- `evil.example.org`', ['evil.example.org']],
    [
      'behind a label',
      '- C2: a.example.org, b.example.org and c.example.org',
      ['a.example.org', 'b.example.org', 'c.example.org'],
    ],
    ['behind a label, as a URL', 'Malicious URL: https://a.example.org/x', ['https://a.example.org/x']],
    [
      'in a list of URLs',
      'Phishing URLs:\n\n- https://a.example.org/x\n- https://b.example.org/y',
      ['https://a.example.org/x', 'https://b.example.org/y'],
    ],
    ['in a column', '| Date | Domain |\n|--|--|\n| 2026 | a.example.org |', ['a.example.org']],
    ['behind the first cell of a row', '| x | |\n|--|--|\n| C&C | `a.example.org` |', ['a.example.org']],
    ['among others that stand alone', 'a.example.org\nb.example.org', ['a.example.org', 'b.example.org']],
    [
      'with what it was',
      'Domains:\n\na.example.org (since May)\nb.example.org - server',
      ['a.example.org', 'b.example.org'],
    ],
    ['in a block of code', '## Network indicators\n\n```\na.example.org\n192.0.2.1\n```', ['a.example.org']],
    ['in links to propaganda', 'Links to propaganda:\n\n* https://a.example.org/x', ['https://a.example.org/x']],
  ])('%s', async (_where, text, expected) => {
    expect(await signalsOf(text)).toEqual(expected);
  });

  it('ends with the sentence after what announced it', async () => {
    const text =
      'Domains:\n\na.example.org\nb.example.org\n\nMore can be found on the pages of the agency:\n\nwww.example.org';
    expect(await signalsOf(text)).toEqual(['a.example.org', 'b.example.org']);
  });
});

describe('a digest', () => {
  it.each([
    [`MD5 ${MD5}, SHA-1=${SHA1.toUpperCase()}; sha256:${SHA256}.`, [MD5, SHA1, SHA256]],
    [`${MD5}/${SHA1}/${SHA256}`, [MD5, SHA1, SHA256]],
    [`(${MD5}) **${SHA1}** \`${SHA256}\``, [MD5, SHA1, SHA256]],
    [`${MD5} a.exe\n${MD5.replace('9', '8')}\tb.exe`, [MD5, MD5.replace('9', '8')]],
  ])('is found in %s', async (text, expected) => {
    expect(await signalsOf(text)).toEqual(expected);
  });

  it('is a PDQ hash where the words or the submission say so, with its quality', async () => {
    const read = async (text: string, options = {}): Promise<unknown> =>
      (await readAll(textAdvisory, byteSource(text), options)).items[0];
    const pdq = { kind: 'candidate', position: 1, signals: [{ type: 'pdq', value: SHA256, quality: 88 }] };
    expect(await read(`PDQ: ${SHA256} (quality 88)`)).toEqual(pdq);
    expect(await read(`a ${SHA256}, quality: 88`, { signalType: 'pdq' })).toEqual(pdq);
    expect(await read(`a ${SHA256}`)).toMatchObject({ signals: [{ type: 'sha256' }] });
    expect(await read(`a ${MD5}`, { signalType: 'pdq' })).toMatchObject({ signals: [{ type: 'md5' }] });
  });
});

describe('a value on two lines is one', () => {
  it.each([
    ['a hash', `a ${SHA256.slice(0, 50)}\n  ${SHA256.slice(50)}\nafter ${MD5}`, [SHA256, MD5]],
    ['a name after its dot', 'calls evil[.]\nexample.org today', ['evil.example.org']],
    ['a name before its dot', 'calls evil\n[.]example.org today', ['evil.example.org']],
    [
      'angle brackets',
      '<hxxp://a[.]example.org/one\n/two> and hxxp://b[.]example.org',
      ['http://a.example.org/one/two', 'http://b.example.org/'],
    ],
  ])('%s', async (_what, text, expected) => {
    expect(await signalsOf(text)).toEqual(expected);
  });

  it.each([
    ['two hashes', `${MD5}\n${MD5.replace('9', '8')}`, [MD5, MD5.replace('9', '8')]],
    ['digits that make no hash', `${SHA256.slice(0, 50)}\n${SHA256.slice(51)}`, []],
    ['an address that may be whole', 'hxxp://a[.]example.org/one\n/two', ['http://a.example.org/one']],
  ])('but not %s', async (_what, text, expected) => {
    expect(await signalsOf(text)).toEqual(expected);
  });
});

it('counts what it passes over by kind, and says what is wrong', async () => {
  const text = [
    'Server 192.0.2.1',
    'Server 2001:db8::1',
    'Mail a@example.org',
    'CVE-2026-12345 was used',
    'See https://www.example.org/a',
    'hxxp://a[.]example.org/<id>',
    'ftp://a.example.org/',
    'a[.]nottld',
    'Nothing at all',
  ].join('\n');
  const kinds = [
    'ipv4-addr',
    'ipv6-addr',
    'email-addr',
    'vulnerability',
    'reference',
    'TOC_ITEM_VALUE',
    'other-scheme',
  ];
  expect(await kindsOf(text)).toEqual([...kinds, 'unknown-suffix']);
});

it('makes one item of a line, and of a value that is repeated one in each', async () => {
  const { items } = await readAll(
    textAdvisory,
    byteSource('a[.]example.org a[.]example.org\n\na[.]example.org b[.]example.org\n'),
  );
  expect(items).toEqual([
    { kind: 'candidate', position: 1, signals: [{ type: 'domain', value: 'a.example.org' }] },
    {
      kind: 'candidate',
      position: 3,
      signals: [
        { type: 'domain', value: 'a.example.org' },
        { type: 'domain', value: 'b.example.org' },
      ],
    },
  ]);
});

it('rejects a line that names more than it may', async () => {
  const line = Array.from({ length: 1_001 }, (_item, index) => `a${index}[.]example.org`).join(' ');
  expect(await kindsOf(`${line}\nb[.]example.org`)).toEqual(['TOC_ITEM_TOO_LONG', 'candidate']);
});
