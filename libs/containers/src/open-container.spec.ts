import { gzipSync } from 'node:zlib';
import { TocsinError } from '#libs/domain';
import { makeDocx, makeXlsx, paragraph, relations } from '../test/make-office.js';
import { makeZip } from '../test/make-zip.js';
import { OPENING_LIMITS } from './limits.js';
import { openContainer, type SaidBeside } from './open-container.js';
import { mayBeContainer } from './recognise-container.js';
import { storedDocument } from './stored-document.js';

const HASH = 'c0535e4be2b79ffd93291305436bf889314e4a3faec05ecffcbb7df31ad9e51a';
const PICTURE = Buffer.from('89504e470d0a1a0a0000000d49484452000000', 'hex');

interface Opened {
  documents: [name: string, format: string, text: string][];
  dropped: [name: string, kind: string][];
  aside: string;
}

async function opened(bytes: Buffer, said: SaidBeside = {}, limits = OPENING_LIMITS): Promise<Opened> {
  const { documents, dropped, aside } = await openContainer(bytes, said, limits);
  return {
    documents: documents.map(({ name, format, bytes: text }) => [name, format, Buffer.from(text).toString()]),
    dropped: dropped.map(({ name, kind }) => [name, kind]),
    aside: aside.toString(),
  };
}

async function refusal(bytes: Buffer, limits = OPENING_LIMITS): Promise<[code: string, why: unknown]> {
  try {
    await openContainer(bytes, {}, limits);
  } catch (thrown) {
    if (thrown instanceof TocsinError) return [thrown.code, thrown.facts['why']];
    throw thrown;
  }
  throw new Error('it was opened');
}

function mail(body: string, headers = 'Subject: a list'): Buffer {
  return Buffer.from(
    `From: desk@agency.example\r\nTo: intake@exchange.example\r\nMessage-ID: <1@agency.example>\r\nMIME-Version: 1.0\r\n${headers}\r\n${body}`,
  );
}

function attached(...parts: [name: string, type: string, bytes: string | Buffer][]): Buffer {
  const all = parts.map(
    ([name, type, bytes]) =>
      `--xyz\r\nContent-Type: ${type}\r\nContent-Disposition: attachment; filename="${name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(bytes).toString('base64')}\r\n`,
  );
  const text = '--xyz\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nPlease see the list.\r\n';
  return mail(
    `${text}${all.join('')}--xyz--\r\n`,
    'Subject: a list\r\nContent-Type: multipart/mixed; boundary=xyz\r\n',
  );
}

describe('a mail', () => {
  it('is read with its subject, and without its senders', async () => {
    const { documents, aside } = await opened(mail('\r\nhxxps://forum[.]example/t/1 is new.\r\n'));
    expect(documents).toEqual([['mail', 'text', 'Subject: a list\n\nhxxps://forum[.]example/t/1 is new.\n']]);
    expect(aside).toContain('desk@agency.example');
  });

  it('opens what is attached, once deep, and drops pictures by name', async () => {
    const sheet = makeXlsx({ 'List 1': [['sha256'], [HASH]] });
    const { documents, dropped } = await opened(
      attached(
        ['list.csv', 'text/csv', `url,note\nhttps://a.example/1,x\n`],
        ['table.xlsx', 'application/octet-stream', sheet],
        ['packed.txt.gz', 'application/gzip', gzipSync(`${HASH}\n`)],
        ['photo.png', 'image/png', PICTURE],
        [
          'deep.zip',
          'application/zip',
          makeZip([
            { name: 'inner.xlsx', bytes: sheet },
            { name: 'a.txt', bytes: HASH },
          ]),
        ],
        ['notes.bin', 'application/octet-stream', Buffer.from([1, 0, 255])],
        ['odd.json', 'application/json', '{"a": 1}'],
      ),
    );
    expect(documents.map(([name, format]) => [name, format])).toEqual([
      ['mail', 'text'],
      ['list.csv', 'csv-list'],
      ['table.xlsx › List 1', 'csv-list'],
      ['packed.txt.gz', 'value-list'],
      ['deep.zip › a.txt', 'value-list'],
    ]);
    expect(dropped).toEqual([
      ['photo.png', 'media'],
      ['deep.zip › inner.xlsx', 'nested-too-deep'],
      ['notes.bin', 'not-text'],
      ['odd.json', 'format-unknown'],
    ]);
  });

  it('in two ways is read once, with the links of the page', async () => {
    const body = [
      '--xyz\r\nContent-Type: text/plain\r\n\r\nSee https://a.example/1 and this.\r\n',
      '--xyz\r\nContent-Type: text/html\r\n\r\n<p>See <a href="https://a.example/1">https://a.example/1</a> and <a href="https://b.example/2">this</a>.</p>\r\n--xyz--\r\n',
    ].join('');
    const { documents } = await opened(
      mail(body, 'Subject: s\r\nContent-Type: multipart/alternative; boundary=xyz\r\n'),
    );
    expect(documents[0]?.[2]).toBe('Subject: s\n\nSee https://a.example/1 and this.\n<https://b.example/2>');
  });

  it('that is nested a thousand deep is refused', async () => {
    let headers = 'Subject: s';
    let body = '';
    for (let level = 0; level < 1000; level += 1) {
      const type = `Content-Type: multipart/mixed; boundary=b${level}\r\n`;
      if (level === 0) headers = `Subject: s\r\n${type}`;
      else body += `${type}\r\n`;
      body += `--b${level}\r\n`;
    }
    expect(await refusal(mail(body, headers))).toEqual(['TOC_SUBMISSION_CONTAINER', 'nesting']);
  });

  it.each([
    [
      'quoted-printable without an end',
      `Subject: s\r\nContent-Transfer-Encoding: quoted-printable\r\n`,
      '=\r\n'.repeat(100_000) + 'a =',
    ],
    [
      'Base64 that is none',
      'Subject: s\r\nContent-Transfer-Encoding: base64\r\n',
      '!!!! not Base64 !!!!\r\n'.repeat(1000),
    ],
    [
      'a character set that nobody knows',
      'Subject: s\r\nContent-Type: text/plain; charset=x-none\r\n',
      'some words\r\n',
    ],
    ['a boundary that never comes', 'Subject: s\r\nContent-Type: multipart/mixed; boundary=zzz\r\n', 'some words\r\n'],
    ['an encoded subject without an end', `Subject: ${'=?utf-8?q?'.repeat(5000)}\r\n`, 'some words\r\n'],
  ])('with %s is read or refused', async (_name, headers, body) => {
    const result = await opened(mail(body, headers)).catch((thrown: unknown) => thrown);
    if (result instanceof Error) expect(result).toBeInstanceOf(TocsinError);
  });

  it('is told by its fields, not by a word', () => {
    expect(mayBeContainer(mail('\r\nx'))).toBe(true);
    expect(mayBeContainer(mail('\r\nx'), { format: 'text' })).toBe(false);
    expect(mayBeContainer(mail('\r\nx'), { format: 'email' })).toBe(true);
    expect(mayBeContainer(Buffer.from('From: us\nTo: you\nSubject: none\n\nx'))).toBe(false);
    expect(mayBeContainer(Buffer.from(`${HASH}\n`))).toBe(false);
  });
});

describe('a page', () => {
  it('gives what it shows, and where its links lead', async () => {
    const page = `<!doctype html><html><head><title>Report</title><style>p{}</style><script>x("https://no.example")</script></head>
      <body><h1>Mirrors</h1><p>Seen &amp; <b>known</b>:<a href="https://a.example/1?x=1&amp;y=2">here</a></p>
      <table><tr><th>URL</th><th>note</th></tr><tr><td>https://b.example/2</td><td><p>new</p></td></tr></table>
      <ul><li>one</li><li>two</ul><p hidden>https://hidden.example/</p><div style="display: none">https://none.example/</div>
      <img src="data:image/png;base64,${PICTURE.toString('base64')}"><img src="https://pixel.example/1"><svg><text>x</text></svg>
      <pre>a\n  b</pre></body></html>`;
    const { documents, dropped } = await opened(Buffer.from(page));
    expect(documents[0]?.[2].split('\n').filter((line) => line !== '')).toEqual([
      'Report',
      '# Mirrors',
      'Seen & known:here <https://a.example/1?x=1&y=2>',
      '| URL | note |',
      '| https://b.example/2 | new |',
      '- one',
      '- two',
      'a',
      '  b',
    ]);
    expect(dropped).toEqual([
      ['img data:', 'media'],
      ['1 script(s)', 'script'],
    ]);
  });

  it.each([
    ['windows-1252', Buffer.from('<html><body>caf\xe9</body></html>', 'latin1'), 'café'],
    ['what it says', Buffer.from('<html><meta charset="iso-8859-7"><body>\xe1\xe2</body></html>', 'latin1'), 'αβ'],
    ['UTF-8', Buffer.from('<html><body>é</body></html>'), 'é'],
  ])('is decoded as %s', async (_name, page, text) => {
    expect((await opened(page)).documents[0]?.[2].trim()).toBe(text);
  });

  it.each([
    ['200,000 elements deep', `<html>${'<div>'.repeat(200_000)}word`],
    ['never ending a tag', `<html><p>word<a href="${'x'.repeat(1_000_000)}`],
    ['ending what never began', `<html>word${'</div></a></tr>'.repeat(100_000)}`],
    ['links in links', `<html>${'<a href="https://a.example/1">word'.repeat(20_000)}`],
  ])('%s is read or refused in time', async (_name, page) => {
    const started = Date.now();
    const result = await opened(Buffer.from(page)).catch((thrown: unknown) => thrown);
    if (result instanceof Error) expect(result).toMatchObject({ code: 'TOC_SUBMISSION_CONTAINER' });
    else expect((result as Opened).documents[0]?.[2]).toContain('word');
    expect(Date.now() - started).toBeLessThan(5000);
  });
});

describe('a spreadsheet', () => {
  it('gives each sheet as a table, a row a line', async () => {
    const { documents } = await opened(
      makeXlsx({
        hashes: [['sha256', 'note'], [HASH, 'a, "b"'], [], ['', 'alone']],
        words: [
          ['Wer weiß', 'was'],
          ['see hxxps://a[.]example/1', 'x'],
        ],
        empty: [],
      }),
    );
    expect(documents).toEqual([
      ['hashes', 'csv-list', `sha256,note\n${HASH},"a, ""b"""\n\n,alone\n`],
      ['words', 'text', '| Wer weiß | was |\n| see hxxps://a[.]example/1 | x |\n'],
    ]);
  });

  it('is read by the columns that were named', async () => {
    const table = makeXlsx({
      one: [
        ['x', 'y'],
        ['https://a.example/1', '2'],
      ],
    });
    expect((await opened(table, { hasColumns: true })).documents[0]?.[1]).toBe('csv-list');
  });

  it('loses its pictures, macros and links to other files, and its properties are only looked at', async () => {
    const { dropped, aside, documents } = await opened(
      makeXlsx({ one: [['url'], ['https://a.example/1']] }, [
        { name: 'xl/media/image1.png', bytes: PICTURE },
        { name: 'xl/vbaProject.bin', bytes: 'x' },
        { name: 'xl/externalLinks/externalLink1.xml', bytes: '<a/>' },
        { name: 'xl/embeddings/oleObject1.bin', bytes: 'x' },
        { name: 'xl/styles.xml', bytes: '<a/>' },
        { name: 'docProps/custom.xml', bytes: '<p><property name="Classification"><v>SECRET</v></property></p>' },
      ]),
    );
    expect(dropped.map(([, kind]) => kind)).toEqual(['media', 'macro', 'embedded-object', 'embedded-object']);
    expect(aside).toBe('Classification: SECRET');
    expect(documents).toHaveLength(1);
  });

  it.each([
    [
      'billion laughs',
      '<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;">]><sst><si><t>&b;</t></si></sst>',
      'doctype',
    ],
    [
      'an entity from outside',
      '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><sst><si><t>&x;</t></si></sst>',
      'doctype',
    ],
    ['an entity that nobody declared', '<sst><si><t>&x;</t></si></sst>', 'broken'],
    ['elements a million deep', `<sst>${'<a>'.repeat(1_000_000)}`, 'nesting'],
    ['half of it missing', '<sst><si><t>a', 'broken'],
  ])('with %s is refused', async (_name, strings, why) => {
    const table = makeXlsx({ one: [['url']] }, [{ name: 'xl/sharedStrings.xml', bytes: strings }]);
    const first = makeZip([
      { name: '[Content_Types].xml', bytes: 'x' },
      { name: 'xl/workbook.xml', bytes: '<workbook/>' },
      { name: 'xl/sharedStrings.xml', bytes: strings },
    ]);
    expect(await refusal(first)).toEqual(['TOC_SUBMISSION_CONTAINER', why]);
    expect(table.length).toBeGreaterThan(0);
  });

  it('in which many cells repeat one long text is refused', async () => {
    const long = 'x'.repeat(1_000_000);
    const cells = '<c t="s"><v>0</v></c>'.repeat(200);
    const table = makeZip([
      { name: '[Content_Types].xml', bytes: 'x' },
      { name: 'xl/workbook.xml', bytes: '<workbook><sheets><sheet name="a" r:id="s"/></sheets></workbook>' },
      { name: 'xl/_rels/workbook.xml.rels', bytes: relations({ id: 's', type: 'worksheet', target: 's.xml' }) },
      { name: 'xl/sharedStrings.xml', bytes: `<sst><si><t>${long}</t></si></sst>` },
      { name: 'xl/s.xml', bytes: `<worksheet><sheetData><row r="1">${cells}</row></sheetData></worksheet>` },
    ]);
    expect((await refusal(table))[0]).toBe('TOC_SUBMISSION_TOO_LARGE');
  });
});

describe('a text document', () => {
  it('gives its paragraphs, tables and links, and what stands above its pages first', async () => {
    const body = [
      paragraph('Mirrors', '<w:pStyle w:val="Heading2"/>'),
      `<w:p><w:r><w:t>See </w:t></w:r><w:hyperlink r:id="l"><w:r><w:t>this page</w:t></w:r></w:hyperlink></w:p>`,
      `<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:t>kept</w:t></w:r></w:p>`,
      `<w:tbl><w:tr><w:tc>${paragraph('URL')}</w:tc><w:tc>${paragraph('note')}</w:tc></w:tr><w:tr><w:tc>${paragraph('https://b.example/2')}</w:tc><w:tc>${paragraph('a')}${paragraph('b')}</w:tc></w:tr></w:tbl>`,
      `<w:p><w:r><w:instrText> HYPERLINK "https://c.example/3" </w:instrText></w:r><w:r><w:t>there</w:t></w:r></w:p>`,
    ].join('');
    const { documents, dropped } = await opened(
      makeDocx(body, [
        {
          name: 'word/_rels/document.xml.rels',
          bytes: relations({ id: 'l', type: 'hyperlink', target: 'https://a.example/1?x=1&y=2', isExternal: true }),
        },
        { name: 'word/header1.xml', bytes: `<w:hdr xmlns:w="w">${paragraph('TLP:AMBER')}</w:hdr>` },
        { name: 'word/comments.xml', bytes: `<w:comments xmlns:w="w">${paragraph('https://no.example')}</w:comments>` },
        { name: 'word/media/image1.png', bytes: PICTURE },
        { name: 'word/vbaProject.bin', bytes: 'x' },
      ]),
    );
    expect(documents[0]?.[2].split('\n').filter((line) => line !== '')).toEqual([
      'TLP:AMBER',
      '## Mirrors',
      'See this page <https://a.example/1?x=1&y=2>',
      'kept',
      '| URL | note |',
      '| https://b.example/2 | a b |',
      'there <https://c.example/3>',
    ]);
    expect(dropped.map(([name, kind]) => [name.split('/').at(-1), kind])).toEqual([
      ['comments.xml', 'comments'],
      ['image1.png', 'media'],
      ['vbaProject.bin', 'macro'],
    ]);
  });
});

describe('an archive', () => {
  it('gives its files', async () => {
    const { documents, dropped } = await opened(
      makeZip([
        { name: 'folder/', bytes: '' },
        { name: 'folder/list.txt', bytes: `${HASH}\n` },
        { name: '__MACOSX/folder/._list.txt', bytes: 'x' },
        { name: 'folder/photo.jpg', bytes: Buffer.from('ffd8ffe000', 'hex') },
        { name: 'locked.txt', bytes: 'x', flags: 1 },
      ]),
    );
    expect(documents).toEqual([['folder/list.txt', 'value-list', `${HASH}\n`]]);
    expect(dropped).toEqual([
      ['folder/photo.jpg', 'media'],
      ['locked.txt', 'encrypted'],
    ]);
  });

  const zeros = Buffer.alloc(65 * 1024 * 1024);
  it.each([
    ['a file of zeros', () => makeZip([{ name: 'a', bytes: zeros }]), 'TOC_SUBMISSION_TOO_LARGE', 'ratio'],
    [
      'many files of zeros',
      () => makeZip(Array.from({ length: 40 }, (_none, n) => ({ name: `${n}`, bytes: zeros.subarray(0, 2_000_000) }))),
      'TOC_SUBMISSION_TOO_LARGE',
      'inside',
    ],
    [
      'a file longer than it says',
      () => makeZip([{ name: 'a', bytes: 'x'.repeat(100_000), saidSize: 10 }]),
      'TOC_SUBMISSION_CONTAINER',
      'broken',
    ],
    ['a way out', () => makeZip([{ name: '../../etc/passwd', bytes: 'x' }]), 'TOC_SUBMISSION_CONTAINER', 'path'],
    ['an absolute name', () => makeZip([{ name: '/etc/passwd', bytes: 'x' }]), 'TOC_SUBMISSION_CONTAINER', 'path'],
    [
      'too many entries',
      () => makeZip(Array.from({ length: 5000 }, (_none, n) => ({ name: `${n}`, bytes: '' }))),
      'TOC_SUBMISSION_CONTAINER',
      'entries',
    ],
    [
      'nothing but a lock',
      () => makeZip([{ name: 'a', bytes: 'x', flags: 1 }]),
      'TOC_SUBMISSION_CONTAINER',
      'encrypted',
    ],
    ['nothing', () => makeZip([]), 'TOC_SUBMISSION_CONTAINER', 'nothing'],
    ['half of it', () => makeZip([{ name: 'a', bytes: HASH }]).subarray(0, 60), 'TOC_SUBMISSION_CONTAINER', 'broken'],
  ])('with %s is refused', async (_name, make, code, why) => {
    expect(await refusal(make())).toEqual([code, why]);
  });
});

it('tells which positions belong to which document', async () => {
  const stored = storedDocument(await openContainer(attached(['list.csv', 'text/csv', `url\nhttps://a.example/1\n`])));
  expect(stored.format).toBe('opened-container');
  expect(stored.contents.documents).toEqual([
    { name: 'mail', format: 'text', positions: { from: 1, to: 4 } },
    { name: 'list.csv', format: 'csv-list', positions: { from: 5, to: 7 } },
  ]);
});
